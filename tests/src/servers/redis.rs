//! A Redis of a test's own.

use std::time::Duration;

use tempfile::TempDir;
use tokio::{process::Command, time::timeout};

use super::{ATTEMPTS, draw_port};
use crate::{
    Process,
    redis::{RedisChannel, ask},
};

/// Longer than Redis takes to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A Redis that keeps nothing.
pub struct RedisServer {
    port: u16,
    password: Option<String>,
    process: Option<Process>,
    folder: TempDir,
}

impl RedisServer {
    /// A new, empty one.
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    /// The same, which takes commands only from who has logged in with this password.
    pub async fn with_password(password: &str) -> Self {
        Self::start_with(Some(password.to_owned())).await
    }

    async fn start_with(password: Option<String>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut redis = Self { port: 0, password, process: None, folder };
        for _ in 0..ATTEMPTS {
            redis.port = draw_port();
            if redis.try_start().await {
                return redis;
            }
        }
        panic!("Redis does not start");
    }

    /// Its address.
    pub fn url(&self) -> String {
        let login = self.password.as_ref().map(|password| format!(":{password}@")).unwrap_or_default();
        format!("redis://{login}127.0.0.1:{}", self.port)
    }

    /// Loses everything.
    pub async fn flush_all(&self) {
        assert_eq!(self.ask("FLUSHALL").await, "+OK");
    }

    /// Puts entries at the end of a list.
    pub async fn push(&self, list: &str, entries: &[String]) {
        let answer = self.ask(&format!("RPUSH {list} {}", entries.join(" "))).await;
        assert!(answer.starts_with(':'), "{answer}");
    }

    /// How many entries a list has.
    pub async fn length(&self, list: &str) -> usize {
        let answer = self.ask(&format!("LLEN {list}")).await;
        answer.strip_prefix(':').and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{answer}"))
    }

    /// The names of all keys.
    pub async fn keys(&self) -> Vec<String> {
        const KEYS: &str = "return redis.status_reply(table.concat(redis.call('KEYS', '*'), ' '))";
        let answer = self.ask(&format!("EVAL \"{KEYS}\" 0")).await;
        let keys = answer.strip_prefix('+').unwrap_or_else(|| panic!("{answer}"));
        keys.split_whitespace().map(str::to_owned).collect()
    }

    /// Hears what is published on a channel, from now on.
    pub async fn hear(&self, channel: &str) -> RedisChannel {
        timeout(PATIENCE, RedisChannel::subscribe(&self.url(), channel)).await.expect("Redis answers in time")
    }

    /// Kills it at once: it loses everything, and nobody can connect.
    pub async fn kill(&mut self) {
        self.process.take().expect("it runs").kill().await;
    }

    /// Starts it after it was killed, at the same port.
    pub async fn start_again(&mut self) {
        assert!(self.process.is_none(), "it runs");
        assert!(self.try_start().await, "Redis does not start again");
    }

    /// Returns whether it could have the port.
    async fn try_start(&mut self) -> bool {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.arg("--port").arg(self.port.to_string()).arg("--dir").arg(self.folder.path());
        if let Some(password) = &self.password {
            command.args(["--requirepass", password]);
        }
        let process = Process::start(command);
        let is_ready = process.says_before_it_ends("Ready to accept connections").await.is_some();
        self.process = Some(process);
        is_ready
    }

    async fn ask(&self, command: &str) -> String {
        timeout(PATIENCE, ask(&self.url(), command)).await.expect("Redis answers in time")
    }
}
