//! The limit of a worker: a loop that sends one email again and again over connections that stay open, and does nothing
//! else.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Result;
use lettre::{
    address::Envelope,
    transport::smtp::{client::AsyncSmtpConnection, extension::ClientId},
};
use tokio::{net::TcpStream, task::JoinSet};

/// What it sends.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(long)]
    relay: SocketAddr,
    #[arg(long)]
    connections: u64,
    #[arg(long)]
    mails: u64,
    /// The file with the email.
    #[arg(long)]
    mail: PathBuf,
}

/// Sends all of them.
pub(crate) async fn run(args: Args) -> Result<()> {
    let mail: &'static [u8] = std::fs::read(&args.mail)?.leak();
    let mut loops = JoinSet::new();
    for index in 0..args.connections {
        let share = args.mails / args.connections + u64::from(index < args.mails % args.connections);
        loops.spawn(send(args.relay, share, mail));
    }
    while let Some(done) = loops.join_next().await {
        done??;
    }
    Ok(())
}

async fn send(relay: SocketAddr, mails: u64, mail: &[u8]) -> Result<()> {
    let stream = TcpStream::connect(relay).await?;
    // Which lettre does not do: without it each mail waits 40 ms.
    stream.set_nodelay(true)?;
    let hello = ClientId::Domain("bench.example.com".to_owned());
    let mut connection = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await?;
    let envelope = Envelope::new(Some("accounts@acme.example".parse()?), vec!["bob@example.com".parse()?])?;
    for _ in 0..mails {
        connection.send(&envelope, mail).await?;
    }
    connection.quit().await?;
    Ok(())
}
