//! The one way in which an operation changes something: a transaction that also holds its activity log entries and its
//! notifications, and wakes the worker when it is committed.

use std::future::Future;

use chrono::{DateTime, Utc};
use roster_entity::{
    ActivityId, CrashPoint, EmailAddress, InvitationId, MemberId, NotificationId, OrganizationId, Writes,
    activity, invitation, member, notification, one_of, organization, user,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, Value,
    prelude::Json,
    sea_query::{Condition, ExprTrait, IntoCondition, SimpleExpr},
};

use super::{
    Access, Error, Membership, Result, SWEEP_GRACE, WAKE_UP,
    access::{check_token, named},
    events,
    place::Place,
};
use crate::{
    database::{broken_off, disconnected, waited_too_long},
    identity::Caller,
};

/// How often an operation is run that the database has broken off for the sake of another.
const ATTEMPTS: usize = 5;

/// Whether an operation is carried out, or only tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// Carried out.
    Real,
    /// Goes the same way, with the same answer, and is rolled back.
    Dry,
}

impl Run {
    /// The verb of so many, of whom something is told: "was", "were"; "would be" for a dry run.
    pub(super) fn was(self, count: usize) -> &'static str {
        match (self, count) {
            (Run::Dry, _) => "would be",
            (Run::Real, 0 | 1) => "was",
            (Run::Real, _) => "were",
        }
    }

    /// The verb of those who were refused.
    pub(super) fn could_not(self) -> &'static str {
        if self == Run::Dry { "cannot" } else { "could not" }
    }
}

/// A transaction of an operation. Dropped without [`Transaction::commit`], it leaves nothing behind.
pub(super) struct Transaction<'a> {
    membership: &'a Membership,
    pub(super) conn: DatabaseTransaction,
    pub(super) now: DateTime<Utc>,
    /// What is changed with the commit, or before something reads it.
    pub(super) writes: Writes,
    activities: Vec<activity::ActiveModel>,
    notifications: Vec<(NotificationId, notification::ActiveModel)>,
}

/// What the activity log says of a change, beside who made it, where and when.
pub(super) struct Entry {
    pub(super) action: activity::Action,
    pub(super) member: Option<MemberId>,
    pub(super) invitation: Option<InvitationId>,
    pub(super) group: Option<roster_entity::GroupId>,
    pub(super) before: Option<Json>,
    pub(super) after: Option<Json>,
    pub(super) reason: Option<String>,
}

impl Entry {
    pub(super) fn new(action: activity::Action) -> Self {
        Self { action, member: None, invitation: None, group: None, before: None, after: None, reason: None }
    }
}

/// Who made a change, and where.
pub(super) struct Actor<'a> {
    pub(super) organization: &'a organization::Model,
    pub(super) user: &'a user::Model,
    pub(super) api_token: Option<roster_entity::ApiTokenId>,
}

impl Access {
    /// The caller as the log and the emails name them.
    pub(super) fn actor(&self) -> Actor<'_> {
        Actor { organization: &self.organization, user: &self.user, api_token: self.api_token }
    }
}

impl Actor<'_> {
    /// What an email says of what the actor has done.
    pub(super) fn snapshot(&self, at: DateTime<Utc>, event: notification::Event) -> notification::Snapshot {
        let Self { organization, user, .. } = self;
        notification::Snapshot {
            organization: organization.name.clone(),
            actor: notification::Person { name: user.display_name().to_owned(), email: user.email.clone() },
            contact: organization.contact_email.clone().unwrap_or_else(|| user.email.clone()),
            reply_to: organization.reply_to_email.clone(),
            branding_line: organization.branding_line.clone(),
            at,
            event,
        }
    }
}

/// To whom an email goes.
pub(super) struct Recipient<'a> {
    pub(super) member: MemberId,
    pub(super) email: &'a EmailAddress,
    pub(super) name: Option<&'a str>,
}

