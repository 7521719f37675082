//! The list of the members of an organization.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Result};
use roster_entity::{
    EmailAddress, GroupId, NormalizedEmail,
    keyset::Ordering,
    member::{self, joined_or_created},
    text,
};
use sea_orm::sea_query::Expr;

use super::{Member, load};
use crate::graphql::{
    connection::{Connection, Key, Kind, List, PageArgs, connect, nodes},
    enums::{MemberStatus, Role},
    error::bad_input,
    ids::parse_all,
    scope::Scope,
};

/// The most groups in a filter.
const MAX_GROUPS: usize = 100;

/// The most addresses in a filter.
const MAX_EMAILS: usize = 100;

/// The longest text to search for, in characters: as long as an address can be.
const MAX_SEARCH: usize = 254;

/// Which members a list shows. All parts that are given hold together; the values of one part are alternatives.
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct MemberFilter {
    /// With one of these statuses. Without it: `INVITED` and `ACTIVE`; people who were removed are found by asking for
    /// `REMOVED`.
    pub(crate) status: Option<Vec<MemberStatus>>,
    /// With one of these roles.
    pub(crate) role: Option<Vec<Role>>,
    /// In one of these groups.
    pub(crate) group_ids: Option<Vec<ID>>,
    /// With this text in the name or the email address, in any case: at most 254 characters.
    pub(crate) search: Option<String>,
    /// With exactly one of these email addresses, in any case: at most 100.
    pub(crate) emails: Option<Vec<String>>,
}

/// By what members are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub(crate) enum MemberOrderField {
    /// By name; people without a known name by their email address.
    #[default]
    Name,
    /// By the date of joining; people who have not joined stand where they were first invited.
    JoinedAt,
}

/// In which direction a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub(crate) enum OrderDirection {
    /// The smallest or oldest first.
    #[default]
    Asc,
    /// The greatest or newest first.
    Desc,
}

/// The order of a list of members.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub(crate) struct MemberOrder {
    /// By what.
    #[graphql(default)]
    field: MemberOrderField,
    /// In which direction.
    #[graphql(default)]
    direction: OrderDirection,
}

impl MemberOrder {
    fn list(self) -> List<member::Model> {
        let descending = self.direction == OrderDirection::Desc;
        let id = Expr::col((member::Entity, member::Column::Id));
        match self.field {
            MemberOrderField::Name => List {
                name: "members by name",
                ordering: Ordering::new(
                    [Expr::col((member::Entity, member::Column::SortName)), id],
                    descending,
                ),
                kinds: &[Kind::Text, Kind::Id],
                key: |row| vec![Key::Text(row.sort_name.clone()), Key::Id(row.id.0)],
            },
            MemberOrderField::JoinedAt => List {
                name: "members by join date",
                ordering: Ordering::new([joined_or_created(), id], descending),
                kinds: &[Kind::Time, Kind::Id],
                key: |row| vec![Key::Time(row.joined_or_created()), Key::Id(row.id.0)],
            },
        }
    }
}

/// A page of the members of an organization: one statement for the members and their people, and one for each kind of thing
/// that the query asks for of all of them.
pub(crate) async fn list(
    ctx: &Context<'_>,
    scope: &Arc<Scope>,
    filter: MemberFilter,
    order: MemberOrder,
    args: &PageArgs,
) -> Result<Connection<Member>> {
    let filter = member::Filter {
        status: filter.status.map(distinct),
        role: filter.role.map(distinct),
        group: filter.group_ids.map(|ids| parse_groups(&ids)).transpose()?,
        search: filter.search.as_deref().map(valid_search).transpose()?,
        emails: filter.emails.map(|emails| normalized(&emails)).transpose()?,
    };
    let list = order.list();
    let rows = member::Entity::filtered(scope.conn().get_database_backend(), scope.organization(), &filter);
    let page =
        list.fetch_with(scope.conn(), rows, args, member::with_people, member::read_with_person).await?;
    let cursors: Vec<_> = page.rows.iter().map(|(row, _)| list.cursor(row)).collect();
    let nodes = load(scope, page.rows, &nodes(&ctx.look_ahead())).await?;
    Ok(connect(page.has_previous, page.has_next, cursors.into_iter().zip(nodes)))
}

/// The values of a part of a filter, each once: a list may be as long as a request.
pub(crate) fn distinct<A: Into<B>, B: PartialEq>(values: Vec<A>) -> Vec<B> {
    let mut distinct = Vec::new();
    for value in values.into_iter().map(Into::into) {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    distinct
}

fn parse_groups(ids: &[ID]) -> Result<Vec<GroupId>> {
    if ids.len() > MAX_GROUPS {
        return Err(bad_input(format!("groupIds has {} ids. Give at most {MAX_GROUPS}.", ids.len())));
    }
    parse_all(ids)
}

/// What is no address is nobody's.
fn normalized(emails: &[String]) -> Result<Vec<NormalizedEmail>> {
    if emails.len() > MAX_EMAILS {
        let message = format!("emails has {} addresses. Give at most {MAX_EMAILS}.", emails.len());
        return Err(bad_input(message));
    }
    let parsed = emails.iter().filter_map(|email| email.parse::<EmailAddress>().ok());
    Ok(parsed.map(|email| email.normalized()).collect())
}

/// The text to search for, cleaned as the names were in which it is looked for.
fn valid_search(search: &str) -> Result<String> {
    let search = text::clean_name(search);
    let length = search.chars().count();
    if length > MAX_SEARCH {
        let message =
            format!("The search has {length} characters. Shorten it to at most {MAX_SEARCH} characters.");
        return Err(bad_input(message));
    }
    Ok(search)
}
