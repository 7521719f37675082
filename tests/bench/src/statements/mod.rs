//! The statements that Roster sends to PostgreSQL: as PostgreSQL logs them, and as a script that pgbench runs.

mod connection;
mod log;
mod script;

use anyhow::{Result, ensure};

pub(crate) use self::{
    connection::options_of_connections,
    log::Statement,
    script::{Script, Substitute},
};
use crate::{roster::Server, site::Site};

/// A `roster serve` whose statements are logged. It is another one than that which is measured, as logging costs time.
pub(crate) struct Witness {
    server: Server,
    log: std::path::PathBuf,
}

/// Tells a person what Roster sends.
pub(crate) fn show(site: &Site, what: &str, statements: &[Statement]) {
    if site.options.statements {
        eprintln!("{what}:");
        for statement in statements {
            eprintln!("    {};", statement.text);
        }
    }
}

impl Witness {
    /// Starts it.
    pub(crate) async fn start(site: &Site, token: &str) -> Result<Self> {
        let mut command = site.roster(&["serve"]);
        let url = format!("{}?sslmode=disable&options[log_statement]=all", site.database);
        command.env("ROSTER_DATABASE__URL", url).env("ROSTER_QUEUE__KEY", "roster-bench:of-the-witness");
        let server = site.serve_as(command, token).await?;
        Ok(Self { server, log: site.postgres_log.clone() })
    }

    /// The statements of one request, and its answer.
    pub(crate) async fn statements_of(&self, request: &[u8]) -> Result<(Vec<Statement>, serde_json::Value)> {
        let before = std::fs::metadata(&self.log)?.len();
        let answer = self.server.ask(request).await?;
        // PostgreSQL logs a statement before it runs it, so that all are there that the answer needed.
        let statements = log::statements(&log::read_from(&self.log, before)?);
        ensure!(!statements.is_empty(), "{} has no statements in it", self.log.display());
        Ok((statements, answer))
    }

    /// Ends it.
    pub(crate) async fn stop(self) -> Result<()> {
        self.server.process.stop().await
    }
}
