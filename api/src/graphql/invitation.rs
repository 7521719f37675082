//! An invitation, as those who may invite see it.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, Lookahead, Object, Result};
use chrono::{DateTime, Utc};
use roster_entity::{MemberId, Permission, UserId, invitation, keyset::Ordering, user};
use sea_orm::Select;

use super::{
    connection::{Connection, Key, Kind, List, PageArgs, connect, nodes},
    enums::InvitationStatus,
    error::internal,
    member::{self, Member, distinct},
    organization::Organization,
    scope::Scope,
    user::User,
};

/// The GraphQL type `Invitation`.
#[derive(Clone)]
pub(crate) struct Invitation {
    scope: Arc<Scope>,
    row: invitation::Model,
    known: Arc<Known>,
}

/// What the invitations of a list refer to, as far as it was fetched for all of them.
#[derive(Default)]
struct Known {
    members: HashMap<MemberId, Member>,
    people: HashMap<UserId, user::Model>,
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
        if let Some(member) = self.known.members.get(&self.row.member_id) {
            return Ok(member.clone());
        }
        let found = Box::pin(Member::find(&self.scope, self.row.member_id)).await?;
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
        self.person(self.row.invited_by).await
    }

    /// When the invitation was accepted, declined or revoked.
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.row.answered_at
    }

    /// Who revoked the invitation.
    async fn revoked_by(&self) -> Result<Option<User>> {
        match self.row.revoked_by {
            Some(id) => self.person(id).await.map(Some),
            None => Ok(None),
        }
    }
}

impl Invitation {
    /// One invitation.
    pub(super) fn new(scope: &Arc<Scope>, row: invitation::Model) -> Self {
        Self { scope: Arc::clone(scope), row, known: Arc::default() }
    }

    /// Invitations with what `asked`, the selections of them in the document, will need.
    async fn load(
        scope: &Arc<Scope>,
        rows: Vec<invitation::Model>,
        asked: &[Lookahead<'_>],
    ) -> Result<Vec<Self>> {
        let asks = |field: &str| asked.iter().any(|invitation| invitation.field(field).exists());
        let mut known = Known::default();
        if asks("member") {
            let found = member::by_ids(scope, rows.iter().map(|row| row.member_id)).await?;
            let (ids, members): (Vec<_>, _) = found.into_iter().unzip();
            let asked: Vec<_> = asked.iter().map(|invitation| invitation.field("member")).collect();
            known.members = ids.into_iter().zip(member::load(scope, members, &asked).await?).collect();
        }
        let inviters = rows.iter().map(|row| row.invited_by).filter(|_| asks("invitedBy"));
        let revokers = rows.iter().filter_map(|row| row.revoked_by).filter(|_| asks("revokedBy"));
        known.people = scope.people(inviters.chain(revokers)).await?;
        let known = Arc::new(known);
        let invitation = |row| Self { scope: Arc::clone(scope), row, known: Arc::clone(&known) };
        Ok(rows.into_iter().map(invitation).collect())
    }

    async fn person(&self, id: UserId) -> Result<User> {
        match self.known.people.get(&id) {
            Some(person) => Ok(User(person.clone())),
            None => Ok(User(Box::pin(self.scope.person(id)).await?)),
        }
    }
}

/// A page of the invitations of an organization, newest first.
pub(super) async fn list(
    ctx: &Context<'_>,
    scope: &Arc<Scope>,
    status: Option<Vec<InvitationStatus>>,
    args: &PageArgs,
) -> Result<Connection<Invitation>> {
    scope.require(Permission::MembersInvite)?;
    let rows = match status {
        None => invitation::Entity::in_organization(scope.organization()),
        Some(status) => {
            let (backend, now) = (scope.conn().get_database_backend(), scope.membership.clock().now());
            invitation::Entity::with_status(backend, scope.organization(), &distinct(status), now)
        }
    };
    page(ctx, scope, rows, args).await
}

/// A page of these invitations, newest first. Whoever calls has checked that they may be seen.
pub(super) async fn page(
    ctx: &Context<'_>,
    scope: &Arc<Scope>,
    rows: Select<invitation::Entity>,
    args: &PageArgs,
) -> Result<Connection<Invitation>> {
    let list = List {
        name: "invitations",
        ordering: Ordering::newest(invitation::Column::Id),
        kinds: &[Kind::Id],
        key: |row: &invitation::Model| vec![Key::Id(row.id.0)],
    };
    let page = list.fetch(scope.conn(), rows, args).await?;
    let cursors: Vec<_> = page.rows.iter().map(|row| list.cursor(row)).collect();
    let nodes = Invitation::load(scope, page.rows, &nodes(&ctx.look_ahead())).await?;
    Ok(connect(page.has_previous, page.has_next, cursors.into_iter().zip(nodes)))
}
