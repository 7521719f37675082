//! Who is in which group. The database sees to it that both are of one organization.

use std::{collections::HashMap, sync::Arc};

use sea_orm::{
    DbBackend, QueryOrder, QuerySelect, QueryTrait, Select,
    entity::prelude::*,
    sea_query::{Expr, SimpleExpr},
};

use crate::{GroupId, MemberId, OrganizationId, cells::Cells, group, one_of};

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
    #[sea_orm(belongs_to, from = "member_id", to = "id")]
    pub member: BelongsTo<super::member::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// All pairs of an organization.
    pub fn in_organization(organization: OrganizationId) -> Select<Entity> {
        Self::find().filter(Column::OrganizationId.eq(organization))
    }
}

/// The groups of each of these members of an organization, by name, in one statement: with a row for each group, as they
/// are few, that says who of the members is in it.
pub async fn groups_of(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    members: impl IntoIterator<Item = MemberId>,
) -> Result<HashMap<MemberId, Vec<Arc<group::Model>>>, DbErr> {
    let backend = conn.get_database_backend();
    let list = group::Entity::in_organization(organization)
        .reverse_join(Entity)
        .filter(one_of(backend, Column::MemberId, members))
        .expr(all_members(backend))
        .group_by(group::Column::Id)
        .order_by_asc(group::Column::SortName);
    let mut groups: HashMap<_, Vec<_>> = HashMap::new();
    for row in conn.query_all_raw(list.build(backend)).await? {
        let mut cells = Cells::of(&row);
        let group = Arc::new(group::Model::read(&mut cells)?);
        for member in read_members(&mut cells, backend)? {
            groups.entry(MemberId(member)).or_default().push(Arc::clone(&group));
        }
    }
    Ok(groups)
}

fn all_members(backend: DbBackend) -> SimpleExpr {
    Expr::cust(match backend {
        DbBackend::Postgres => "ARRAY_AGG(group_members.member_id)",
        // SQLite has no arrays.
        _ => "GROUP_CONCAT(HEX(group_members.member_id))",
    })
}

fn read_members(cells: &mut Cells<'_>, backend: DbBackend) -> Result<Vec<Uuid>, DbErr> {
    if backend == DbBackend::Postgres {
        return cells.take();
    }
    let members: String = cells.take()?;
    let ids = members.split(',').map(Uuid::try_parse);
    ids.collect::<Result<_, _>>().map_err(|error| DbErr::Type(error.to_string()))
}
