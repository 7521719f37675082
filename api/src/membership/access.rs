//! What a person may do in an organization.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use roster_entity::{
    ApiTokenId, OrganizationId, Permission, Permissions, api_token, group, member, organization,
    standing::{self, Standing},
    user,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter};

use super::{Error, Result};
use crate::identity::Caller;

/// A caller's access to one organization. There is no other way to get one than to be an active member, and nothing of an
/// organization is read or changed without one.
#[derive(Clone, Debug)]
pub struct Access {
    /// The organization.
    pub organization: organization::Model,
    /// The caller as a member of it.
    pub member: member::Model,
    /// The caller.
    pub user: user::Model,
    /// What the caller may do: by role and groups, and no more than the API token allows.
    pub permissions: Permissions,
    /// The API token that the caller uses, if it is one.
    pub api_token: Option<ApiTokenId>,
}

impl Access {
    /// The caller's access to `organization`; `NotFound` for everybody who is not an active member, and for tokens of
    /// other organizations.
    pub async fn to(
        conn: &impl ConnectionTrait,
        caller: &Caller,
        organization: OrganizationId,
    ) -> Result<Self> {
        Self::to_all(conn, caller, [organization]).await?.remove(&organization).ok_or(REFUSED)
    }

    /// The caller's access to those of these organizations to which they have any, in one statement.
    pub async fn to_all(
        conn: &impl ConnectionTrait,
        caller: &Caller,
        organizations: impl IntoIterator<Item = OrganizationId>,
    ) -> Result<BTreeMap<OrganizationId, Self>> {
        let in_reach = organizations.into_iter().filter(|organization| caller.may_reach(*organization));
        let standings = standing::in_organizations(conn, caller.user.id, in_reach).await?;
        Ok(standings.into_iter().map(|(id, standing)| (id, Self::of(caller, standing))).collect())
    }

    /// The caller's access to those of these organizations to which they have any, at the time at which the request came where
    /// that is known: for queries.
    pub async fn to_all_at_arrival(
        conn: &impl ConnectionTrait,
        caller: &Caller,
        organizations: impl IntoIterator<Item = OrganizationId>,
    ) -> Result<BTreeMap<OrganizationId, Self>> {
        let Some(standings) = &caller.standings else {
            return Self::to_all(conn, caller, organizations).await;
        };
        let known = |id| Some((id, Self::of(caller, standings.get(&id)?.clone())));
        Ok(organizations.into_iter().filter_map(known).collect())
    }

    /// The same for one; `NotFound` as in [`Access::to`].
    pub async fn at_arrival(
        conn: &impl ConnectionTrait,
        caller: &Caller,
        organization: OrganizationId,
    ) -> Result<Self> {
        let mut access = Self::to_all_at_arrival(conn, caller, [organization]).await?;
        access.remove(&organization).ok_or(REFUSED)
    }

    /// The same later on, at `now`, for a caller who was let in before: their token must still hold.
    pub async fn still(
        conn: &impl ConnectionTrait,
        caller: &Caller,
        organization: OrganizationId,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        if caller.expires_at.is_some_and(|end| end <= now) {
            return Err(Error::Unauthenticated);
        }
        check_token(conn, caller, now).await?;
        Self::to(conn, caller, organization).await
    }

    fn of(caller: &Caller, standing: Standing) -> Self {
        let Standing { organization, member, user, groups } = standing;
        let mut permissions = granted(&member, &groups);
        if let Some(scope) = &caller.api_token {
            permissions = permissions.intersection(&scope.permissions);
        }
        let api_token = caller.api_token.as_ref().map(|scope| scope.id);
        Self { organization, member, user, permissions, api_token }
    }

    /// Refuses a caller who lacks a permission.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.permissions.has(permission) {
            Ok(())
        } else {
            Err(Error::not_permitted(permission, &self.organization.name))
        }
    }
}

/// The same answer to everybody who has no access, whether the organization exists or not.
const REFUSED: Error = Error::NotFound("organization");

/// Refuses an API token that has ended since the caller has shown it.
pub(super) async fn check_token(
    conn: &impl ConnectionTrait,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(scope) = &caller.api_token else { return Ok(()) };
    let token = api_token::Entity::in_organization(scope.organization)
        .filter(api_token::Column::Id.eq(scope.id))
        .one(conn)
        .await?;
    match token.map(|token| token.status(now)) {
        Some(api_token::Status::Active) => Ok(()),
        _ => Err(Error::Unauthenticated),
    }
}

/// What a member may do: role and groups together.
pub(super) async fn effective_permissions(
    conn: &impl ConnectionTrait,
    member: &member::Model,
) -> std::result::Result<Permissions, DbErr> {
    let groups = group::of_member(conn, member.organization_id, member.id).await?;
    Ok(granted(member, &groups))
}

/// What a member with these groups may do.
pub fn granted<'a>(
    member: &member::Model,
    groups: impl IntoIterator<Item = &'a group::Model>,
) -> Permissions {
    groups.into_iter().fold(member.role.permissions(), |all, group| all.union(&group.permissions))
}

/// Turns the refusal of an organization into the refusal of the thing that the caller named: whether the thing does not
/// exist or the organization is foreign must not show.
pub(super) fn named<T>(result: Result<T>, what: &'static str) -> Result<T> {
    result.map_err(|e| match e {
        Error::NotFound(_) => Error::NotFound(what),
        other => other,
    })
}