impl Membership {
    pub(super) async fn begin(&self) -> Result<Transaction<'_>> {
        let conn = self.database.begin().await?;
        Ok(Transaction {
            membership: self,
            conn,
            now: self.clock.now(),
            writes: Writes::default(),
            activities: Vec::new(),
            notifications: Vec::new(),
        })
    }
}

impl Transaction<'_> {
    /// Locks the organization of what a call names, and says what the caller may do there, as it is now: after waiting for whoever
    /// changes it. Outsiders do not come as far as the lock, so that nobody can make an organization wait that is not theirs;
    /// whether what they name does not exist or is foreign does not show.
    pub(super) async fn enter(&mut self, caller: &Caller, place: impl Into<Place>) -> Result<Access> {
        let place = place.into();
        let within = caller.api_token.as_ref().map(|scope| scope.organization);
        let locked = organization::lock_for(&self.conn, place.organization(), caller.user.id, within).await?;
        self.now = self.membership.clock.now();
        named(self.access(caller, locked).await, place.what())
    }

    async fn access(&self, caller: &Caller, locked: Option<organization::Model>) -> Result<Access> {
        // What a token does must not stand behind its end in the log.
        let organization = locked.ok_or(Error::NotFound("organization"))?;
        check_token(&self.conn, caller, self.now).await?;
        Access::to(&self.conn, caller, organization.id).await
    }

    /// A member of the organization that was entered, with the person.
    pub(super) async fn member(&self, access: &Access, id: MemberId) -> Result<(member::Model, user::Model)> {
        let found = member::find_in(&self.conn, access.organization.id, id).await?;
        found.ok_or(Error::NotFound("member"))
    }

    /// Locks the organization of what a call names. What is done under the lock is done at the time at which the lock was got.
    pub(super) async fn lock(&mut self, place: impl Into<Place>) -> Result<Option<organization::Model>> {
        let locked = organization::lock(&self.conn, place.into().organization()).await?;
        self.now = self.membership.clock.now();
        Ok(locked)
    }

    /// Adds a line to the activity log.
    pub(super) fn record(&mut self, actor: &Actor<'_>, entry: Entry) -> ActivityId {
        let id = ActivityId::generate(self.now);
        self.activities.push(activity::ActiveModel {
            id: Set(id),
            organization_id: Set(actor.organization.id),
            action: Set(entry.action),
            actor_id: Set(actor.user.id),
            api_token_id: Set(actor.api_token),
            member_id: Set(entry.member),
            invitation_id: Set(entry.invitation),
            group_id: Set(entry.group),
            before: Set(entry.before),
            after: Set(entry.after),
            reason: Set(entry.reason),
            created_at: Set(self.now),
        });
        id
    }

    /// Tells somebody by email what a line of the activity log says, with what holds now.
    pub(super) fn notify(
        &mut self,
        actor: &Actor<'_>,
        activity: ActivityId,
        to: &Recipient<'_>,
        event: notification::Event,
    ) {
        let id = NotificationId::generate(self.now);
        let invitation_id = match &event {
            notification::Event::Invitation { invitation_id, .. } => Some(*invitation_id),
            _ => None,
        };
        let kind = event.kind();
        let row = notification::ActiveModel {
            id: Set(id),
            organization_id: Set(actor.organization.id),
            kind: Set(kind),
            member_id: Set(to.member),
            invitation_id: Set(invitation_id),
            activity_id: Set(Some(activity)),
            recipient_email: Set(to.email.clone()),
            recipient_name: Set(to.name.map(str::to_owned)),
            snapshot: Set(actor.snapshot(self.now, event)),
            status: Set(notification::Status::Queued),
            attempts: Set(0),
            resends: Set(0),
            available_at: Set(self.now),
            sweep_at: Set(self.now + SWEEP_GRACE),
            last_error: Set(None),
            sent_at: Set(None),
            created_at: Set(self.now),
        };
        self.notifications.push((id, row));
    }

    /// Ends the delivery of the emails about invitations of an organization that have not left: what they say is overtaken.
    pub(super) fn cancel_emails_about(
        &mut self,
        organization: OrganizationId,
        invitations: &[&invitation::Model],
    ) {
        let ids = invitations.iter().map(|invitation| invitation.id);
        let about = self.one_of(notification::Column::InvitationId, ids);
        let members: Vec<_> = invitations.iter().map(|invitation| invitation.member_id).collect();
        self.cancel(organization, &members, about.into_condition());
    }

    /// The same for emails of one kind to members of an organization that could not be sent so far: they would arrive after
    /// what overtakes them.
    pub(super) fn cancel_late_emails_to(
        &mut self,
        organization: OrganizationId,
        members: &[MemberId],
        kind: notification::Kind,
    ) {
        let late = notification::Column::Kind.eq(kind).and(notification::Column::Attempts.gt(0));
        self.cancel(organization, members, late.into_condition());
    }

    fn cancel(&mut self, organization: OrganizationId, members: &[MemberId], which: Condition) {
        if members.is_empty() {
            return;
        }
        let cancel = notification::Entity::update_many()
            .set(notification::ActiveModel {
                status: Set(notification::Status::Canceled),
                ..notification::ActiveModel::default()
            })
            .filter(notification::Column::OrganizationId.eq(organization))
            .filter(self.one_of(notification::Column::MemberId, members.iter().copied()))
            .filter(notification::Column::Status.eq(notification::Status::Queued))
            .filter(which);
        self.writes.update(cancel);
    }

    /// A column has one of these values.
    pub(super) fn one_of<V: Into<Value>>(
        &self,
        column: impl ColumnTrait,
        values: impl IntoIterator<Item = V>,
    ) -> SimpleExpr {
        one_of(self.conn.get_database_backend(), column, values)
    }

    /// Makes what was written so far seen by what is read next.
    pub(super) async fn send(&mut self) -> Result<()> {
        Ok(self.writes.send(&self.conn).await?)
    }

    /// Makes everything true at once, then wakes the worker and tells those who watch.
    pub(super) async fn commit(self) -> Result<()> {
        self.finish(Run::Real).await
    }

    /// The same; a dry run has gone the whole way up to here, and leaves nothing behind.
    pub(super) async fn finish(mut self, run: Run) -> Result<()> {
        let events = events::messages(&self.activities, self.now);
        let (ids, notifications): (Vec<_>, Vec<_>) = self.notifications.drain(..).unzip();
        self.writes.insert(std::mem::take(&mut self.activities));
        self.writes.insert(notifications);
        self.send().await?;
        if run == Run::Dry {
            return Ok(self.conn.rollback().await?);
        }
        self.conn.commit().await.map_err(|error| match disconnected(&error) {
            true => Error::Unknown(error),
            false => Error::Internal(error),
        })?;
        CrashPoint::Committed.reached();
        tokio::join!(self.membership.wake_worker(&ids), self.membership.events.publish(events));
        CrashPoint::Pushed.reached();
        Ok(())
    }
}

impl Membership {
    /// Tells the queue of emails: as well as that goes, because the sweep finds what the queue was not told.
    pub(super) async fn wake_worker(&self, ids: &[NotificationId]) {
        if ids.is_empty() {
            return;
        }
        match tokio::time::timeout(WAKE_UP, self.queue.push(ids)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "the queue was not told; the sweep will find the emails")
            }
            Err(_) => tracing::warn!("the queue did not answer in time; the sweep will find the emails"),
        }
    }
}

/// Runs an operation again that the database has broken off because of a deadlock, a serialization failure or a busy
/// file, or because it was started anew: nothing of it has happened. [`Error::Conflict`] if that happens again and again.
pub(super) async fn retrying<T, F, Fut>(operation: F) -> Result<T>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T>>,
{
    for _ in 0..ATTEMPTS {
        // In a box, because an operation is large: what waits for it need not be.
        match Box::pin(operation()).await {
            Err(Error::Internal(error)) if waited_too_long(&error) => break,
            Err(Error::Internal(error)) if broken_off(&error) || disconnected(&error) => {
                tracing::debug!(%error, "the database broke a transaction off; running it again");
            }
            result => return result,
        }
    }
    Err(Error::Conflict)
}
