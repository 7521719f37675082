//! The command line: `roster` and its subcommands.

mod client;
mod embedded;
mod export;
mod failure;
mod interrupt;
mod log;
mod members;
mod migrate;
mod output;
mod progress;
mod serve;
mod status;
mod token;
mod user;
mod worker;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::config::Config;

/// Roster keeps who belongs to which organization, invites people, removes members, and tells them by email.
///
/// Without a subcommand it starts everything in one process, for trying it out: SQLite and mail in the folder `data`, with
/// people to play with.
#[derive(Debug, Parser)]
#[command(name = "roster", version)]
pub struct Cli {
    /// A settings file. What can stand in it, and the defaults: roster.example.toml.
    #[arg(long, global = true, env = "ROSTER_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the GraphQL API.
    Serve,
    /// Start a worker, which sends the emails.
    Worker,
    /// Bring the database to the schema of this version.
    Migrate,
    /// Print the GraphQL schema.
    Schema,
    /// Mint a token: of a person, for development; or an API token, for a script.
    Token(token::Args),
    /// List, remove, invite and restore members, from scripts: calls the API of a running Roster.
    ///
    /// Ends with 0 if everything was done, with 1 if some were refused, with 2 if it could not run, and with 130 after
    /// Ctrl-C. Results go to standard output, everything else to standard error.
    #[command(subcommand)]
    Members(members::Command),
    /// Download the members, or the activity log, of an organization: calls the API of a running Roster.
    #[command(subcommand)]
    Export(export::Command),
    /// Export or erase all that Roster keeps about one person: for whoever runs it, on the database of the settings.
    #[command(subcommand)]
    User(user::Command),
}

impl Cli {
    /// Runs the command until it is done, or until SIGINT or SIGTERM.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Some(Command::Schema) => print!("{}", crate::graphql::sdl()),
            // They need no settings and keep no log, as they run where Roster does not.
            Some(Command::Members(command)) => return Ok(members::run(command)),
            Some(Command::Export(command)) => return Ok(export::run(command)),
            None => run(self.config, embedded::run)?,
            Some(Command::Serve) => run(self.config, serve::run)?,
            Some(Command::Worker) => run(self.config, worker::run)?,
            Some(Command::Migrate) => run(self.config, migrate::run)?,
            Some(Command::Token(args)) => run(self.config, |config| token::run(config, args))?,
            Some(Command::User(command)) => run(self.config, |config| user::run(config, command))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Runs what needs the settings.
fn run<F: Future<Output = anyhow::Result<()>>>(
    file: Option<PathBuf>,
    command: impl FnOnce(Config) -> F,
) -> anyhow::Result<()> {
    let config = Config::load(file.as_deref())?;
    log::start(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(command(config))
}

/// Listens, from the call on, for being asked to stop: by Ctrl-C or SIGTERM. Ends when that happens.
fn stop_signal() -> impl Future<Output = ()> + Send {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let [mut interrupt, mut terminate] = [SignalKind::interrupt(), SignalKind::terminate()]
            .map(|kind| signal(kind).expect("a signal handler can be installed"));
        async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
    }
    #[cfg(not(unix))]
    async {
        let _ = tokio::signal::ctrl_c().await;
    }
}
