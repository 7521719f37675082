//! The relay's process, and what it tells.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::Command,
};

use crate::{process::Process, site::Site};

/// A relay.
pub(crate) struct Relay {
    process: Process,
    pub(crate) address: SocketAddr,
}

/// What the relay has seen since it was reset.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    pub(crate) mails: u64,
    /// Different Message-IDs.
    pub(crate) different: u64,
    /// When the first mail came, in microseconds since 1970.
    first: Option<i64>,
    last: Option<i64>,
    /// The most connections that were in the middle of a mail at one time.
    pub(crate) connections: u64,
    /// The Message-ID of each mail and when it came, unless they are very many.
    pub(crate) received: Vec<(String, i64)>,
    /// The last mail.
    pub(crate) mail: String,
}

impl Relay {
    /// Starts one that takes so many milliseconds for each answer.
    pub(crate) async fn start(site: &Site, delay: u64) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["relay", "--delay"]).arg(delay.to_string());
        let mut process = Process::start(command, "relay", site.folder.path())?;
        let address = process.says("address=").await?.parse()?;
        Ok(Self { process, address })
    }

    /// Forgets everything.
    pub(crate) async fn reset(&self) -> Result<()> {
        self.tell("XRESET").await.map(drop)
    }

    /// What it has seen.
    pub(crate) async fn report(&self) -> Result<Report> {
        Ok(serde_json::from_str(&self.tell("XREPORT").await?)?)
    }

    /// Ends it.
    pub(crate) async fn stop(self) -> Result<()> {
        self.process.stop().await
    }

    async fn tell(&self, command: &str) -> Result<String> {
        let mut stream = BufReader::new(TcpStream::connect(self.address).await?);
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        stream.write_all(format!("{command}\r\n").as_bytes()).await?;
        line.clear();
        stream.read_line(&mut line).await?;
        let answer = line.trim().strip_prefix("250 ");
        Ok(answer.with_context(|| format!("the relay says {line:?} to {command}"))?.to_owned())
    }
}

impl Report {
    /// Mails a second, from the first to the last.
    pub(crate) fn rate(&self) -> f64 {
        let micros = self.last.unwrap_or_default() - self.first.unwrap_or_default();
        (self.mails as f64 - 1.0) / (micros as f64 / 1e6)
    }
}
