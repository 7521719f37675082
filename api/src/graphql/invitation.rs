//! An invitation, as those who may invite see it.

use std::sync::Arc;

use async_graphql::{ID, Object, Result};
use chrono::{DateTime, Utc};
use roster_entity::{Permission, invitation, keyset::Ordering};
use sea_orm::{Select, sea_query::Expr};

use super::{
    connection::{Connection, Key, Kind, List, PageArgs, connect},
    enums::InvitationStatus,
    error::internal,
    member::{Member, distinct},
    organization::Organization,
    scope::Scope,
    user::User,
};

/// The GraphQL type `Invitation`.
#[derive(Clone)]
pub(crate) struct Invitation {
    pub(super) scope: Arc<Scope>,
    pub(super) row: invitation::Model,
}

/// An invitation of a person to an organization. Its link is a secret that only the email holds.
#[Object]
impl Invitation {
    /// The id of the invitation: `invitation_…`.
    pub(super) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// The organization to which the person is invited.
    async fn organization(&self) -> Organization {
        Organization(Arc::clone(&self.scope))
    }

    /// The address that the invitation was sent to.
    async fn email(&self) -> &str {
        self.row.email.as_str()
    }

    /// Where the invitation stands.
    async fn status(&self) -> InvitationStatus {
        self.row.status(self.scope.membership.clock().now()).into()
    }

    /// The invited member, with the role and the groups that they have or will have.
    async fn member(&self) -> Result<Member> {
        let found = Member::find(&self.scope, self.row.member_id).await?;
        found.ok_or_else(|| internal(sea_orm::DbErr::RecordNotFound(self.row.member_id.to_string())))
    }

    /// Until when the invitation can be accepted.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.row.expires_at
    }

    /// When the invitation was last sent.
    async fn sent_at(&self) -> DateTime<Utc> {
        self.row.sent_at
    }

    /// When the person was invited.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.created_at
    }

    /// Who invited the person.
    async fn invited_by(&self) -> Result<User> {
        Ok(User(self.scope.person(self.row.invited_by).await?))
    }

    /// When the invitation was accepted, declined or revoked.
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.row.answered_at
    }

    /// Who revoked the invitation.
    async fn revoked_by(&self) -> Result<Option<User>> {
        match self.row.revoked_by {
            Some(id) => Ok(Some(User(self.scope.person(id).await?))),
            None => Ok(None),
        }
    }
}

/// A page of the invitations of an organization, newest first.
pub(super) async fn list(
    scope: &Arc<Scope>,
    status: Option<Vec<InvitationStatus>>,
    args: &PageArgs,
) -> Result<Connection<Invitation>> {
    scope.require(Permission::MembersInvite)?;
    let rows = match status {
        None => invitation::Entity::in_organization(scope.organization()),
        Some(status) => {
            let status = distinct(status);
            invitation::Entity::with_status(scope.organization(), &status, scope.membership.clock().now())
        }
    };
    page(scope, rows, args).await
}

/// A page of these invitations, newest first. Whoever calls has checked that they may be seen.
pub(super) async fn page(
    scope: &Arc<Scope>,
    rows: Select<invitation::Entity>,
    args: &PageArgs,
) -> Result<Connection<Invitation>> {
    let list = List {
        name: "invitations",
        ordering: Ordering { by: vec![Expr::col(invitation::Column::Id)], descending: true },
        kinds: &[Kind::Id],
        key: |row: &invitation::Model| vec![Key::Id(row.id.0)],
    };
    let page = list.fetch(scope.conn(), rows, args).await?;
    let node = |row| (list.cursor(&row), Invitation { scope: Arc::clone(scope), row });
    Ok(connect(page.has_previous, page.has_next, page.rows.into_iter().map(node)))
}
