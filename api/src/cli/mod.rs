//! The command line: `roster` and its subcommands.

mod embedded;
mod migrate;
mod serve;
mod token;
mod worker;

use std::{io::IsTerminal, path::PathBuf};

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::{Config, ConfigError, LogFormat};

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
}

impl Cli {
    /// Runs the command until it is done, or until SIGINT or SIGTERM.
    pub fn run(self) -> anyhow::Result<()> {
        if matches!(self.command, Some(Command::Schema)) {
            print!("{}", crate::graphql::sdl());
            return Ok(());
        }
        let config = Config::load(self.config.as_deref())?;
        start_log(&config)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            match self.command {
                None => embedded::run(config).await,
                Some(Command::Serve) => serve::run(config).await,
                Some(Command::Worker) => worker::run(config).await,
                Some(Command::Migrate) => migrate::run(config).await,
                Some(Command::Token(args)) => token::run(config, args).await,
                Some(Command::Schema) => unreachable!("answered above"),
            }
        })
    }
}

/// The log goes to standard error, so that the output of commands stays clean.
fn start_log(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::builder().parse(&config.log.filter).map_err(|e| {
        ConfigError::one(format!("log.filter should be like info or info,roster_worker=debug: {e}"))
    })?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match config.log.format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
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
