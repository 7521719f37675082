//! The binary `roster`.

use std::process::ExitCode;

use clap::Parser;
use roster_api::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    roster_entity::crash_point::arm();
    Cli::parse().run().unwrap_or_else(|error| {
        eprintln!("roster: {error:#}");
        ExitCode::FAILURE
    })
}
