//! What a person may do in an organization.

use roster_entity::{
    ApiTokenId, MemberId, OrganizationId, Permission, Permissions, group, member, organization, user,
};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};

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
        let found = organization::Entity::find_by_id(organization).one(conn).await?;
        Self::of(conn, caller, found).await
    }

    pub(super) async fn of(
        conn: &impl ConnectionTrait,
        caller: &Caller,
        organization: Option<organization::Model>,
    ) -> Result<Self> {
        const REFUSED: Error = Error::NotFound("organization");
        let organization = organization.ok_or(REFUSED)?;
        let scope = caller.api_token.as_ref();
        if scope.is_some_and(|scope| scope.organization != organization.id) {
            return Err(REFUSED);
        }
        let member = member::of_user(conn, organization.id, caller.user.id)
            .await?
            .filter(|member| member.status == member::Status::Active)
            .ok_or(REFUSED)?;
        let mut permissions = effective_permissions(conn, &member).await?;
        if let Some(scope) = scope {
            permissions = permissions.intersection(&scope.permissions);
        }
        let api_token = scope.map(|scope| scope.id);
        Ok(Self { organization, member, user: caller.user.clone(), permissions, api_token })
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

/// What a member may do: role and groups together.
pub(super) async fn effective_permissions(
    conn: &impl ConnectionTrait,
    member: &member::Model,
) -> std::result::Result<Permissions, DbErr> {
    let groups = group::of_member(conn, member.organization_id, member.id).await?;
    Ok(granted(member, &groups))
}

/// What a member with these groups may do.
pub(super) fn granted(member: &member::Model, groups: &[group::Model]) -> Permissions {
    groups.iter().fold(member.role.permissions(), |all, group| all.union(&group.permissions))
}

impl super::Membership {
    /// The organization of a member, for a call that names only the member.
    pub(super) async fn organization_of_member(&self, id: MemberId) -> Result<OrganizationId> {
        member::organization_of(self.database.write(), id).await?.ok_or(Error::NotFound("member"))
    }
}

/// Turns the refusal of an organization into the refusal of the thing that the caller named: whether the thing does not
/// exist or the organization is foreign must not show.
pub(super) fn named<T>(result: Result<T>, what: &'static str) -> Result<T> {
    result.map_err(|e| match e {
        Error::NotFound(_) => Error::NotFound(what),
        other => other,
    })
}
