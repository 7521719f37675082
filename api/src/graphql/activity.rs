//! An entry of the activity log.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use roster_entity::{
    ActivityId, ApiTokenId, Permission, activity, api_token, id::TypedId, keyset::Ordering, notification,
    user,
};
use sea_orm::{ColumnTrait, QueryFilter, prelude::Json, sea_query::Expr};
use tokio::sync::OnceCell;

use super::{
    api_token::ApiToken,
    connection::{Connection, Key, Kind, List, PageArgs, connect, nodes},
    enums::ActivityAction,
    error::{bad_input, internal, to_graphql, valid_time},
    ids::parse_all,
    member::{self, Member, distinct},
    notification::Notification,
    scope::Scope,
    user::User,
};

/// The GraphQL type `Activity`.
#[derive(Clone)]
pub(crate) struct Activity {
    scope: Arc<Scope>,
    row: activity::Model,
    actor: user::Model,
    member: Option<(roster_entity::member::Model, user::Model)>,
    api_token: Option<Box<ApiToken>>,
    /// The email that went with it, fetched where the query asks for it.
    notification: OnceCell<Option<notification::Model>>,
}

/// Which entries a list shows. All parts that are given hold together; the values of one part are alternatives.
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct ActivityFilter {
    /// What was done.
    actions: Option<Vec<ActivityAction>>,
    /// By whom: ids of people, `user_…`.
    actor_ids: Option<Vec<ID>>,
    /// To which members.
    member_ids: Option<Vec<ID>>,
    /// To which groups. They may be gone.
    group_ids: Option<Vec<ID>>,
    /// With which API tokens.
    api_token_ids: Option<Vec<ID>>,
    /// At this time or later.
    since: Option<DateTime<Utc>>,
    /// Before this time.
    until: Option<DateTime<Utc>>,
}

/// The most ids in one part of a filter.
const MAX_IDS: usize = 100;

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

    /// The same, as it is now. Needs `API_TOKENS_MANAGE`; `null` without.
    async fn api_token(&self) -> Option<ApiToken> {
        self.api_token.as_deref().cloned()
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

    /// The email that went with it, and how its delivery stands. Needs `NOTIFICATIONS_READ`; `null` without, or if there is none.
    async fn notification(&self) -> Result<Option<Notification>> {
        if !self.scope.access.permissions.has(Permission::NotificationsRead) {
            return Ok(None);
        }
        let load = || async {
            let mut found = notifications_of(&self.scope, std::slice::from_ref(&self.row)).await?;
            Ok::<_, async_graphql::Error>(found.remove(&self.row.id))
        };
        let row = self.notification.get_or_try_init(load).await?.clone();
        let of = |row| Some(Notification::of(&self.scope, row, self.member.clone()?));
        Ok(row.and_then(of))
    }

    /// When it was done.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.created_at
    }
}

impl Activity {
    /// The entries with the people, members and API tokens they name, in a statement more for each.
    pub(super) async fn load(scope: &Arc<Scope>, rows: Vec<activity::Model>) -> Result<Vec<Self>> {
        let people = scope.people(rows.iter().map(|row| row.actor_id)).await?;
        let members = member::by_ids(scope, rows.iter().filter_map(|row| row.member_id)).await?;
        let tokens = tokens_of(scope, &rows).await?;
        rows.into_iter()
            .map(|row| {
                let member = row.member_id.and_then(|id| members.get(&id).cloned());
                let actor = roster_entity::member::known_actor(row.actor_id, member.as_ref(), &people);
                let missing = || internal(sea_orm::DbErr::RecordNotFound(row.actor_id.to_string()));
                let actor = actor.cloned().ok_or_else(missing)?;
                let api_token = row.api_token_id.and_then(|id| tokens.get(&id).cloned()).map(Box::new);
                let notification = OnceCell::new();
                Ok(Self { scope: Arc::clone(scope), row, actor, member, api_token, notification })
            })
            .collect()
    }
}

fn ids<I: TypedId>(ids: Option<Vec<ID>>, field: &str) -> Result<Option<Vec<I>>> {
    let Some(ids) = ids else { return Ok(None) };
    if ids.len() > MAX_IDS {
        return Err(bad_input(format!("{field} has {} ids. Give at most {MAX_IDS}.", ids.len())));
    }
    parse_all(&ids).map(Some)
}

/// The API tokens that were used, for those who may see them.
async fn tokens_of(scope: &Arc<Scope>, rows: &[activity::Model]) -> Result<HashMap<ApiTokenId, ApiToken>> {
    let mut ids: Vec<_> = rows.iter().filter_map(|row| row.api_token_id).collect();
    ids.sort();
    ids.dedup();
    if ids.is_empty() || !scope.access.permissions.has(Permission::ApiTokensManage) {
        return Ok(HashMap::new());
    }
    let found = api_token::Entity::in_organization(scope.organization())
        .filter(api_token::Column::Id.is_in(ids))
        .all(scope.conn())
        .await
        .map_err(internal)?;
    let tokens = ApiToken::load(scope, found).await?;
    Ok(tokens.into_iter().map(|token| (token.row_id(), token)).collect())
}

async fn notifications_of(
    scope: &Scope,
    rows: &[activity::Model],
) -> Result<HashMap<ActivityId, notification::Model>> {
    let ids = rows.iter().map(|row| row.id);
    let found = notification::of_activities(scope.conn(), scope.organization(), ids).await;
    Ok(found.map_err(internal)?.into_iter().filter_map(|row| Some((row.activity_id?, row))).collect())
}

/// A page of the activity log of an organization, newest first.
pub(super) async fn list(
    ctx: &Context<'_>,
    scope: &Arc<Scope>,
    filter: ActivityFilter,
    args: &PageArgs,
) -> Result<Connection<Activity>> {
    scope.require(Permission::ActivitiesRead)?;
    let filter = activity::Filter {
        actions: filter.actions.map(distinct),
        actors: ids(filter.actor_ids, "actorIds")?,
        members: ids(filter.member_ids, "memberIds")?,
        groups: ids(filter.group_ids, "groupIds")?,
        api_tokens: ids(filter.api_token_ids, "apiTokenIds")?,
        since: filter.since.map(|time| valid_time(time, "since")).transpose().map_err(to_graphql)?,
        until: filter.until.map(|time| valid_time(time, "until")).transpose().map_err(to_graphql)?,
    };
    let list = List {
        name: "activities",
        ordering: Ordering::new(
            [Expr::col(activity::Column::CreatedAt), Expr::col(activity::Column::Id)],
            true,
        ),
        kinds: &[Kind::Time, Kind::Id],
        key: |row: &activity::Model| vec![Key::Time(row.created_at), Key::Id(row.id.0)],
    };
    let rows = activity::Entity::filtered(scope.conn().get_database_backend(), scope.organization(), &filter);
    let page = list.fetch(scope.conn(), rows, args).await?;
    let cursors: Vec<_> = page.rows.iter().map(|row| list.cursor(row)).collect();
    let wants_notification =
        nodes(&ctx.look_ahead()).iter().any(|entry| entry.field("notification").exists());
    let mut notifications = match wants_notification {
        true => Some(notifications_of(scope, &page.rows).await?),
        false => None,
    };
    let mut entries = Activity::load(scope, page.rows).await?;
    for node in &mut entries {
        let notification = notifications.as_mut().map(|all| all.remove(&node.row.id));
        node.notification = OnceCell::new_with(notification);
    }
    Ok(connect(page.has_previous, page.has_next, cursors.into_iter().zip(entries)))
}
