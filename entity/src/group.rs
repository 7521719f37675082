//! Groups of members. A group grants its permissions to every active member in it.

use sea_orm::{QueryOrder, Select, entity::prelude::*, sea_query::Query};

use crate::{GroupId, MemberId, OrganizationId, Permissions, cells::Cells, group_member, one_of};

/// A row of `groups`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "groups")]
pub struct Model {
    /// The id of the row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: GroupId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// The name.
    pub name: String,
    /// The folded name: unique in the organization, and what groups are sorted by.
    pub sort_name: String,
    /// What it is for.
    pub description: String,
    /// What the group grants.
    #[sea_orm(column_type = "JsonBinary")]
    pub permissions: Permissions,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// From the cells of its columns.
    pub(crate) fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            id: cells.take()?,
            organization_id: cells.take()?,
            name: cells.take()?,
            sort_name: cells.take()?,
            description: cells.take()?,
            permissions: cells.take()?,
            created_at: cells.take()?,
        })
    }
}

impl Entity {
    /// The groups of an organization.
    pub fn in_organization(organization: OrganizationId) -> Select<Entity> {
        Self::find().filter(Column::OrganizationId.eq(organization))
    }
}

/// The groups that a member of an organization is in, by name.
pub async fn of_member(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    member: MemberId,
) -> Result<Vec<Model>, DbErr> {
    let ids = Query::select()
        .column(group_member::Column::GroupId)
        .from(group_member::Entity)
        .and_where(group_member::Column::OrganizationId.eq(organization))
        .and_where(group_member::Column::MemberId.eq(member))
        .to_owned();
    Entity::in_organization(organization)
        .filter(Column::Id.in_subquery(ids))
        .order_by_asc(Column::SortName)
        .all(conn)
        .await
}

/// The groups of an organization with these ids, by name. Ids that are not there, or are another organization's, are
/// left out.
pub async fn find_all_in(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    ids: impl IntoIterator<Item = GroupId>,
) -> Result<Vec<Model>, DbErr> {
    Entity::in_organization(organization)
        .filter(one_of(conn.get_database_backend(), Column::Id, ids))
        .order_by_asc(Column::SortName)
        .all(conn)
        .await
}
