//! Relay's `Node`: anything with an id, found by it alone.

use std::sync::Arc;

use async_graphql::{Context, ID, Interface, Result};
use roster_entity::{
    ActivityId, ApiTokenId, GroupId, InvitationId, MemberId, NotificationId, OrganizationId, Permission,
    UserId, activity, api_token, group,
    id::{TypedId, prefix_of},
    invitation, member, notification, user,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Query, SimpleExpr},
};

use super::{
    activity::Activity,
    api_token::ApiToken,
    caller,
    error::{bad_input, internal, to_graphql},
    group::Group,
    ids::parse,
    invitation::Invitation,
    member::Member,
    notification::Notification,
    operations,
    organization::Organization,
    scope::Scope,
    user::User,
};
use crate::membership::{Access, Error};

/// Anything with an id that stays the same.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The id: its kind, an underscore, and 26 letters and digits."
))]
pub(crate) enum Node {
    /// An organization.
    Organization(Organization),
    /// A person.
    User(User),
    /// A person in an organization.
    Member(Member),
    /// An invitation.
    Invitation(Invitation),
    /// A group.
    Group(Group),
    /// An entry of the activity log.
    Activity(Box<Activity>),
    /// An email.
    Notification(Notification),
    /// A script's access to an organization.
    ApiToken(ApiToken),
}

/// The thing with this id, whatever it is. `NOT_FOUND` if there is none, or if the caller has no access to it.
pub(super) async fn find(ctx: &Context<'_>, id: &ID) -> Result<Node> {
    // Before anything is looked up: without a caller even "not found" is no answer.
    caller(ctx).map_err(to_graphql)?;
    let node = match prefix_of(id).unwrap_or_default().as_str() {
        OrganizationId::PREFIX => Node::Organization(Organization(enter(ctx, parse(id)?).await?)),
        UserId::PREFIX => Node::User(User(find_user(ctx, parse(id)?).await?)),
        MemberId::PREFIX => {
            let row = row::<member::Entity>(ctx, member::Column::Id.eq(parse::<MemberId>(id)?)).await?;
            let scope = enter_with(ctx, row.organization_id, Permission::MembersRead).await?;
            Node::Member(Member::find(&scope, row.id).await?.ok_or_else(not_found)?)
        }
        InvitationId::PREFIX => {
            let row =
                row::<invitation::Entity>(ctx, invitation::Column::Id.eq(parse::<InvitationId>(id)?)).await?;
            let scope = enter_with(ctx, row.organization_id, Permission::MembersInvite).await?;
            Node::Invitation(Invitation::new(&scope, row))
        }
        GroupId::PREFIX => {
            let row = row::<group::Entity>(ctx, group::Column::Id.eq(parse::<GroupId>(id)?)).await?;
            let scope = enter_with(ctx, row.organization_id, Permission::MembersRead).await?;
            Node::Group(Group { scope, row: row.into() })
        }
        ActivityId::PREFIX => {
            let row = row::<activity::Entity>(ctx, activity::Column::Id.eq(parse::<ActivityId>(id)?)).await?;
            let scope = enter_with(ctx, row.organization_id, Permission::ActivitiesRead).await?;
            Node::Activity(Box::new(Activity::load(&scope, vec![row]).await?.pop().ok_or_else(not_found)?))
        }
        NotificationId::PREFIX => {
            let id = parse::<NotificationId>(id)?;
            let row = row::<notification::Entity>(ctx, notification::Column::Id.eq(id)).await?;
            let scope = enter_with(ctx, row.organization_id, Permission::NotificationsRead).await?;
            Node::Notification(Notification::load(&scope, vec![row]).await?.pop().ok_or_else(not_found)?)
        }
        ApiTokenId::PREFIX => {
            let row =
                row::<api_token::Entity>(ctx, api_token::Column::Id.eq(parse::<ApiTokenId>(id)?)).await?;
            let scope = enter_with(ctx, row.organization_id, Permission::ApiTokensManage).await?;
            Node::ApiToken(ApiToken::one(&scope, row).await.map_err(to_graphql)?)
        }
        _ => {
            return Err(bad_input(
                "This is not the id of anything here. An id looks like member_01h455vb4pex5vsknk084sn02q.",
            ));
        }
    };
    Ok(node)
}

/// A row of any organization. Nothing of it may be shown before [`enter`] has let the caller into its organization.
async fn row<E: EntityTrait>(ctx: &Context<'_>, with_id: SimpleExpr) -> Result<E::Model> {
    let conn = operations(ctx).database().read();
    E::find().filter(with_id).one(conn).await.map_err(internal)?.ok_or_else(not_found)
}

/// The caller's access to an organization.
pub(super) async fn enter(ctx: &Context<'_>, organization: OrganizationId) -> Result<Arc<Scope>> {
    let membership = operations(ctx);
    let access =
        Access::at_arrival(membership.database().read(), caller(ctx).map_err(to_graphql)?, organization)
            .await;
    match access {
        Ok(access) => Ok(Scope::new(membership, access)),
        Err(Error::NotFound(_)) => Err(not_found()),
        Err(error) => Err(to_graphql(error)),
    }
}

async fn enter_with(
    ctx: &Context<'_>,
    organization: OrganizationId,
    permission: Permission,
) -> Result<Arc<Scope>> {
    let scope = enter(ctx, organization).await?;
    scope.require(permission)?;
    Ok(scope)
}

/// Oneself, and people who have joined an organization of the caller's; a script sees them if it may read its members.
async fn find_user(ctx: &Context<'_>, id: UserId) -> Result<user::Model> {
    let caller = caller(ctx).map_err(to_graphql)?;
    if caller.user.id == id {
        return Ok(caller.user.clone());
    }
    let mut mine = Query::select();
    mine.column(member::Column::OrganizationId)
        .from(member::Entity)
        .and_where(member::Column::UserId.eq(caller.user.id))
        .and_where(member::Column::Status.eq(member::Status::Active));
    if let Some(token) = &caller.api_token {
        if !token.permissions.has(Permission::MembersRead) {
            return Err(not_found());
        }
        mine.and_where(member::Column::OrganizationId.eq(token.organization));
    }
    let conn = operations(ctx).database().read();
    let shared = member::Entity::find()
        .filter(member::Column::UserId.eq(id))
        .filter(member::Column::JoinedAt.is_not_null())
        .filter(member::Column::OrganizationId.in_subquery(mine))
        .find_also_related(user::Entity)
        .one(conn)
        .await
        .map_err(internal)?;
    shared.and_then(|(_, user)| user).ok_or_else(not_found)
}

fn not_found() -> async_graphql::Error {
    to_graphql(Error::NotFound("thing"))
}
