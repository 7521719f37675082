//! An entry of the activity log.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{ID, Object, Result, connection::Connection};
use chrono::{DateTime, Utc};
use roster_entity::{Permission, activity, keyset::Ordering, user};
use sea_orm::{prelude::Json, sea_query::Expr};

use super::{
    connection::{Key, Kind, List, PageArgs, connect},
    enums::ActivityAction,
    error::internal,
    member::{self, Member},
    scope::Scope,
    user::User,
};

/// The GraphQL type `Activity`.
pub(crate) struct Activity {
    scope: Arc<Scope>,
    row: activity::Model,
    actor: user::Model,
    member: Option<(roster_entity::member::Model, user::Model)>,
}

/// An entry of the activity log of an organization: who did what to whom. The log is only ever added to.
#[Object]
impl Activity {
    /// The id of the entry: `activity_…`.
    pub(super) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// What was done.
    async fn action(&self) -> ActivityAction {
        self.row.action.into()
    }

    /// Who did it.
    async fn actor(&self) -> User {
        User(self.actor.clone())
    }

    /// The API token that the actor used: `apitoken_…`; `null` if it was the person.
    async fn api_token_id(&self) -> Option<ID> {
        self.row.api_token_id.map(|id| id.to_string().into())
    }

    /// The member it was done to, as they are now. Needs `MEMBERS_READ`; `null` without.
    async fn member(&self) -> Option<Member> {
        let may_see = self.scope.access.permissions.has(Permission::MembersRead);
        self.member.clone().filter(|_| may_see).map(|(row, user)| Member::new(&self.scope, row, user))
    }

    /// The id of the invitation it was done to.
    async fn invitation_id(&self) -> Option<ID> {
        self.row.invitation_id.map(|id| id.to_string().into())
    }

    /// The id of the group it was done to. The group may be gone.
    async fn group_id(&self) -> Option<ID> {
        self.row.group_id.map(|id| id.to_string().into())
    }

    /// What was before, as far as it changed: role, groups, names.
    async fn before(&self) -> Option<Json> {
        self.row.before.clone()
    }

    /// What was after, as far as it changed.
    async fn after(&self) -> Option<Json> {
        self.row.after.clone()
    }

    /// The note that the actor gave.
    async fn reason(&self) -> Option<&str> {
        self.row.reason.as_deref()
    }

    /// When it was done.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.created_at
    }
}

impl Activity {
    /// The entries with the people and members they name, in two statements more.
    pub(super) async fn load(scope: &Arc<Scope>, rows: Vec<activity::Model>) -> Result<Vec<Self>> {
        let people = scope.people(rows.iter().map(|row| row.actor_id)).await?;
        let members = member::by_ids(scope, rows.iter().filter_map(|row| row.member_id)).await?;
        let find = |people: &HashMap<_, user::Model>, row: &activity::Model| {
            let missing = || internal(sea_orm::DbErr::RecordNotFound(row.actor_id.to_string()));
            people.get(&row.actor_id).cloned().ok_or_else(missing)
        };
        rows.into_iter()
            .map(|row| {
                let actor = find(&people, &row)?;
                let member = row.member_id.and_then(|id| members.get(&id).cloned());
                Ok(Self { scope: Arc::clone(scope), row, actor, member })
            })
            .collect()
    }
}

/// A page of the activity log of an organization, newest first.
pub(super) async fn list(scope: &Arc<Scope>, args: &PageArgs) -> Result<Connection<String, Activity>> {
    scope.require(Permission::ActivitiesRead)?;
    let list = List {
        name: "activities",
        ordering: Ordering { by: vec![Expr::col(activity::Column::Id)], descending: true },
        kinds: &[Kind::Id],
        key: |row: &activity::Model| vec![Key::Id(row.id.0)],
    };
    let page =
        list.fetch(scope.conn(), activity::Entity::in_organization(scope.organization()), args).await?;
    let cursors: Vec<_> = page.rows.iter().map(|row| list.cursor(row)).collect();
    let nodes = Activity::load(scope, page.rows).await?;
    Ok(connect(page.has_previous, page.has_next, cursors.into_iter().zip(nodes)))
}
