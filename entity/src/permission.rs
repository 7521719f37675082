//! What a member may do in an organization.

use std::{collections::BTreeSet, fmt};

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// One thing that a member may do in an organization. Code asks for permissions, never for roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Permission {
    /// See the organization, its members and its groups.
    MembersRead,
    /// Invite people, see invitations, resend and revoke them.
    MembersInvite,
    /// Remove members.
    MembersRemove,
    /// Change the role of members.
    RolesManage,
    /// Create, change and delete groups, and decide who is in them.
    GroupsManage,
    /// Read the activity log.
    ActivitiesRead,
    /// See which emails were sent, and which were not.
    NotificationsRead,
    /// Send emails again.
    NotificationsResend,
    /// Change the organization's name and settings.
    OrganizationManage,
    /// Create and revoke API tokens.
    ApiTokensManage,
    /// Make people owners, and change or remove owners.
    OwnersManage,
}

impl Permission {
    /// All permissions there are.
    pub const ALL: [Permission; 11] = [
        Permission::MembersRead,
        Permission::MembersInvite,
        Permission::MembersRemove,
        Permission::RolesManage,
        Permission::GroupsManage,
        Permission::ActivitiesRead,
        Permission::NotificationsRead,
        Permission::NotificationsResend,
        Permission::OrganizationManage,
        Permission::ApiTokensManage,
        Permission::OwnersManage,
    ];
}

/// The name as the API spells it: `MEMBERS_REMOVE`.
impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// A set of permissions. One set is "above" another where it has what the other lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Permissions(pub BTreeSet<Permission>);

impl Permissions {
    /// Whether the set has this permission.
    pub fn has(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }

    /// Whether the set has everything that `other` has.
    pub fn cover(&self, other: &Permissions) -> bool {
        self.0.is_superset(&other.0)
    }

    /// Both sets together.
    pub fn union(mut self, other: &Permissions) -> Self {
        self.0.extend(&other.0);
        self
    }

    /// What both sets have.
    pub fn intersection(&self, other: &Permissions) -> Self {
        Self(self.0.intersection(&other.0).copied().collect())
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_is_spelled_as_in_the_api() {
        assert_eq!(Permission::MembersRemove.to_string(), "MEMBERS_REMOVE");
    }

    #[test]
    fn all_is_complete() {
        let names: BTreeSet<_> = Permission::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), Permission::ALL.len());
    }
}
