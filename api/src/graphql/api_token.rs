//! An API token, as those who manage API tokens see it.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{ID, Object, Result};
use chrono::{DateTime, Utc};
use roster_entity::{ApiTokenId, MemberId, api_token, keyset::Ordering, member, user};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    connection::{Connection, Key, Kind, List, PageArgs, connect},
    enums::{ApiTokenStatus, Permission},
    member::{self as graphql_member, Member, distinct},
    scope::Scope,
};
use crate::membership;

/// The GraphQL type `ApiToken`.
#[derive(Clone)]
pub(crate) struct ApiToken {
    scope: Arc<Scope>,
    row: api_token::Model,
    member: Option<(member::Model, user::Model)>,
}

/// A script's access to one organization, as the member who owns the token. Its secret is shown once, when it is created.
#[Object]
impl ApiToken {
    /// The id of the token: `apitoken_…`.
    pub(super) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// What its owner calls it.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// The member as whom it acts. Needs `MEMBERS_READ`; `null` without.
    async fn member(&self) -> Option<Member> {
        let may_see = self.scope.access.permissions.has(roster_entity::Permission::MembersRead);
        self.member.clone().filter(|_| may_see).map(|(row, user)| Member::new(&self.scope, row, user))
    }

    /// What it may do, as far as its owner may: a permission that the owner loses, the token loses at once.
    async fn permissions(&self) -> Vec<Permission> {
        self.row.permissions.0.iter().copied().map(Permission::from).collect()
    }

    /// Whether it can be used.
    async fn status(&self) -> ApiTokenStatus {
        self.row.status(self.scope.membership.clock().now()).into()
    }

    /// Until when it can be used; `null`: until it is revoked.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.row.expires_at
    }

    /// When it was last used, to the minute; `null` if it never was.
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.row.last_used_at
    }

    /// When it was revoked, by somebody or with the membership of its owner.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.row.revoked_at
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.created_at
    }
}

impl ApiToken {
    /// The tokens with the members who own them, in two statements more.
    pub(super) async fn load(scope: &Arc<Scope>, rows: Vec<api_token::Model>) -> Result<Vec<Self>> {
        let members: HashMap<MemberId, _> =
            graphql_member::by_ids(scope, rows.iter().map(|row| row.member_id)).await?;
        let load = |row: api_token::Model| {
            let member = members.get(&row.member_id).cloned();
            Self { scope: Arc::clone(scope), row, member }
        };
        Ok(rows.into_iter().map(load).collect())
    }

    pub(super) fn row_id(&self) -> ApiTokenId {
        self.row.id
    }

    /// One token, with the member who owns it.
    pub(super) async fn one(scope: &Arc<Scope>, row: api_token::Model) -> membership::Result<Self> {
        let member = member::find_in(scope.conn(), scope.organization(), row.member_id).await?;
        Ok(Self { scope: Arc::clone(scope), row, member })
    }
}

/// Which tokens a list shows.
pub(super) struct Filter {
    pub(super) status: Option<Vec<ApiTokenStatus>>,
    /// Only those of this member.
    pub(super) member: Option<MemberId>,
}

/// A page of the API tokens of an organization, newest first. Whoever calls has checked that they may be seen.
pub(super) async fn list(
    scope: &Arc<Scope>,
    filter: Filter,
    args: &PageArgs,
) -> Result<Connection<ApiToken>> {
    let now = scope.membership.clock().now();
    let mut rows = match filter.status {
        None => api_token::Entity::in_organization(scope.organization()),
        Some(status) => api_token::Entity::with_status(
            scope.organization(),
            &distinct::<_, api_token::Status>(status),
            now,
        ),
    };
    if let Some(member) = filter.member {
        rows = rows.filter(api_token::Column::MemberId.eq(member));
    }
    let list = List {
        name: "API tokens",
        ordering: Ordering::newest(api_token::Column::Id),
        kinds: &[Kind::Id],
        key: |row: &api_token::Model| vec![Key::Id(row.id.0)],
    };
    let page = list.fetch(scope.conn(), rows, args).await?;
    let cursors: Vec<_> = page.rows.iter().map(|row| list.cursor(row)).collect();
    let nodes = ApiToken::load(scope, page.rows).await?;
    Ok(connect(page.has_previous, page.has_next, cursors.into_iter().zip(nodes)))
}
