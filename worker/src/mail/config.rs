//! The section `[mail]` of the settings.

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;
use serde::Deserialize;

/// How emails are sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The sender: `Roster <roster@example.com>`.
    pub from: String,
    /// Where emails go.
    pub transport: TransportKind,
    /// Where the transport `files` keeps them.
    pub directory: PathBuf,
    /// What the transport `smtp` needs.
    pub smtp: SmtpConfig,
}

/// Where emails go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TransportKind {
    /// Into files, for development.
    Files,
    /// To a mail server.
    Smtp,
}

/// The section `[mail.smtp]`: the mail server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub security: Security,
    /// The user to log in as. Empty: no login.
    pub user: String,
    /// The user's password.
    pub password: SecretString,
    /// The name to greet the server with. Empty: the name of the machine.
    pub hello: String,
    /// The most connections of one process.
    pub connections: usize,
    /// How long connecting may take, with TLS and login.
    pub connect_timeout_seconds: u32,
    /// How long sending one email may take, with connecting.
    pub send_timeout_seconds: u32,
    /// A PEM file with certificates to trust beside those of the operating system. Empty: none.
    pub ca_file: PathBuf,
}

/// How the connection to the mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Not at all.
    None,
    /// Begins in the clear and turns to TLS before anything of value is said; never goes on without.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

impl SmtpConfig {
    pub(super) fn connect_timeout(&self) -> Duration {
        Duration::from_secs(self.connect_timeout_seconds.into())
    }

    pub(super) fn send_timeout(&self) -> Duration {
        Duration::from_secs(self.send_timeout_seconds.into())
    }
}
