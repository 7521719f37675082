//! Delivery of a notification: claim the row, send the email, write down how it went. Rows are claimed ([`batch`]) and marked
//! ([`marks`]) many at one time; each email is sent on its own.
//!
//! An email goes out at least once. If the worker dies between sending and writing that down, another one sends it
//! again when the lease has run out; both copies have the same Message-ID, by which mailboxes fold them into one.

pub(crate) mod backoff;
pub(crate) mod batch;
mod marks;
pub(crate) mod row;
#[cfg(test)]
mod tests;

use std::time::Duration;

use chrono::{DateTime, Utc};
use roster_entity::{
    Clock, NotificationId, OrganizationId,
    notification::{self, Model},
    text,
};
use sea_orm::{DatabaseConnection, DbErr};
use tokio::time::{Instant, sleep, sleep_until};

use self::{backoff::backoff, marks::Marks, row::Claim};
use crate::{
    config::{Config, ConfigError},
    events::{Event, Events, Kind},
    interruption::Interruption,
    mail::{Mailer, SendError},
};

/// The most characters of a mail server's words that are kept.
const MAX_ERROR: usize = 500;
/// The pauses between tries to write down how an attempt went.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Brings notifications to the mail server. Clones share their connections.
#[derive(Clone)]
pub struct Courier {
    pub(crate) db: DatabaseConnection,
    pub(crate) mailer: Mailer,
    pub(crate) clock: Clock,
    pub(crate) config: Config,
    marks: Marks,
}

/// How a delivery went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The email is not to be sent (any more), or not yet, or another worker has it.
    NotDue,
    /// There was no time to begin with it, or a reason not to. It is as it was before, and due.
    NotBegun,
    /// The mail server has taken it.
    Sent,
    /// Something was in the way; it is tried again then.
    Postponed(DateTime<Utc>),
    /// The same, and no other email can be sent now.
    Outage(DateTime<Utc>),
    /// The mail server has refused it for good, or the attempts are used up.
    Failed,
}

impl Courier {
    /// `db` is a connection that may write. How deliveries end is told to `events`.
    pub fn new(
        db: DatabaseConnection,
        mailer: Mailer,
        clock: Clock,
        config: Config,
        events: Events,
    ) -> Result<Self, ConfigError> {
        config.check(mailer.send_timeout())?;
        let marks = Marks::new(db.clone(), clock.clone(), events);
        Ok(Self { db, mailer, clock, config, marks })
    }

    /// Delivers a notification, if it is due. A database error leaves the rest to the sweep.
    pub async fn deliver(&self, id: NotificationId) -> Result<Outcome, DbErr> {
        // Boxed, because it is large, and who calls this holds it inside futures of their own.
        Box::pin(self.deliver_one(id, &Interruption::none())).await
    }

    async fn deliver_one(&self, id: NotificationId, interruption: &Interruption) -> Result<Outcome, DbErr> {
        let (now, claimed_at) = (self.clock.now(), Instant::now());
        match row::claim(&self.db, id, now, now + self.config.lease_delta()).await? {
            Some(claim) => self.deliver_claimed(claim, claimed_at, interruption).await,
            None => {
                tracing::debug!(%id, "notification not due");
                Ok(Outcome::NotDue)
            }
        }
    }

    async fn deliver_claimed(
        &self,
        claim: Claim,
        claimed_at: Instant,
        interruption: &Interruption,
    ) -> Result<Outcome, DbErr> {
        // What is begun later could still be on its way when the lease has run out.
        let last_moment = claimed_at + (self.config.lease() - self.mailer.send_timeout());
        let too_late = async {
            tokio::select! {
                () = sleep_until(last_moment) => {}
                () = interruption.begins() => {}
            }
        };
        match self.attempt(&claim, too_late).await {
            Ok(()) => self.sent(&claim).await,
            Err(SendError::NotBegun) => self.not_begun(&claim).await,
            Err(error) => {
                // At once, so that no other email is begun.
                if error.is_outage() {
                    interruption.outage.begin();
                }
                self.not_sent(&claim, error).await
            }
        }
    }

