//! What a subscriber to an organization is told.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, Result};
use chrono::{DateTime, Utc};
use roster_entity::Permission;
use roster_worker::events::{Event, Kind};

use super::batch::Batch;
use crate::graphql::{
    activity::Activity, invitation::Invitation, member::Member, notification::Notification,
};

/// What has happened in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum OrganizationEventKind {
    /// The stream has begun: what happens from now on is told. Read now what you show, so that nothing is lost between.
    StreamStarted,
    /// Some events may not have been told, because you took them too slowly, or because of a fault: read again what you show.
    EventsMissed,
    /// A person was invited, for the first time or again.
    MemberInvited,
    /// A person has accepted their invitation, and is an active member.
    MemberJoined,
    /// A member has another role, is in other groups, or was restored. Without a `member`: a group was changed or deleted, and
    /// with it whatever it gave to its members.
    MemberChanged,
    /// A member was removed or has left, or the invitation of somebody who was invited was revoked or declined.
    MemberRemoved,
    /// An invitation was resent, revoked, accepted or declined. Needs `MEMBERS_INVITE`.
    InvitationChanged,
    /// The mail server has taken an email. Needs `NOTIFICATIONS_READ`.
    NotificationDelivered,
    /// An email was given up: the mail server has refused it for good, or the attempts are used up. Needs `NOTIFICATIONS_READ`.
    NotificationFailed,
}

/// The GraphQL type `OrganizationEvent`.
pub(crate) struct OrganizationEvent {
    kind: OrganizationEventKind,
    at: DateTime<Utc>,
    /// What it is about; `None` for an event about the stream.
    about: Option<(Arc<Batch>, Event)>,
}

/// Something that has happened in an organization. What it is about is read when the event is told, and is what a query would
/// show then: somebody who was removed, and invited again meanwhile, is invited.
#[Object]
impl OrganizationEvent {
    /// What has happened.
    async fn kind(&self) -> OrganizationEventKind {
        self.kind
    }

    /// When it happened.
    async fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The member that it is about: who was invited, has joined, was changed or removed, or is to get the email.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        match self.about(Permission::MembersRead, |event| event.member) {
            Some((batch, id)) => batch.member(ctx, id).await,
            None => Ok(None),
        }
    }

    /// The invitation that it is about. Needs `MEMBERS_INVITE`; `null` without.
    async fn invitation(&self) -> Result<Option<Invitation>> {
        match self.about(Permission::MembersInvite, |event| event.invitation) {
            Some((batch, id)) => batch.invitation(id).await,
            None => Ok(None),
        }
    }

    /// The email that was delivered or given up. Needs `NOTIFICATIONS_READ`; `null` without.
    async fn notification(&self) -> Result<Option<Notification>> {
        match self.about(Permission::NotificationsRead, |event| event.notification) {
            Some((batch, id)) => batch.notification(id).await,
            None => Ok(None),
        }
    }

    /// The entry of the activity log that tells who did it; of an email, the entry that it goes with. Needs `ACTIVITIES_READ`;
    /// `null` without.
    async fn activity(&self) -> Result<Option<Activity>> {
        match self.about(Permission::ActivitiesRead, |event| event.activity) {
            Some((batch, id)) => batch.activity(id).await,
            None => Ok(None),
        }
    }
}

impl OrganizationEvent {
    /// An event about the stream itself.
    pub(super) fn notice(kind: OrganizationEventKind, at: DateTime<Utc>) -> Self {
        Self { kind, at, about: None }
    }

    /// An event of a message, if the subscriber may see it.
    pub(super) fn of(batch: Arc<Batch>, event: Event) -> Option<Self> {
        let (kind, permission) = match event.kind {
            Kind::MemberInvited => (OrganizationEventKind::MemberInvited, Permission::MembersRead),
            Kind::MemberJoined => (OrganizationEventKind::MemberJoined, Permission::MembersRead),
            Kind::MemberChanged => (OrganizationEventKind::MemberChanged, Permission::MembersRead),
            Kind::MemberRemoved => (OrganizationEventKind::MemberRemoved, Permission::MembersRead),
            Kind::InvitationChanged => (OrganizationEventKind::InvitationChanged, Permission::MembersInvite),
            Kind::NotificationDelivered => {
                (OrganizationEventKind::NotificationDelivered, Permission::NotificationsRead)
            }
            Kind::NotificationFailed => {
                (OrganizationEventKind::NotificationFailed, Permission::NotificationsRead)
            }
            Kind::Unknown => (OrganizationEventKind::EventsMissed, Permission::MembersRead),
        };
        let may_see = batch.scope.access.permissions.has(permission);
        may_see.then(|| Self { kind, at: batch.message.at, about: Some((batch, event)) })
    }

    /// The id of something that the event is about, for who may see such things.
    fn about<I>(&self, permission: Permission, id: impl Fn(&Event) -> Option<I>) -> Option<(&Batch, I)> {
        let (batch, event) = self.about.as_ref()?;
        let may_see = batch.scope.access.permissions.has(permission);
        may_see.then_some((&**batch, id(event)?))
    }
}
