//! An email that was or will be sent.

use std::sync::Arc;

use async_graphql::{ID, Object, Result};
use chrono::{DateTime, Utc};
use roster_entity::{Permission, keyset::Ordering, notification, user};

use super::{
    connection::{Connection, Key, Kind, List, PageArgs, connect},
    enums::{NotificationKind, NotificationStatus},
    member::{self, Member, distinct},
    scope::Scope,
};
use crate::membership;

/// The GraphQL type `Notification`.
#[derive(Clone)]
pub(crate) struct Notification {
    scope: Arc<Scope>,
    row: notification::Model,
    member: Option<(roster_entity::member::Model, user::Model)>,
}

/// An email to somebody of an organization, and how its delivery stands.
#[Object]
impl Notification {
    /// The id of the notification: `notification_…`.
    pub(super) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// What the email is about.
    async fn kind(&self) -> NotificationKind {
        self.row.kind.into()
    }

    /// Where the delivery stands.
    async fn status(&self) -> NotificationStatus {
        self.row.status.into()
    }

    /// The address that the email goes to.
    async fn recipient(&self) -> &str {
        self.row.recipient_email.as_str()
    }

    /// The member that the email is for, as they are now. Needs `MEMBERS_READ`; `null` without.
    async fn member(&self) -> Option<Member> {
        let may_see = self.scope.access.permissions.has(Permission::MembersRead);
        self.member.clone().filter(|_| may_see).map(|(row, user)| Member::new(&self.scope, row, user))
    }

    /// How often somebody had it sent again, after it was sent or given up.
    async fn resends(&self) -> i32 {
        self.row.resends
    }

    /// How often delivery was begun, since it was last ordered.
    async fn attempts(&self) -> i32 {
        self.row.attempts
    }

    /// Why the last attempt failed, in the mail server's words where they are known.
    async fn last_error(&self) -> Option<&str> {
        self.row.last_error.as_deref()
    }

    /// When delivery is tried next, for an email that is queued.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        (self.row.status == notification::Status::Queued).then_some(self.row.available_at)
    }

    /// When the mail server took the email.
    async fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.row.sent_at
    }

    /// When the email was ordered: together with what it tells about.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.created_at
    }
}

impl Notification {
    /// The emails with the members they are for, in two statements more.
    pub(super) async fn load(scope: &Arc<Scope>, rows: Vec<notification::Model>) -> Result<Vec<Self>> {
        let members = member::by_ids(scope, rows.iter().map(|row| row.member_id)).await?;
        let load = |row: notification::Model| {
            let member = members.get(&row.member_id).cloned();
            Self { scope: Arc::clone(scope), row, member }
        };
        Ok(rows.into_iter().map(load).collect())
    }

    /// An email to this member.
    pub(super) fn of(
        scope: &Arc<Scope>,
        row: notification::Model,
        member: (roster_entity::member::Model, user::Model),
    ) -> Self {
        Self { scope: Arc::clone(scope), row, member: Some(member) }
    }

    /// One email, with the member that it is for.
    pub(super) async fn one(scope: &Arc<Scope>, row: notification::Model) -> membership::Result<Self> {
        let member =
            roster_entity::member::find_in(scope.conn(), scope.organization(), row.member_id).await?;
        Ok(Self { scope: Arc::clone(scope), row, member })
    }
}

/// A page of the emails of an organization, newest first.
pub(super) async fn list(
    scope: &Arc<Scope>,
    status: Option<Vec<NotificationStatus>>,
    args: &PageArgs,
) -> Result<Connection<Notification>> {
    scope.require(Permission::NotificationsRead)?;
    let rows = match status {
        None => notification::Entity::in_organization(scope.organization()),
        Some(status) => notification::Entity::with_status(scope.organization(), &distinct(status)),
    };
    let list = List {
        name: "notifications",
        ordering: Ordering::newest(notification::Column::Id),
        kinds: &[Kind::Id],
        key: |row: &notification::Model| vec![Key::Id(row.id.0)],
    };
    let page = list.fetch(scope.conn(), rows, args).await?;
    let cursors: Vec<_> = page.rows.iter().map(|row| list.cursor(row)).collect();
    let nodes = Notification::load(scope, page.rows).await?;
    Ok(connect(page.has_previous, page.has_next, cursors.into_iter().zip(nodes)))
}
