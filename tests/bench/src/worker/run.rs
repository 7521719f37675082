//! Worker processes that empty an outbox.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use tokio::time::{Instant, sleep};

use super::Outbox;
use crate::{mail::Relay, meter::Meter, process::Process, site::Site};

/// How long nothing may happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// What sending cost.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// Mails a second, by the relay's clock, from the first to the last.
    pub(crate) rate: f64,
    /// Microseconds of CPU a mail, of the workers.
    pub(crate) worker: f64,
    /// Microseconds of CPU a mail, of PostgreSQL.
    pub(crate) postgres: f64,
    /// The most connections that were in the middle of a mail at one time.
    pub(crate) connections: u64,
    /// The last mail.
    pub(crate) mail: String,
}

impl Site {
    /// Starts `roster worker`, which sends to a relay.
    pub(crate) async fn worker(&self, relay: &Relay) -> Result<Process> {
        let mut command = self.roster(&["worker"]);
        command.env("ROSTER_MAIL__SMTP__PORT", relay.address.port().to_string());
        let mut worker = Process::start(command, "roster-worker", self.folder.path())?;
        worker.says("working").await?;
        Ok(worker)
    }
}

/// Has so many workers send all emails of the outbox, which are so many. Each must arrive once.
pub(crate) async fn run(
    site: &Site,
    relay: &Relay,
    outbox: &Outbox<'_>,
    mails: u64,
    workers: usize,
) -> Result<Sent> {
    relay.reset().await?;
    let mut processes = Vec::new();
    for _ in 0..workers {
        processes.push(site.worker(relay).await?);
    }
    let ids = processes.iter().map(Process::id).collect::<Result<Vec<_>>>()?;
    let meter = Meter::start(&ids, site.postmaster)?;
    let before = relay.report().await?.mails;
    wait(relay, outbox, mails, &processes).await?;
    let (used, report) = (meter.used()?, relay.report().await?);
    for process in processes {
        process.stop().await?;
    }
    let (_, sent) = outbox.queued_and_sent().await?;
    ensure!(
        (report.mails, report.different, sent.unsigned_abs()) == (mails, mails, mails),
        "of {mails} emails the relay has got {}, {} different ones, and {sent} are down as sent",
        report.mails,
        report.different
    );
    let each = |time: Duration| time.as_secs_f64() * 1e6 / (mails - before) as f64;
    Ok(Sent {
        rate: report.rate(),
        worker: each(used.servers),
        postgres: each(used.postgres),
        connections: report.connections,
        mail: report.mail,
    })
}

/// Waits until all have arrived, and that is written down.
async fn wait(relay: &Relay, outbox: &Outbox<'_>, mails: u64, workers: &[Process]) -> Result<()> {
    let (mut arrived, mut since) = (0, Instant::now());
    loop {
        sleep(Duration::from_millis(100)).await;
        let now = relay.report().await?.mails;
        if now >= mails && outbox.queued_and_sent().await?.0 == 0 {
            return Ok(());
        }
        if now != arrived {
            (arrived, since) = (now, Instant::now());
        }
        if since.elapsed() > PATIENCE {
            let said: Vec<_> = workers.iter().map(|worker| last_lines(&worker.said())).collect();
            bail!("{arrived} of {mails} emails have arrived, and then no more:\n{}", said.join("\n"));
        }
    }
}

fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}