    async fn attempt(&self, claim: &Claim, too_late: impl Future<Output = ()>) -> Result<(), SendError> {
        let notification = match &claim.notification {
            Ok(notification) => notification,
            Err(error) => {
                let problem = format!("This version of Roster cannot read the email: {error}");
                return Err(SendError::Transient(problem));
            }
        };
        if claim.attempt > self.max_attempts() {
            let last = notification.last_error.clone();
            return Err(SendError::Permanent(last.unwrap_or_else(|| {
                "The worker ended unexpectedly each time that it tried to send this email.".to_owned()
            })));
        }
        if expired(notification, self.clock.now()) {
            return Err(SendError::Permanent(
                "The invitation expired before the email could be sent.".to_owned(),
            ));
        }
        self.mailer.send(notification, too_late).await
    }

    async fn sent(&self, claim: &Claim) -> Result<Outcome, DbErr> {
        let (id, attempt) = (claim.id, claim.attempt);
        match self.insist(|| self.marks.sent(claim, event(claim, Kind::NotificationDelivered))).await {
            Ok(true) => tracing::info!(%id, attempt, "email sent"),
            Ok(false) => tracing::info!(%id, attempt, "email sent; it was canceled meanwhile"),
            Err(error) => {
                tracing::error!(%id, attempt, %error, "email sent, but not written down: it may be sent again");
                return Err(error);
            }
        }
        Ok(Outcome::Sent)
    }

    async fn not_begun(&self, claim: &Claim) -> Result<Outcome, DbErr> {
        let now = self.clock.now();
        let sweep = now + self.config.lease_delta() / 2;
        self.insist(|| row::given_back(&self.db, claim, now, sweep)).await?;
        Ok(Outcome::NotBegun)
    }

    async fn not_sent(&self, claim: &Claim, error: SendError) -> Result<Outcome, DbErr> {
        let (id, attempt) = (claim.id, claim.attempt);
        // What a server says about one mail can contain an address; what it says about us is for the operator, but servers
        // notice at any command that they do not want us, and quote it.
        if let SendError::Refused(words) = &error {
            let words = text::without_addresses(words);
            tracing::error!(%id, attempt, words, "the mail server refuses this installation: check [mail]");
        }
        let words = text::truncate(&text::clean_name(error.words()), MAX_ERROR);
        if error.is_final() || attempt >= self.max_attempts() {
            tracing::warn!(%id, attempt, "email given up; its last_error says why");
            let attempts = attempt.min(self.max_attempts());
            if self.insist(|| row::failed(&self.db, claim, attempts, &words)).await? {
                self.marks.tell(event(claim, Kind::NotificationFailed)).await;
            }
            return Ok(Outcome::Failed);
        }
        let next = self.clock.now() + backoff(self.config.retry_seconds, attempt.unsigned_abs());
        tracing::warn!(%id, attempt, %next, "email not sent; its last_error says why");
        self.insist(|| row::postponed(&self.db, claim, next, &words)).await?;
        Ok(if error.is_outage() { Outcome::Outage(next) } else { Outcome::Postponed(next) })
    }

    /// Writes something down, and tries again while the database is away and the lease lasts: an email that was sent and
    /// not written down is sent again.
    async fn insist<F>(&self, write: impl Fn() -> F) -> Result<bool, DbErr>
    where
        F: Future<Output = Result<bool, DbErr>>,
    {
        let end = Instant::now() + self.config.lease();
        let mut pause = FIRST_PAUSE;
        loop {
            match write().await {
                Err(_) if Instant::now() + pause < end => sleep(pause).await,
                result => return result,
            }
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    fn max_attempts(&self) -> i32 {
        self.config.attempts.try_into().unwrap_or(i32::MAX)
    }
}

/// What those are told who watch the organization. What this version of Roster cannot read, it cannot tell of.
fn event(claim: &Claim, kind: Kind) -> Option<(OrganizationId, Event)> {
    let row = claim.notification.as_ref().ok()?;
    let ids = Event { member: Some(row.member_id), notification: Some(row.id), ..Event::new(kind) };
    let event = Event { invitation: row.invitation_id, activity: row.activity_id, ..ids };
    Some((row.organization_id, event))
}

/// The link in it would be of no use.
fn expired(email: &Model, now: DateTime<Utc>) -> bool {
    matches!(email.snapshot.event, notification::Event::Invitation { expires_at, .. } if expires_at <= now)
}
