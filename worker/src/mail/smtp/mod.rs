//! Sending over SMTP: a small pool of connections.
//!
//! lettre's own pool gives back a connection whose send was dropped half-way, after which replies belong to the wrong
//! email, and its timeout bounds only the connecting. Here a connection belongs to the send that uses it: when that is
//! dropped, so is the connection.

mod connect;
mod connection;
mod corked;
mod failure;
#[cfg(test)]
mod tests;
mod tls;

use std::{
    mem,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use lettre::{
    Address, Message,
    transport::smtp::commands::{Data, Mail, Rcpt, Rset},
};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

use self::{
    connect::Connector,
    connection::Connection,
    failure::{Stage, failure},
};
use super::{SendError, SmtpConfig};
use crate::{ConfigError, config::at_least_one};

/// How long a connection may be idle. Servers close them after five minutes, some much sooner.
const IDLE: Duration = Duration::from_secs(20);
/// How long an idle connection may take to show that it still works.
const PROBE: Duration = Duration::from_secs(5);
/// How long saying goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);
/// How many emails one connection carries. Servers have limits of their own.
const EMAILS: u32 = 100;

/// A mail server, and connections to it.
pub(super) struct Smtp {
    connector: Connector,
    /// One permit for each connection there may be.
    permits: Semaphore,
    idle: Mutex<Vec<Idle>>,
    timeout: Duration,
}

/// A connection that has carried its last email to the end.
struct Idle {
    connection: Connection,
    since: Instant,
    emails: u32,
}

impl Idle {
    fn usable(&self) -> bool {
        self.since.elapsed() < IDLE && self.emails < EMAILS
    }
}

impl Smtp {
    pub(super) fn new(config: &SmtpConfig) -> Result<Self, ConfigError> {
        at_least_one("mail.smtp.connections", config.connections)?;
        if config.send_timeout() <= config.connect_timeout() {
            let problem =
                "should be longer than mail.smtp.connect_timeout_seconds: sending includes connecting.";
            return Err(ConfigError::new("mail.smtp.send_timeout_seconds", problem));
        }
        Ok(Self {
            connector: Connector::new(config)?,
            permits: Semaphore::new(config.connections.min(Semaphore::MAX_PERMITS)),
            idle: Mutex::default(),
            timeout: config.send_timeout(),
        })
    }

    /// Sends one email, if a connection is free before it is `too_late`.
    pub(super) async fn send(
        &self,
        message: &Message,
        too_late: impl Future<Output = ()>,
    ) -> Result<(), SendError> {
        let _permit = tokio::select! {
            // When the server goes away, who comes after those that have noticed it does not try, too.
            biased;
            () = too_late => return Err(SendError::NotBegun),
            permit = self.permits.acquire() => permit.expect("the semaphore is never closed"),
        };
        let commands = envelope(message);
        self.in_time(async {
            let (mut connection, emails) = self.begin(&commands).await?;
            let email = async {
                connection.go_on(&commands).await?;
                connection.message(&message.formatted()).await
            };
            // An error drops the connection, and closes it. lettre's own `send` would wait for the server to say goodbye.
            email.await.map_err(|error| failure(Stage::Email, &error))?;
            self.park(Idle { connection, since: Instant::now(), emails: emails + 1 });
            Ok(())
        })
        .await
    }

    /// Connects, logs in and says who emails are from. The connection is kept for the first email.
    pub(super) async fn check(&self, sender: Address) -> Result<(), SendError> {
        let commands = [Mail::new(Some(sender), Vec::new()).to_string(), Rset.to_string()];
        self.in_time(async {
            let _permit = self.permits.acquire().await.expect("the semaphore is never closed");
            let (mut connection, emails) = self.begin(&commands).await?;
            connection.go_on(&commands).await.map_err(|error| failure(Stage::Sender, &error))?;
            self.park(Idle { connection, since: Instant::now(), emails });
            Ok(())
        })
        .await
    }

    pub(super) fn close_idle(&self) {
        let (keep, close) = mem::take(&mut *self.idle()).into_iter().partition(Idle::usable);
        // Others may have come back meanwhile.
        self.idle().extend::<Vec<Idle>>(keep);
        close.into_iter().for_each(say_goodbye);
    }

    /// A connection that has accepted the first of the commands, which names the sender; and how many emails it has carried.
    async fn begin(&self, commands: &[String]) -> Result<(Connection, u32), SendError> {
        // The server may have closed an idle connection. The first command shows that, at a point where nothing can
        // have been sent yet that would arrive twice.
        while let Some(mut idle) = self.take_idle() {
            if let Ok(Ok(_)) = timeout(PROBE, idle.connection.begin(commands)).await {
                return Ok((idle.connection, idle.emails));
            }
        }
        let mut connection = self.connector.connect().await?;
        connection.begin(commands).await.map_err(|error| failure(Stage::Sender, &error))?;
        Ok((connection, 0))
    }

    /// The connection used last, so that the others can grow old.
    fn take_idle(&self) -> Option<Idle> {
        let idle = self.idle().pop()?;
        if idle.usable() {
            return Some(idle);
        }
        say_goodbye(idle);
        self.take_idle()
    }

    fn park(&self, idle: Idle) {
        self.idle().push(idle);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().expect("nothing panics while it holds the connections")
    }

    async fn in_time(&self, work: impl Future<Output = Result<(), SendError>>) -> Result<(), SendError> {
        timeout(self.timeout, work).await.unwrap_or_else(|_| {
            let seconds = self.timeout.as_secs();
            Err(SendError::Transient(format!(
                "The mail server did not take the email within {seconds} seconds."
            )))
        })
    }
}

/// The commands that begin an email.
fn envelope(message: &Message) -> Vec<String> {
    let (from, to) = (message.envelope().from().cloned(), message.envelope().to());
    let recipients = to.iter().map(|to| Rcpt::new(to.clone(), Vec::new()).to_string());
    [Mail::new(from, Vec::new()).to_string()]
        .into_iter()
        .chain(recipients)
        .chain([Data.to_string()])
        .collect()
}

fn say_goodbye(mut idle: Idle) {
    tokio::spawn(async move { timeout(GOODBYE, idle.connection.smtp().quit()).await });
}
