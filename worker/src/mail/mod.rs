//! Emails: written from a notification's snapshot, and sent over SMTP or kept as files.

mod config;
mod files;
mod message;
mod smtp;
mod templates;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use roster_entity::{CrashPoint, notification};

pub use self::config::{Config, Security, SmtpConfig, TransportKind};
pub use self::templates::{Letter, Templates, Text};
use self::{files::Files, message::Composer, smtp::Smtp};
use crate::{ConfigError, link::InvitationLinks};

/// Writes and sends emails. Clones share their connections.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    composer: Composer,
    transport: Transport,
    send_timeout: Duration,
}

enum Transport {
    Files(Files),
    Smtp(Box<Smtp>),
}

/// Why an email was not sent, in the mail server's words where they are known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The server does not want this email, now or later.
    #[error("{0}")]
    Permanent(String),
    /// Something was in the way of this email that may be gone at the next attempt.
    #[error("{0}")]
    Transient(String),
    /// The server is away: no email goes out now.
    #[error("{0}")]
    Unreachable(String),
    /// The server does not want us: the login or the sender is wrong, so that no email goes out at all. Tried again,
    /// because somebody will mend the settings; and an alarm, so that somebody does.
    #[error("{0}")]
    Refused(String),
    /// The server was told nothing of it: no connection was free in time.
    #[error("No connection to the mail server was free in time.")]
    NotBegun,
}

impl SendError {
    /// What was said.
    pub fn words(&self) -> &str {
        match self {
            Self::Permanent(words)
            | Self::Transient(words)
            | Self::Unreachable(words)
            | Self::Refused(words) => words,
            Self::NotBegun => "",
        }
    }

    /// Whether it is not about this email, so that no other would go out either.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Refused(_))
    }

    /// Whether trying again is of no use.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Permanent(_))
    }
}

impl Mailer {
    /// Checks the settings; connects to nothing yet.
    pub fn new(config: &Config, links: InvitationLinks) -> Result<Self, ConfigError> {
        let composer = Composer::new(&config.from, links)?;
        let transport = match config.transport {
            TransportKind::Files => Transport::Files(Files::new(config.directory.clone())),
            TransportKind::Smtp => Transport::Smtp(Box::new(Smtp::new(&config.smtp)?)),
        };
        Ok(Self(Arc::new(Inner { composer, transport, send_timeout: config.smtp.send_timeout() })))
    }

    /// Writes and sends the email that a notification stands for. Takes at most [`Mailer::send_timeout`] once it has begun;
    /// and it does not begin if no connection is free before it is `too_late`.
    pub async fn send(
        &self,
        notification: &notification::Model,
        too_late: impl Future<Output = ()>,
    ) -> Result<(), SendError> {
        let message = self.0.composer.compose(notification)?;
        CrashPoint::Composed.reached();
        match &self.0.transport {
            Transport::Files(files) => files.keep(notification.id, &message).await?,
            Transport::Smtp(smtp) => smtp.send(&message, too_late).await?,
        }
        CrashPoint::Delivered.reached();
        Ok(())
    }

    /// Whether emails could be sent now: connects to the mail server, logs in and names the sender.
    pub async fn check(&self) -> Result<(), SendError> {
        match &self.0.transport {
            Transport::Files(files) => files.check().await,
            Transport::Smtp(smtp) => smtp.check(self.0.composer.sender()).await,
        }
    }

    /// The longest that sending one email takes, once it has begun.
    pub fn send_timeout(&self) -> Duration {
        self.0.send_timeout
    }

    /// Closes connections that nobody has needed for a while.
    pub(crate) fn close_idle(&self) {
        if let Transport::Smtp(smtp) = &self.0.transport {
            smtp.close_idle();
        }
    }
}
