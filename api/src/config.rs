//! Roster's settings: one struct for each section of `roster.example.toml`, which is also the defaults. Nothing else in
//! Roster reads a settings file or the environment.

mod auth;

use std::{
    collections::HashMap,
    env,
    ffi::OsString,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use config::{Environment, File, FileFormat};
use roster_worker::{events, mail, queue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

use crate::http::{documents, guard::Limits};
pub use auth::{Auth, ClaimSettings, Fetch, KeySource};

/// The commented example file: documentation and defaults in one.
pub const DEFAULTS: &str = include_str!("../../roster.example.toml");

/// The most that a rate limit can be: it is counted in microseconds.
const MAX_RATE: u32 = 1_000_000;

/// The bytes that a secret needs at least: 256 bits.
const SECRET_BYTES: usize = 32;

/// What the defaults say for `roster` without a subcommand, and nobody means in production.
const EMBEDDED_DATABASE: &str = "sqlite://data/roster.db";
const EXAMPLE_SENDER: &str = "roster@example.com";

/// All settings. What each one means stands in `roster.example.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in roster.example.toml")]
pub struct Config {
    pub http: Http,
    pub limits: Limits,
    pub documents: documents::Config,
    pub database: Database,
    pub auth: Auth,
    pub rate_limits: RateLimits,
    pub invitations: Invitations,
    pub queue: queue::Config,
    pub events: events::Config,
    pub streams: Streams,
    pub worker: roster_worker::Config,
    pub mail: mail::Config,
    pub log: Log,
    pub development: Development,
}

/// `[http]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in roster.example.toml")]
pub struct Http {
    pub listen: SocketAddr,
    #[serde(deserialize_with = "list")]
    pub allowed_origins: Vec<String>,
    pub client_address_header: String,
    pub request_timeout_seconds: u64,
    pub max_body_bytes: usize,
    pub introspection: bool,
    pub playground: bool,
    pub playground_directory: PathBuf,
}

/// `[database]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in roster.example.toml")]
pub struct Database {
    pub url: SecretString,
    pub connections: u32,
    pub lock_timeout_seconds: u32,
}

/// `[rate_limits]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in roster.example.toml")]
pub struct RateLimits {
    pub requests_per_minute: u32,
    pub failures_per_minute: u32,
    pub organization_invitations_per_hour: u32,
    pub recipient_invitations_per_day: u32,
    pub key: String,
}

/// `[invitations]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in roster.example.toml")]
pub struct Invitations {
    pub link_key: SecretString,
    #[serde(deserialize_with = "secrets")]
    pub previous_link_keys: Vec<SecretString>,
    pub link: String,
    pub resend_interval_seconds: u32,
}

/// `[streams]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in roster.example.toml")]
pub struct Streams {
    pub connections: usize,
    pub connections_per_caller: usize,
    pub operations_per_socket: usize,
    pub init_timeout_seconds: u32,
    pub keep_alive_seconds: u32,
    pub send_timeout_seconds: u32,
    pub check_interval_seconds: u32,
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in roster.example.toml")]
pub struct Log {
    pub filter: String,
    pub format: LogFormat,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// `[development]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in roster.example.toml")]
pub struct Development {
    pub secrets_file: PathBuf,
}

/// The processes, by what they need of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    /// `roster`: everything in one process.
    Embedded,
    /// `roster serve`
    Serve,
    /// `roster worker`
    Worker,
    /// `roster migrate`
    Migrate,
}

impl From<roster_worker::ConfigError> for ConfigError {
    fn from(error: roster_worker::ConfigError) -> Self {
        Self::one(error.to_string())
    }
}

/// What is wrong with the settings, each thing with its name and what it should be.
#[derive(Debug, thiserror::Error)]
#[error("The settings are not complete or not right:\n{}", .0.iter().map(|p| format!("  - {p}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError(Vec<String>);

impl Config {
    /// The defaults, then the file (`--config`, or `ROSTER_CONFIG`), then the environment.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        // Variables that are not Unicode are none of ours.
        let unicode =
            |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        Self::from_sources(file, env::vars_os().filter_map(unicode).collect())
    }

    fn from_sources(file: Option<&Path>, variables: HashMap<String, String>) -> Result<Self, ConfigError> {
        let mut sources = config::Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Some(file) = file {
            let text = fs::read_to_string(file)
                .map_err(|e| ConfigError::one(format!("cannot read the file {}: {e}", file.display())))?;
            sources = sources.add_source(File::from_str(&text, FileFormat::Toml));
        }
        // A setting's variable has a section, and so two underscores; others (ROSTER_CONFIG) are not settings.
        let settings = variables.into_iter().filter(|(name, _)| name.contains("__")).collect();
        let environment =
            Environment::with_prefix("ROSTER").prefix_separator("_").separator("__").source(Some(settings));
        auth::with_defaults_of_others(sources.add_source(environment))
            .and_then(|sources| sources.build()?.try_deserialize())
            .map_err(|e| ConfigError::one(without_excerpt(&e.to_string())))
    }

    /// Checks what no single setting can tell, for one kind of process.
    pub fn check(&self, process: Process) -> Result<(), ConfigError> {
        let mut problems = Vec::new();
        let mut need = |holds: bool, problem: &str| {
            if !holds {
                problems.push(problem.to_owned());
            }
        };
        let url = self.database.url.expose_secret();
        need(
            url.starts_with("sqlite://")
                || url.starts_with("postgres://")
                || url.starts_with("postgresql://"),
            "database.url should be sqlite://path/to/file or postgres://user:password@host:5432/database.",
        );
        need(self.database.connections > 0, "database.connections should be at least 1.");
        need(self.database.lock_timeout_seconds > 0, "database.lock_timeout_seconds should be at least 1.");
        need(self.http.request_timeout_seconds > 0, "http.request_timeout_seconds should be at least 1.");
        let RateLimits {
            requests_per_minute: requests,
            failures_per_minute: failures,
            organization_invitations_per_hour: organization,
            recipient_invitations_per_day: recipient,
            ..
        } = self.rate_limits;
        need(
            [requests, failures, organization, recipient].into_iter().all(|count| count <= MAX_RATE),
            "rate_limits: each count should be at most 1000000, or 0 for no limit.",
        );
        need(self.http.max_body_bytes > 0, "http.max_body_bytes should be at least 1.");
        for (name, value) in self.streams.numbers() {
            need(value > 0, &format!("streams.{name} should be at least 1."));
        }
        if process != Process::Embedded {
            need(
                url != EMBEDDED_DATABASE,
                "database.url (ROSTER_DATABASE__URL) should be postgres://user:password@host:5432/database.",
            );
        }
        if process == Process::Embedded {
            need(
                self.http.listen.ip().is_loopback(),
                "http.listen should be an address of this machine (127.0.0.1:8080): `roster` without a subcommand is for trying Roster out, and lets everybody who reaches it sign in. For others, use `roster serve` and `roster worker`.",
            );
        } else if process != Process::Migrate {
            need(
                self.invitations.link.contains("{token}"),
                "invitations.link (ROSTER_INVITATIONS__LINK) should be the page of your product that an invitation link opens, with {token} in it: https://app.example.com/invitation#token={token}",
            );
            need(
                long_enough(&self.invitations.link_key),
                "invitations.link_key (ROSTER_INVITATIONS__LINK_KEY) should be a secret of at least 32 bytes, for instance from `openssl rand -hex 32`.",
            );
            need(
                self.invitations.previous_link_keys.iter().all(long_enough),
                "invitations.previous_link_keys (ROSTER_INVITATIONS__PREVIOUS_LINK_KEYS) should be the keys that invitations.link_key had before, each of at least 32 bytes and without a comma.",
            );
            need(
                !self.queue.is_in_process(),
                "queue.url (ROSTER_QUEUE__URL) should be redis://host:6379: the in-process queue reaches from the API to the worker only where one process is both, as `roster` without a subcommand.",
            );
        }
        if process == Process::Worker {
            need(
                self.mail.transport == mail::TransportKind::Smtp,
                "mail.transport (ROSTER_MAIL__TRANSPORT) should be smtp, with mail.smtp.host: with files, nobody would get an email.",
            );
            need(
                !self.mail.from.contains(EXAMPLE_SENDER),
                "mail.from (ROSTER_MAIL__FROM) should be a sender of yours: Acme <no-reply@acme.com>.",
            );
        }
        if matches!(process, Process::Serve | Process::Embedded) {
            problems.extend(self.auth.problems(process));
        }
        problems.extend(self.limits.problems());
        problems.extend(self.documents.problems());
        if problems.is_empty() { Ok(()) } else { Err(ConfigError(problems)) }
    }
}

impl ConfigError {
    /// One thing that is wrong.
    pub fn one(problem: impl Into<String>) -> Self {
        Self(vec![problem.into()])
    }
}

impl Invitations {
    /// The address that an invitation link has: the one of the settings, or the page of the embedded default.
    pub fn link_template(&self, listen: SocketAddr) -> String {
        if self.link.is_empty() {
            format!("http://{listen}/invitation#token={{token}}")
        } else {
            self.link.clone()
        }
    }
}

impl Streams {
    fn numbers(&self) -> [(&'static str, usize); 7] {
        let seconds = |seconds: u32| seconds as usize;
        [
            ("connections", self.connections),
            ("connections_per_caller", self.connections_per_caller),
            ("operations_per_socket", self.operations_per_socket),
            ("init_timeout_seconds", seconds(self.init_timeout_seconds)),
            ("keep_alive_seconds", seconds(self.keep_alive_seconds)),
            ("send_timeout_seconds", seconds(self.send_timeout_seconds)),
            ("check_interval_seconds", seconds(self.check_interval_seconds)),
        ]
    }

    /// How long a new WebSocket may take to say who calls.
    pub fn init_timeout(&self) -> Duration {
        Duration::from_secs(self.init_timeout_seconds.into())
    }

    /// How often something is sent where nothing happens.
    pub fn keep_alive(&self) -> Duration {
        Duration::from_secs(self.keep_alive_seconds.into())
    }

    /// How long a client may take to read.
    pub fn send_timeout(&self) -> Duration {
        Duration::from_secs(self.send_timeout_seconds.into())
    }

    /// How often a subscriber's access is looked at where nothing happens.
    pub fn check_interval(&self) -> Duration {
        Duration::from_secs(self.check_interval_seconds.into())
    }
}

impl Http {
    /// How long one request may take.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_seconds)
    }
}

fn long_enough(secret: &SecretString) -> bool {
    secret.expose_secret().len() >= SECRET_BYTES
}

/// The same of secrets.
fn secrets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SecretString>, D::Error> {
    Ok(list(deserializer)?.into_iter().map(SecretString::from).collect())
}

/// What is wrong with a TOML text, without the line that is shown with it: a password may stand there.
fn without_excerpt(message: &str) -> String {
    let is_excerpt =
        |line: &str| line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').starts_with('|');
    message.lines().filter(|line| !is_excerpt(line)).collect::<Vec<_>>().join(": ")
}

/// A list, or (in the environment) one text with commas.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum List {
        Many(Vec<String>),
        Text(String),
    }
    Ok(match List::deserialize(deserializer)? {
        List::Many(items) => items,
        List::Text(text) => {
            text.split(',').map(str::trim).filter(|s| !s.is_empty()).map(String::from).collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let variables = variables.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        Config::from_sources(None, variables)
    }

    #[test]
    fn the_example_file_is_complete_and_right() {
        load(&[]).unwrap().check(Process::Embedded).unwrap();
    }

    #[test]
    fn the_environment_wins_and_its_texts_stay_as_they_are() {
        let config = load(&[
            ("ROSTER_CONFIG", "not a setting"),
            ("ROSTER_HTTP__LISTEN", "0.0.0.0:80"),
            ("ROSTER_HTTP__ALLOWED_ORIGINS", "https://a.example, https://b.example"),
            ("ROSTER_MAIL__SMTP__PASSWORD", "0123"),
            ("ROSTER_DATABASE__CONNECTIONS", "3"),
        ])
        .unwrap();
        assert_eq!(config.http.listen.port(), 80);
        assert_eq!(config.http.allowed_origins, ["https://a.example", "https://b.example"]);
        assert_eq!(config.mail.smtp.password.expose_secret(), "0123");
        assert_eq!(config.database.connections, 3);
    }

    #[test]
    fn a_wrong_setting_is_named() {
        for (name, value, named) in [
            ("ROSTER_HTTP__LISTEN", "somewhere", "http.listen"),
            ("ROSTER_DATABASE__CONNECTIONS", "many", "database.connections"),
            ("ROSTER_HTTP__LISTNE", "127.0.0.1:80", "listne"),
            ("ROSTER_LOG__FORMAT", "xml", "log.format"),
        ] {
            let error = load(&[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn production_names_everything_that_it_lacks_at_once() {
        let error = load(&[]).unwrap().check(Process::Serve).unwrap_err().to_string();
        for name in [
            "ROSTER_INVITATIONS__LINK_KEY",
            "ROSTER_DATABASE__URL",
            "ROSTER_INVITATIONS__LINK)",
            "ROSTER_QUEUE__URL",
            "ROSTER_AUTH__HS256_SECRET",
        ] {
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn a_worker_that_would_send_nothing_does_not_start() {
        let error = load(&[]).unwrap().check(Process::Worker).unwrap_err().to_string();
        assert!(error.contains("ROSTER_MAIL__TRANSPORT") && error.contains("ROSTER_MAIL__FROM"), "{error}");
    }

    #[test]
    fn the_defaults_are_what_production_may_not_have() {
        let config = load(&[]).unwrap();
        assert_eq!(config.database.url.expose_secret(), EMBEDDED_DATABASE);
        assert!(config.mail.from.contains(EXAMPLE_SENDER));
    }

    #[test]
    fn every_earlier_key_of_links_is_checked() {
        let keys = |list: &str| {
            let config = load(&[("ROSTER_INVITATIONS__PREVIOUS_LINK_KEYS", list)]).unwrap();
            let error = config.check(Process::Serve).unwrap_err().to_string();
            (config.invitations.previous_link_keys.len(), error.contains("previous_link_keys"))
        };
        let (one, other) = ("1".repeat(32), "2".repeat(40));
        assert_eq!(keys(""), (0, false));
        assert_eq!(keys(&format!("{one}, {other}")), (2, false));
        assert_eq!(keys(&format!("{one},short")), (2, true));
    }

    #[test]
    fn a_file_that_is_no_toml_is_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roster.toml");
        for text in [
            "[mail.smtp]\npassword = \"hunter2hunter2\n",
            "[mail.smtp]\npassword = hunter2hunter2\n",
            "[invitations]\nlink_key = 'hunter2'hunter2\n",
            "[auth]\nhs256_secret = [\"hunter2hunter2\"]\n",
            "[invitations]\nprevious_link_keys = [[\"hunter2hunter2\"]]\n",
            "[mail.smtp.password]\nhunter2hunter2 = 1\n",
        ] {
            fs::write(&file, text).unwrap();
            let error = Config::from_sources(Some(&file), HashMap::new()).unwrap_err().to_string();
            let words = error.replace("unknown field `hunter2hunter2`", "");
            assert!(!words.contains("hunter2") && error.len() > 80, "{error}");
        }
        fs::write(&file, "[mail.smtp]\npassword = hunter2hunter2\n").unwrap();
        let error = Config::from_sources(Some(&file), HashMap::new()).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }

    #[test]
    fn a_rate_that_cannot_be_counted_is_refused() {
        let at = |count| load(&[("ROSTER_RATE_LIMITS__FAILURES_PER_MINUTE", count)]).unwrap();
        at("1000000").check(Process::Embedded).unwrap();
        let error = at("1000001").check(Process::Embedded).unwrap_err().to_string();
        assert!(error.contains("rate_limits") && error.contains("at most 1000000"), "{error}");
    }

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let config = load(&[("ROSTER_MAIL__SMTP__PASSWORD", "hunter2hunter2")]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
