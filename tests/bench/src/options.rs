//! What a run can be told.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::{
    mail::{bare, relay},
    minimal,
};

/// Measures Roster beside the limits of what it stands on, in one run, and prints tables in Markdown.
///
/// `make bench` builds it and runs it with a PostgreSQL and a Redis server of its own. Figures mean something on a machine
/// that does nothing else. Nothing passes or fails on a time.
#[derive(Debug, Parser)]
#[command(name = "roster-bench", version)]
pub(crate) struct Cli {
    /// What it is when it starts itself again.
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
    #[command(flatten)]
    pub(crate) options: Options,
}

/// The processes beside a run.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// A minimal HTTP handler over the same rows.
    #[command(hide = true)]
    Minimal(minimal::Args),
    /// A mail server that keeps nothing.
    #[command(hide = true)]
    Relay(relay::Args),
    /// A bare loop that sends one email again and again.
    #[command(hide = true)]
    BareMail(bare::Args),
}

/// The parts of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Pages of members, and searches.
    Reads,
    /// Removals, one by one and as a list, and invitations.
    Writes,
    /// Emails.
    Worker,
    /// What is used when nothing happens, subscriptions, and starting.
    Idle,
    /// How it grows with members, connections and processes.
    Growth,
}

/// What is measured, and how long.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The parts to run; all but growth if none is named.
    #[arg(value_enum)]
    pub(crate) parts: Vec<Part>,
    /// Growth too.
    #[arg(long)]
    pub(crate) growth: bool,
    /// Small and short, to see that it works: the figures mean nothing.
    #[arg(long)]
    pub(crate) quick: bool,
    /// The statements too that Roster sends for each request.
    #[arg(long)]
    pub(crate) statements: bool,
    /// Sizes of organizations, in members, with commas. Default: 1000,100000,1000000; quick: 1000,10000.
    #[arg(long, value_delimiter = ',', value_name = "MEMBERS")]
    sizes: Vec<u64>,
    /// How often everything is measured, by turns. Default: 5; quick: 2.
    #[arg(long)]
    rounds: Option<usize>,
    /// How long each is measured in each round. Default: 2; quick: 0.5.
    #[arg(long)]
    seconds: Option<f64>,
    /// Connections of the clients.
    #[arg(long, default_value_t = 16)]
    pub(crate) connections: usize,
    /// Connections to PostgreSQL, of each process that is measured.
    #[arg(long, default_value_t = 10)]
    pub(crate) database_connections: u32,
    /// The `roster` to measure. Default: the one beside this program.
    #[arg(long, value_name = "FILE")]
    pub(crate) roster: Option<PathBuf>,
    /// Another build whose start is measured too. Default: the debug build, if there is one.
    #[arg(long, value_name = "FILE")]
    pub(crate) debug_roster: Option<PathBuf>,
    /// A PostgreSQL superuser and the maintenance database; tests/with-services gives it.
    #[arg(long, env = "ROSTER_TEST_POSTGRES_URL", hide_env_values = true)]
    pub(crate) postgres: Option<String>,
    /// The file that this PostgreSQL logs into.
    #[arg(long, env = "ROSTER_TEST_POSTGRES_LOG", hide_env_values = true)]
    pub(crate) postgres_log: Option<PathBuf>,
    /// The folder of PostgreSQL's programs.
    #[arg(long, env = "ROSTER_TEST_POSTGRES_PROGRAMS", hide_env_values = true)]
    pub(crate) postgres_programs: Option<PathBuf>,
    /// A Redis server.
    #[arg(long, env = "ROSTER_TEST_REDIS_URL", hide_env_values = true)]
    pub(crate) redis: Option<String>,
}

impl Options {
    /// Whether a part is to be run.
    pub(crate) fn has(&self, part: Part) -> bool {
        let all = self.parts.is_empty() && part != Part::Growth;
        all || self.parts.contains(&part) || (part == Part::Growth && self.growth)
    }

    /// The sizes of the organizations, in members, the smallest first.
    pub(crate) fn sizes(&self) -> Vec<u64> {
        let mut sizes = match (self.sizes.as_slice(), self.quick) {
            ([], false) => vec![1_000, 100_000, 1_000_000],
            ([], true) => vec![1_000, 10_000],
            (sizes, _) => sizes.to_vec(),
        };
        sizes.sort_unstable();
        sizes
    }

    /// How often everything is measured.
    pub(crate) fn rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 2 } else { 5 }).max(1)
    }

    /// How long each is measured in each round.
    pub(crate) fn duration(&self) -> std::time::Duration {
        let seconds = self.seconds.unwrap_or(if self.quick { 0.5 } else { 2.0 });
        std::time::Duration::from_secs_f64(seconds.clamp(0.1, 3600.0))
    }
}
