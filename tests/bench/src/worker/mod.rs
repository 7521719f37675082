//! Emails: how many a second leave a full outbox, with a relay that answers at once and with one that takes its time; and
//! how long one takes when nothing else happens.

mod bare;
mod latency;
mod outbox;
mod queue;
mod report;
mod run;

use anyhow::{Result, ensure};

use self::bare::Bare;
pub(crate) use self::{
    outbox::{Outbox, Source},
    run::{Sent, run as send_all},
};
use crate::{
    mail::Relay,
    options::Options,
    seed::{self, Block, Seeds},
    site::Site,
};

/// How long the slow relay takes for each answer, in milliseconds.
const DELAY: u64 = 5;

/// Who gets the emails.
pub(crate) struct Blocks {
    /// As many as the outbox has emails.
    pub(crate) outbox: Block,
    /// One by one.
    latency: Block,
}

impl Blocks {
    pub(crate) fn plan(seeds: &mut Seeds, options: &Options) -> Self {
        let (outbox, latency) = if options.quick { (2_000, 50) } else { (20_000, 400) };
        Self { outbox: seeds.block(1, outbox), latency: seeds.block(1, latency) }
    }

    /// Puts them into the database.
    pub(crate) async fn insert(&self, site: &Site) -> Result<()> {
        seed::insert(&site.db, &self.outbox).await?;
        seed::insert(&site.db, &self.latency).await
    }
}

/// A way to send, and what was measured of it.
struct Way {
    name: &'static str,
    source: Source,
    /// How long the relay takes for each answer, in milliseconds.
    delay: u64,
    mails: u64,
    roster: Vec<Sent>,
    bare: Vec<Bare>,
}

impl Way {
    fn new(name: &'static str, source: Source, delay: u64, mails: u64) -> Self {
        Self { name, source, delay, mails, roster: Vec::new(), bare: Vec::new() }
    }
}

/// Measures, and prints.
pub(crate) async fn run(site: &Site, blocks: &Blocks, token: &str) -> Result<()> {
    let commit_timestamps = site.postgres_setting("track_commit_timestamp").await?;
    ensure!(commit_timestamps == "on", "PostgreSQL needs track_commit_timestamp=on, as `make bench` sets it");
    let (instant, slow) = (Relay::start(site, 0).await?, Relay::start(site, DELAY).await?);
    let outbox = Outbox::new(site, &blocks.outbox);
    let (all, cores) = (blocks.outbox.size(), std::thread::available_parallelism()?.get() as u64);
    let mut ways = [
        Way::new("instant, ids in the queue", Source::Queue, 0, all),
        Way::new("instant, ids found by the sweep", Source::Sweep, 0, all),
        Way::new("5 ms for each answer", Source::Queue, DELAY, all / 10),
    ];
    for round in 1..=site.options.rounds().min(3) {
        for way in &mut ways {
            eprintln!("worker: round {round}, {}", way.name);
            let relay = if way.delay == 0 { &instant } else { &slow };
            outbox.fill(way.source, way.mails).await?;
            let sent = send_all(site, relay, &outbox, way.mails, 1).await?;
            let connections = if way.delay == 0 { cores } else { sent.connections };
            way.bare.push(Bare::run(site, relay, &sent.mail, way.mails, connections).await?);
            way.roster.push(sent);
        }
    }
    outbox.clear().await?;
    eprintln!("worker: one email after the other");
    let latencies = latency::measure(site, &instant, &blocks.latency, token).await?;
    instant.stop().await?;
    slow.stop().await?;
    eprintln!("worker: redis-benchmark");
    let queue = queue::measure(site).await?;
    report::print(&ways, &latencies, &queue);
    Ok(())
}
