//! Where a person stands in organizations: all that decides what they may do there, in one statement.

use std::{collections::BTreeMap, sync::LazyLock};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IdenStatic, Iterable, QueryFilter, QueryResult,
    Statement,
};

use crate::{OrganizationId, UserId, cells::Cells, group, member, one_of, organization, user};

/// An active member.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The organization.
    pub organization: organization::Model,
    /// The person as a member of it.
    pub member: member::Model,
    /// The person.
    pub user: user::Model,
    /// The member's groups, in no order.
    pub groups: Vec<group::Model>,
}

/// By organization.
pub type Standings = BTreeMap<OrganizationId, Standing>;

/// A row of a person who is an active member: there is one for each group of each membership, and one for who is in none.
type Row = (user::Model, Option<member::Model>, Option<organization::Model>, Option<group::Model>);

/// How a person stands in those of these organizations of which they are an active member.
pub async fn in_organizations(
    conn: &impl ConnectionTrait,
    user: UserId,
    organizations: impl IntoIterator<Item = OrganizationId>,
) -> Result<Standings, DbErr> {
    let rows = member::Entity::find()
        .filter(one_of(conn.get_database_backend(), member::Column::OrganizationId, organizations))
        .filter(member::Column::UserId.eq(user))
        .filter(member::is_active())
        .find_also_related(organization::Entity)
        .find_also_related(user::Entity)
        .find_also(member::Entity, group::Entity)
        .all(conn)
        .await?;
    let rows = rows
        .into_iter()
        .filter_map(|(member, organization, user, group)| Some((user?, Some(member), organization, group)));
    Ok(standings(rows))
}

/// The person who signs in as `subject` at `issuer`, and how they stand in all of their organizations: `None` if these are
/// too many to be read with each request.
pub async fn of_identity(
    conn: &impl ConnectionTrait,
    issuer: &str,
    subject: &str,
) -> Result<Option<(user::Model, Option<Standings>)>, DbErr> {
    let values = [issuer.into(), subject.into()];
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), OF_IDENTITY.as_str(), values);
    let found = conn.query_all_raw(statement).await?;
    let rows = found.iter().map(read).collect::<Result<Vec<_>, DbErr>>()?;
    let Some(user) = rows.first().map(|(user, ..)| user.clone()) else { return Ok(None) };
    let is_all = rows.len() < MOST_ROWS;
    Ok(Some((user, is_all.then(|| standings(rows)))))
}

fn read(row: &QueryResult) -> Result<Row, DbErr> {
    let mut cells = Cells::of(row);
    Ok((
        user::Model::read(&mut cells)?,
        cells.take_joined::<member::Entity>(member::Model::read)?,
        cells.take_joined::<organization::Entity>(organization::Model::read)?,
        cells.take_joined::<group::Entity>(group::Model::read)?,
    ))
}

/// How many rows are read with each request of somebody: most people are in one organization, or in few.
const MOST_ROWS: usize = 16;

static OF_IDENTITY: LazyLock<String> = LazyLock::new(|| {
    let columns = [
        columns::<user::Entity>(),
        columns::<member::Entity>(),
        columns::<organization::Entity>(),
        columns::<group::Entity>(),
    ];
    format!(
        "SELECT {} FROM identities
         JOIN users ON users.id = identities.user_id
         LEFT JOIN members ON members.user_id = users.id AND members.status = 'ACTIVE'
         LEFT JOIN organizations ON organizations.id = members.organization_id
         LEFT JOIN group_members ON group_members.member_id = members.id
         LEFT JOIN groups ON groups.id = group_members.group_id
         WHERE identities.issuer = $1 AND identities.subject = $2
         LIMIT {MOST_ROWS}",
        columns.join(", "),
    )
});

fn columns<E: EntityTrait>() -> String {
    let table = E::default();
    let column = |column: E::Column| format!("{}.{}", table.as_str(), column.as_str());
    E::Column::iter().map(column).collect::<Vec<_>>().join(", ")
}

fn standings(rows: impl IntoIterator<Item = Row>) -> Standings {
    let mut standings = Standings::new();
    for (user, member, organization, group) in rows {
        let (Some(member), Some(organization)) = (member, organization) else { continue };
        let standing = standings.entry(organization.id).or_insert_with(|| Standing {
            organization,
            member,
            user,
            groups: Vec::new(),
        });
        standing.groups.extend(group);
    }
    standings
}
