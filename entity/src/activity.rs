//! The activity log of an organization: who did what to whom. Rows are only ever added.

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseBackend, QueryOrder, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};

use crate::{
    ActivityId, ApiTokenId, GroupId, InvitationId, MemberId, OrganizationId, UserId, own_plan::own_plan,
};

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

    /// The entries of an organization that `filter` lets through.
    pub fn filtered(
        backend: DatabaseBackend,
        organization: OrganizationId,
        filter: &Filter,
    ) -> Select<Entity> {
        let mut entries = Self::in_organization(organization);
        // One value is a range of an index, which is in the order of the list. Of several, it depends on how many entries have them.
        if filter.values() > 1 {
            entries = entries.filter(own_plan(backend, "activities"));
        }
        if let Some(actions) = &filter.actions {
            entries = entries.filter(Column::Action.is_in(actions.clone()));
        }
        if let Some(actors) = &filter.actors {
            entries = entries.filter(Column::ActorId.is_in(actors.clone()));
        }
        if let Some(members) = &filter.members {
            entries = entries.filter(Column::MemberId.is_in(members.clone()));
        }
        if let Some(groups) = &filter.groups {
            entries = entries.filter(Column::GroupId.is_in(groups.clone()));
        }
        if let Some(tokens) = &filter.api_tokens {
            entries = entries.filter(Column::ApiTokenId.is_in(tokens.clone()));
        }
        if let Some(since) = filter.since {
            entries = entries.filter(Column::CreatedAt.gte(since));
        }
        if let Some(until) = filter.until {
            entries = entries.filter(Column::CreatedAt.lt(until));
        }
        entries
    }
}

/// Which entries a list shows. The lists are alternatives; the parts hold together.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of these kinds.
    pub actions: Option<Vec<Action>>,
    /// Done by one of these people.
    pub actors: Option<Vec<UserId>>,
    /// Done to one of these members.
    pub members: Option<Vec<MemberId>>,
    /// Done to one of these groups.
    pub groups: Option<Vec<GroupId>>,
    /// Done with one of these API tokens.
    pub api_tokens: Option<Vec<ApiTokenId>>,
    /// Done at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Done before this time.
    pub until: Option<DateTime<Utc>>,
}

impl Filter {
    /// How many actions, people and things it names.
    fn values(&self) -> usize {
        fn count<T>(values: &Option<Vec<T>>) -> usize {
            values.as_ref().map_or(0, Vec::len)
        }
        count(&self.actions)
            + count(&self.actors)
            + count(&self.members)
            + count(&self.groups)
            + count(&self.api_tokens)
    }
}

/// The entry that tells of what was done to a member at this time. Not the newest: the clock may have been set back since.
pub async fn of_member_at(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    member: MemberId,
    action: Action,
    at: Option<DateTime<Utc>>,
) -> Result<Option<Model>, DbErr> {
    Entity::in_organization(organization)
        .filter(Column::MemberId.eq(member))
        .filter(Column::Action.eq(action))
        .filter(Column::CreatedAt.eq(at))
        .order_by_desc(Column::Id)
        .one(conn)
        .await
}
