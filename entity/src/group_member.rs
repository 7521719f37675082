//! Who is in which group. The database sees to it that both are of one organization.

use std::collections::HashMap;

use sea_orm::{QueryOrder, QuerySelect, Select, entity::prelude::*};

use crate::{GroupId, MemberId, OrganizationId, group, one_of};

/// A row of `group_members`.
#[sea_orm::model]
#[allow(missing_docs, reason = "sea-orm's macro adds a field without one")]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "group_members")]
pub struct Model {
    /// The group.
    #[sea_orm(primary_key, auto_increment = false)]
    pub group_id: GroupId,
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: MemberId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    #[sea_orm(belongs_to, from = "group_id", to = "id")]
    pub group: BelongsTo<super::group::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// All pairs of an organization.
    pub fn in_organization(organization: OrganizationId) -> Select<Entity> {
        Self::find().filter(Column::OrganizationId.eq(organization))
    }
}

/// The groups of each of these members of an organization, by name, in one statement.
pub async fn groups_of(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    members: impl IntoIterator<Item = MemberId>,
) -> Result<HashMap<MemberId, Vec<group::Model>>, DbErr> {
    let pairs = Entity::in_organization(organization)
        .filter(one_of(conn.get_database_backend(), Column::MemberId, members))
        .find_also_related(group::Entity)
        .order_by_asc(group::Column::SortName)
        .all(conn)
        .await?;
    let mut groups: HashMap<_, Vec<_>> = HashMap::new();
    for (pair, group) in pairs {
        groups.entry(pair.member_id).or_default().extend(group);
    }
    Ok(groups)
}

/// The same in two statements, of which each group is in one row only: for many members in few groups.
pub async fn shared_groups_of(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    members: impl IntoIterator<Item = MemberId>,
) -> Result<HashMap<MemberId, Vec<group::Model>>, DbErr> {
    let pairs: Vec<(GroupId, MemberId)> = Entity::in_organization(organization)
        .filter(one_of(conn.get_database_backend(), Column::MemberId, members))
        .select_only()
        .columns([Column::GroupId, Column::MemberId])
        .into_tuple()
        .all(conn)
        .await?;
    let mut members: HashMap<GroupId, Vec<MemberId>> = HashMap::new();
    for (group, member) in pairs {
        members.entry(group).or_default().push(member);
    }
    let mut groups: HashMap<_, Vec<_>> = HashMap::new();
    if members.is_empty() {
        return Ok(groups);
    }
    // By name, so that those of each member are so.
    for group in group::find_all_in(conn, organization, members.keys().copied()).await? {
        for member in &members[&group.id] {
            groups.entry(*member).or_default().push(group.clone());
        }
    }
    Ok(groups)
}
