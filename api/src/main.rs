//! The binary `roster`.

use std::process::ExitCode;

use clap::Parser;
use roster_api::cli::Cli;

fn main() -> ExitCode {
    Cli::parse().run().unwrap_or_else(|error| {
        eprintln!("roster: {error:#}");
        ExitCode::FAILURE
    })
}
