//! `roster-bench`: what Roster costs, beside the limits of what it stands on. `make bench` runs it; `docs/PERFORMANCE.md`
//! has what it has printed.
//!
//! A run starts everything that it measures as processes of their own, with a database of its own: `roster serve` and
//! `roster worker`, and what they are compared with. Each figure is compared with one of the same round, on the same
//! servers. Before anything is measured, answers are looked through; while it is measured, an answer that is not good ends
//! the run; afterwards the database, or the mail server, must have what belongs to it.

mod cpu;
mod growth;
mod http;
mod idle;
mod load;
mod machine;
mod mail;
mod meter;
mod minimal;
mod options;
mod pgbench;
mod process;
mod reads;
mod roster;
mod seed;
mod site;
mod statements;
mod stats;
mod table;
mod worker;
mod writes;

use std::{process::ExitCode, time::Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{SignalKind, signal},
};

use self::{
    options::{Cli, Options, Part, Role},
    seed::Seeds,
    site::Site,
};

/// What `roster` has, so that what it is compared with has it too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.role {
        Some(Role::Minimal(args)) => many_threads().and_then(|runtime| runtime.block_on(minimal::run(args))),
        Some(Role::Relay(args)) => mail::relay::run(&args),
        Some(Role::BareMail(args)) => {
            many_threads().and_then(|runtime| runtime.block_on(mail::bare::run(args)))
        }
        None => one_thread().and_then(|runtime| runtime.block_on(until_interrupted(run(cli.options)))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("roster-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn many_threads() -> Result<Runtime> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}

/// For the load: it should cost little, and one core is more than what is measured can keep busy.
fn one_thread() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// Whatever was started is killed when the future is dropped.
async fn until_interrupted(work: impl Future<Output = Result<()>>) -> Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut hung_up = signal(SignalKind::hangup())?;
    tokio::select! {
        result = work => result,
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        _ = terminated.recv() => bail!("terminated"),
        _ = hung_up.recv() => bail!("the terminal is gone"),
    }
}

async fn run(options: Options) -> Result<()> {
    ensure!(cfg!(target_os = "linux"), "this needs Linux: it reads what processes use from /proc");
    let start = Instant::now();
    let site = Site::open(options).await?;
    let options = &site.options;
    site.migrate().await.context("the tables cannot be made")?;
    let token = site.token().await?;
    let mut seeds = Seeds::new(&options.sizes());
    let changes = writes::Blocks::plan(&mut seeds, options);
    let emails = worker::Blocks::plan(&mut seeds, options);
    let watched = idle::plan(&mut seeds);
    table::say(&format!("{}\n{}", machine::command(), machine::line(&site).await?));

    eprintln!("seeding");
    if options.has(Part::Reads) || options.has(Part::Growth) {
        for block in &seeds.sized {
            seed::insert(&site.db, block).await?;
        }
    }
    if options.has(Part::Reads) {
        seed::vacuum(&site.db).await?;
        // Before the others are there: who calls is then in as few organizations as most people are.
        reads::run(&site, &seeds, &token).await?;
    }
    eprintln!("seeding what is changed");
    if options.has(Part::Writes) {
        changes.insert(&site).await?;
    }
    if options.has(Part::Worker) || options.has(Part::Growth) {
        emails.insert(&site).await?;
    }
    if options.has(Part::Idle) {
        seed::insert(&site.db, &watched).await?;
    }
    seed::vacuum(&site.db).await?;
    eprintln!("  {} after {:.0} s", machine::database_size(&site).await?, start.elapsed().as_secs_f64());

    if options.has(Part::Writes) {
        writes::run(&site, &changes, &token).await?;
    }
    if options.has(Part::Worker) {
        worker::run(&site, &emails, &token).await?;
    }
    if options.has(Part::Idle) {
        idle::run(&site, &watched, &token).await?;
    }
    if options.has(Part::Growth) {
        growth::run(&site, &seeds, &emails, &token).await?;
    }
    eprintln!("done after {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}
