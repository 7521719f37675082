//! When nothing happens: CPU and memory of processes, what a thousand subscriptions need, and how fast a process starts.

mod start;
mod streams;

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::{process::Command, time::sleep};

use self::streams::Transport;
use crate::{
    cpu,
    mail::Relay,
    process::Process,
    seed::{Block, Seeds},
    site::Site,
    stats::Figure,
    table::{Table, heading, say},
};

/// How many subscriptions there are.
const SUBSCRIPTIONS: usize = 1_000;

/// The organization that is watched.
pub(crate) fn plan(seeds: &mut Seeds) -> Block {
    seeds.block(1, 100)
}

/// Measures, and prints.
pub(crate) async fn run(site: &Site, block: &Block, token: &str) -> Result<()> {
    heading("When nothing happens");
    eprintln!("idle: doing nothing");
    processes(site, token).await?;
    let mut table =
        Table::new(&["1,000 idle subscriptions over", "memory before MB", "memory with them MB", "more MB"]);
    for transport in [Transport::WebSocket, Transport::EventStream] {
        eprintln!("idle: {}", transport.name());
        let (before, with) = streams::memory(site, block, token, transport, SUBSCRIPTIONS).await?;
        let megabytes = |bytes: u64| Figure(bytes as f64 / 1e6).to_string();
        let more = megabytes(with.saturating_sub(before));
        table.row([transport.name().to_owned(), megabytes(before), megabytes(with), more]);
    }
    table.print();
    eprintln!("idle: starting");
    start::print(site).await
}

/// CPU and memory of each kind of process.
async fn processes(site: &Site, token: &str) -> Result<()> {
    let time = Duration::from_secs(if site.options.quick { 5 } else { 30 });
    let relay = Relay::start(site, 0).await?;
    let server = site.serve(token).await?;
    let worker = site.worker(&relay).await?;
    let embedded = embedded(site).await?;
    let all = [
        ("`roster serve`", server.process.id()?),
        ("`roster worker`", worker.id()?),
        ("`roster`, the embedded default on SQLite", embedded.id()?),
    ];
    // What starting leaves to be done.
    sleep(Duration::from_secs(3)).await;
    let before = all.iter().map(|(_, process)| cpu::of(*process)).collect::<Result<Vec<_>>>()?;
    let postgres = cpu::of_family(site.postmaster)?;
    sleep(time).await;
    say(&format!("Processes that have nothing to do, in {} seconds, of one core:", time.as_secs()));
    let mut table = Table::new(&["process", "CPU %", "memory MB"]);
    let percent = |used: Duration| Figure(used.as_secs_f64() / time.as_secs_f64() * 100.0).to_string();
    for ((name, process), before) in all.into_iter().zip(before) {
        let memory = Figure(cpu::memory_of(process)? as f64 / 1e6).to_string();
        table.row([name.to_owned(), percent(cpu::of(process)? - before), memory]);
    }
    let postgres = cpu::of_family(site.postmaster)?.saturating_sub(postgres);
    table.row(["PostgreSQL, with these beside it".to_owned(), percent(postgres), String::new()]);
    table.print();
    for process in [server.process, worker, embedded] {
        process.stop().await?;
    }
    relay.stop().await
}

/// `roster` without a subcommand, in a folder of its own.
async fn embedded(site: &Site) -> Result<Process> {
    let folder = tempfile::tempdir_in(site.folder.path())?.keep();
    let mut command = Command::new(&site.roster);
    command.current_dir(folder).env_clear().env("ROSTER_HTTP__LISTEN", "127.0.0.1:0");
    let mut process = Process::start(command, "roster-embedded", site.folder.path())?;
    process.says("http://127.0.0.1:").await.context("the embedded default does not start")?;
    Ok(process)
}
