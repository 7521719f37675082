//! Roles: named sets of permissions.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

use crate::{Permission, Permissions};

/// The role of a member: a set of permissions with a name. Groups can grant more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// May do everything. An organization always has an owner.
    Owner,
    /// May do everything but make, change or remove owners.
    Admin,
    /// May see the organization, its members and groups.
    Member,
}

impl Role {
    /// What the role permits by itself.
    pub fn permissions(self) -> Permissions {
        match self {
            Role::Owner => Permission::ALL.into_iter().collect(),
            Role::Admin => Permission::ALL.into_iter().filter(|p| *p != Permission::OwnersManage).collect(),
            Role::Member => [Permission::MembersRead].into_iter().collect(),
        }
    }

    /// The role with its article: `an owner`.
    pub fn with_article(self) -> &'static str {
        match self {
            Role::Owner => "an owner",
            Role::Admin => "an admin",
            Role::Member => "a member",
        }
    }

    /// The role as a word in a sentence: `owner`.
    pub fn word(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Admin => "admin",
            Role::Member => "member",
        }
    }
}
