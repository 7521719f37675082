//! The binary `roster`.

use clap::Parser;
use roster_api::cli::Cli;

fn main() {
    if let Err(error) = Cli::parse().run() {
        eprintln!("roster: {error:#}");
        std::process::exit(1);
    }
}
