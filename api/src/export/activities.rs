//! The activity log of an organization, oldest first.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use roster_entity::{MemberId, Permission, UserId, activity, member, user};
use sea_orm::{ActiveEnum, DatabaseConnection, DbErr, prelude::Uuid};

use super::{Cell, Page, Table, rows_after};
use crate::membership::Access;

/// The entries of a period; all without.
#[derive(Clone, Copy, Debug, Default)]
pub struct Activities {
    /// From this time on.
    pub since: Option<DateTime<Utc>>,
    /// Before this time.
    pub until: Option<DateTime<Utc>>,
}

impl Table for Activities {
    const NAME: &'static str = "activities";
    const PERMISSION: Permission = Permission::ActivitiesRead;
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "at",
        "action",
        "actorName",
        "actorEmail",
        "apiTokenId",
        "memberId",
        "member",
        "invitationId",
        "groupId",
        "before",
        "after",
        "reason",
    ];

    /// One statement for the entries, one for the people who acted, one for the members with their people.
    async fn page(
        &self,
        conn: &DatabaseConnection,
        access: &Access,
        after: Option<Uuid>,
    ) -> Result<Page, DbErr> {
        let organization = access.organization.id;
        let period = activity::Filter { since: self.since, until: self.until, ..activity::Filter::default() };
        let list = activity::Entity::filtered(conn.get_database_backend(), organization, &period);
        let after = after.or(self.since.map(just_before));
        let page = rows_after(conn, list, (activity::Entity, activity::Column::Id), after).await?;
        let actors = user::by_ids(conn, page.rows.iter().map(|row| row.actor_id)).await?;
        let members = page.rows.iter().filter_map(|row| row.member_id);
        let members = member::by_ids_in(conn, organization, members).await?;
        let names_are_shown = access.permissions.has(Permission::MembersRead);
        let last = page.rows.last().filter(|_| page.has_next).map(|row| row.id.0);
        let row = |row| cells(row, &actors, &members, names_are_shown);
        Ok(Page { rows: page.rows.into_iter().filter_map(row).collect(), last })
    }
}

/// An id below all that were made at this time: an id begins with the millisecond, so that the index can skip what was
/// before.
fn just_before(time: DateTime<Utc>) -> Uuid {
    let milliseconds = u128::try_from(time.timestamp_millis()).unwrap_or_default();
    Uuid::from_u128(milliseconds << 80)
}

fn cells(
    row: activity::Model,
    actors: &HashMap<UserId, user::Model>,
    members: &HashMap<MemberId, (member::Model, user::Model)>,
    names_are_shown: bool,
) -> Option<Vec<Cell>> {
    let member = row.member_id.and_then(|id| members.get(&id));
    let actor = member::known_actor(row.actor_id, member, actors)?;
    let member = member.filter(|_| names_are_shown).map(|(_, user)| user.display_name().to_owned());
    Some(vec![
        Cell::text(row.id),
        Cell::time(row.created_at),
        Cell::text(row.action.to_value()),
        actor.name.clone().into(),
        Cell::text(actor.email.as_str()),
        row.api_token_id.map(Cell::text).into(),
        row.member_id.map(Cell::text).into(),
        member.into(),
        row.invitation_id.map(Cell::text).into(),
        row.group_id.map(Cell::text).into(),
        row.before.into(),
        row.after.into(),
        row.reason.into(),
    ])
}
