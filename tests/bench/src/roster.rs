//! The `roster` that is measured: real processes with the settings of production.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::{
    cpu,
    http::{self, Connection},
    process::{self, Process},
    seed::ADMIN,
    site::Site,
};

/// The Redis list of ids.
pub(crate) const QUEUE: &str = "roster-bench:notifications";

/// `roster serve`.
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// The memory that it has now, in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        cpu::memory_of(self.process.id()?)
    }

    /// One answer without an error, as JSON.
    pub(crate) async fn ask(&self, request: &[u8]) -> Result<serde_json::Value> {
        let mut connection = Connection::open(self.address).await?;
        let (status, body) = connection.exchange(request).await?;
        let answer: serde_json::Value = serde_json::from_slice(body)
            .with_context(|| format!("{status}, and not JSON: {}", String::from_utf8_lossy(body)))?;
        ensure!(status == 200 && answer.get("errors").is_none(), "{status}: {answer}");
        Ok(answer)
    }
}

impl Site {
    /// `roster` with a subcommand. Only what must be set is; everything else has its default.
    pub(crate) fn roster(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.roster);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("ROSTER_HTTP__LISTEN", "127.0.0.1:0")
            .env("ROSTER_DATABASE__URL", &self.database)
            .env("ROSTER_DATABASE__CONNECTIONS", self.options.database_connections.to_string())
            .env("ROSTER_AUTH__HS256_SECRET", "the secret of a run that measures, and of nothing else")
            .env("ROSTER_QUEUE__URL", &self.redis)
            .env("ROSTER_QUEUE__KEY", QUEUE)
            .env("ROSTER_EVENTS__CHANNEL", "roster-bench:events")
            .env("ROSTER_INVITATIONS__LINK_KEY", "the key of a run that measures, and of nothing else")
            .env("ROSTER_INVITATIONS__LINK", "https://app.example.com/invitation#token={token}")
            .env("ROSTER_MAIL__FROM", "Acme Accounts <accounts@acme.example>")
            .env("ROSTER_MAIL__TRANSPORT", "smtp")
            .env("ROSTER_MAIL__SMTP__HOST", "127.0.0.1")
            .env("ROSTER_MAIL__SMTP__SECURITY", "none")
            .env("ROSTER_RATE_LIMITS__KEY", "roster-bench:limits");
        for limit in [
            "REQUESTS_PER_MINUTE",
            "FAILURES_PER_MINUTE",
            "ORGANIZATION_INVITATIONS_PER_HOUR",
            "RECIPIENT_INVITATIONS_PER_DAY",
        ] {
            command.env(format!("ROSTER_RATE_LIMITS__{limit}"), "0");
        }
        command
    }

    /// Makes the tables.
    pub(crate) async fn migrate(&self) -> Result<()> {
        process::run(self.roster(&["migrate"])).await.map(drop)
    }

    /// A token of the administrator of all organizations.
    pub(crate) async fn token(&self) -> Result<String> {
        let arguments = ["token", "--email", ADMIN.email, "--name", ADMIN.name];
        Ok(process::run(self.roster(&arguments)).await?.trim().to_owned())
    }

    /// Starts `roster serve`, and signs the administrator in.
    pub(crate) async fn serve(&self, token: &str) -> Result<Server> {
        self.serve_as(self.roster(&["serve"]), token).await
    }

    /// The same with another command.
    pub(crate) async fn serve_as(&self, command: Command, token: &str) -> Result<Server> {
        let mut process = Process::start(command, "roster-serve", self.folder.path())?;
        let address = process.says("address").await?;
        let address = address.trim_start_matches(['"', '=', ':']).trim_end_matches(['"', '}']);
        let address = address.parse().with_context(|| format!("not an address: {address}"))?;
        let server = Server { process, address };
        let viewer = http::graphql(token, "{ viewer { emailVerified } }", &serde_json::json!({}));
        server.ask(&viewer).await.context("the administrator cannot sign in")?;
        Ok(server)
    }
}
