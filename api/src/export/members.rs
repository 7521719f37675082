//! The members of an organization, whatever their status.

use std::{collections::HashMap, sync::Arc};

use roster_entity::{Permission, UserId, group, group_member, member, user};
use sea_orm::{ActiveEnum, ColumnTrait, DatabaseConnection, DbErr, QueryFilter, prelude::Uuid};

use super::{Cell, Page, Table, rows_after};
use crate::membership::Access;

/// The members with one of these statuses; all without.
#[derive(Clone, Debug, Default)]
pub struct Members {
    /// The statuses.
    pub statuses: Option<Vec<member::Status>>,
}

impl Table for Members {
    const NAME: &'static str = "members";
    const PERMISSION: Permission = Permission::MembersRead;
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "name",
        "email",
        "role",
        "status",
        "groups",
        "invitedAt",
        "joinedAt",
        "removedAt",
        "removedBy",
        "removalReason",
    ];

    /// One statement for the members, one for the people, one for the groups.
    async fn page(
        &self,
        conn: &DatabaseConnection,
        access: &Access,
        after: Option<Uuid>,
    ) -> Result<Page, DbErr> {
        let organization = access.organization.id;
        let mut list = member::Entity::in_organization(organization);
        if let Some(statuses) = &self.statuses {
            list = list.filter(member::Column::Status.is_in(statuses.iter().copied()));
        }
        let page = rows_after(conn, list, (member::Entity, member::Column::Id), after).await?;
        let remover = page.rows.iter().filter_map(|row| row.removed_by);
        let people = user::by_ids(conn, page.rows.iter().map(|row| row.user_id).chain(remover)).await?;
        let ids: Vec<_> = page.rows.iter().map(|row| row.id).collect();
        let mut groups = group_member::groups_of(conn, organization, ids).await?;
        let last = page.rows.last().filter(|_| page.has_next).map(|row| row.id.0);
        let row = |row: member::Model| {
            let groups = groups.remove(&row.id).unwrap_or_default();
            cells(&row, &people, groups)
        };
        Ok(Page { rows: page.rows.into_iter().filter_map(row).collect(), last })
    }
}

fn cells(
    row: &member::Model,
    people: &HashMap<UserId, user::Model>,
    groups: Vec<Arc<group::Model>>,
) -> Option<Vec<Cell>> {
    // Also where the person has ended the membership: who declines is not known by name.
    let known = |id| {
        people.get(&id).cloned().map(|user| if id == row.user_id { row.as_known_here(user) } else { user })
    };
    let user = known(row.user_id)?;
    let joined_at = row.joined_at.filter(|_| row.status != member::Status::Invited);
    let removed_by = row.removed_by.and_then(known).map(|user| user.display_name().to_owned());
    Some(vec![
        Cell::text(row.id),
        user.name.into(),
        Cell::text(user.email.as_str()),
        Cell::text(row.role.to_value()),
        Cell::text(row.status.to_value()),
        Cell::Texts(groups.iter().map(|group| group.name.clone()).collect()),
        row.invited_at.map(Cell::time).into(),
        joined_at.map(Cell::time).into(),
        row.removed_at.map(Cell::time).into(),
        removed_by.into(),
        row.removal.map(|removal| removal.to_value()).into(),
    ])
}
