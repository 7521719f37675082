//! The bare loop: the limit of sending.

use anyhow::{Result, ensure};
use tokio::process::Command;

use crate::{cpu, mail::Relay, process, site::Site};

/// What it cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bare {
    /// Mails a second, by the relay's clock, from the first to the last.
    pub(super) rate: f64,
    /// Microseconds of CPU a mail, of the loop.
    pub(super) cpu: f64,
    /// Over so many connections.
    pub(super) connections: u64,
}

impl Bare {
    /// Sends an email so many times over so many connections.
    pub(super) async fn run(
        site: &Site,
        relay: &Relay,
        mail: &str,
        mails: u64,
        connections: u64,
    ) -> Result<Self> {
        relay.reset().await?;
        let file = tempfile::NamedTempFile::new_in(site.folder.path())?;
        std::fs::write(&file, mail)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bare-mail", "--relay"]).arg(relay.address.to_string());
        command.arg("--connections").arg(connections.to_string());
        command.arg("--mails").arg(mails.to_string()).arg("--mail").arg(file.path());
        let before = cpu::of_ended_children()?;
        process::run(command).await?;
        let used = cpu::of_ended_children()? - before;
        let report = relay.report().await?;
        ensure!(report.mails == mails, "of {mails} emails of the bare loop {} have arrived", report.mails);
        Ok(Self { rate: report.rate(), cpu: used.as_secs_f64() * 1e6 / mails as f64, connections })
    }
}
