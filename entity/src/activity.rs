//! The activity log of an organization: who did what to whom. Rows are only ever added.

use sea_orm::{Select, entity::prelude::*};
use serde::{Deserialize, Serialize};

use crate::{ActivityId, ApiTokenId, GroupId, InvitationId, MemberId, OrganizationId, UserId};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Action {
    /// An organization was created.
    OrganizationCreated,
    /// The settings of an organization were changed.
    OrganizationUpdated,
    /// A person was invited.
    MemberInvited,
    /// An invitation was sent again.
    InvitationResent,
    /// An invitation was revoked.
    InvitationRevoked,
    /// A person accepted their invitation.
    InvitationAccepted,
    /// A person declined their invitation.
    InvitationDeclined,
    /// A member was removed.
    MemberRemoved,
    /// A removal was undone.
    MemberRestored,
    /// A member left.
    MemberLeft,
    /// A member got another role.
    MemberRoleChanged,
    /// A group was created.
    GroupCreated,
    /// A group was changed.
    GroupUpdated,
    /// A group was deleted.
    GroupDeleted,
    /// A member was put into a group.
    GroupMemberAdded,
    /// A member was taken out of a group.
    GroupMemberRemoved,
    /// An API token was created.
    ApiTokenCreated,
    /// An API token was revoked.
    ApiTokenRevoked,
    /// An email was sent again.
    NotificationResent,
}

/// A row of `activities`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "activities")]
pub struct Model {
    /// The id of the row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ActivityId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// What was done.
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
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The log of an organization.
    pub fn in_organization(organization: OrganizationId) -> Select<Entity> {
        Self::find().filter(Column::OrganizationId.eq(organization))
    }
}
