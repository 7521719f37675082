//! The activity log of an organization: who did what to whom. Rows are only ever added.

use sea_orm::{Select, entity::prelude::*};
use serde::{Deserialize, Serialize};

use crate::{ActivityId, ApiTokenId, GroupId, InvitationId, MemberId, OrganizationId, UserId};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Action {
    OrganizationCreated,
    MemberInvited,
    InvitationResent,
    InvitationRevoked,
    InvitationAccepted,
    InvitationDeclined,
    MemberRemoved,
    MemberLeft,
    MemberRoleChanged,
    GroupCreated,
    GroupUpdated,
    GroupDeleted,
    GroupMemberAdded,
    GroupMemberRemoved,
    ApiTokenCreated,
}

/// A row of `activities`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "activities")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ActivityId,
    pub organization_id: OrganizationId,
    pub action: Action,
    /// Who did it.
    pub actor_id: UserId,
    /// The API token that the actor used, if it was one.
    pub api_token_id: Option<ApiTokenId>,
    /// The member it was done to.
    pub member_id: Option<MemberId>,
    /// The invitation it was done to.
    pub invitation_id: Option<InvitationId>,
    /// The group it was done to. No foreign key: the log outlives the group.
    pub group_id: Option<GroupId>,
    /// What was before, as far as it changed.
    #[sea_orm(column_type = "JsonBinary")]
    pub before: Option<Json>,
    /// What was after, as far as it changed.
    #[sea_orm(column_type = "JsonBinary")]
    pub after: Option<Json>,
    /// The note that the actor gave.
    pub reason: Option<String>,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The log of an organization.
    pub fn in_organization(organization: OrganizationId) -> Select<Entity> {
        Self::find().filter(Column::OrganizationId.eq(organization))
    }
}
