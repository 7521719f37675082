//! What a field costs by its name: pages are counted as full, and some fields are dearer than others.

use async_graphql::{
    Value,
    parser::types::{Field, Selection},
};

use crate::{
    graphql::{DEFAULT_PAGE, MAX_PAGE},
    membership::MAX_REMOVALS,
};

/// How much a removal preview costs more than other fields.
const PREVIEW: u64 = 100;

/// How much each of the viewer's organizations costs more than a field: its access is looked up by itself.
const ACCESS: u64 = 100;

/// How many groups a member is counted with.
const GROUPS: u64 = 10;

/// How many items a field can have, of which each answers its selection.
pub(super) fn items(field: &Field, page: u64) -> u64 {
    match field.name.node.as_str() {
        "edges" | "nodes" => page,
        // The results of a mutation, one for each item of its input.
        "results" | "revokedSentInvitations" => MAX_REMOVALS as u64,
        // A handful of statements and an email each.
        "removalPreview" => PREVIEW,
        // A member's groups are a plain list; an organization's are a connection, and counted below.
        "groups" if !is_connection(field) => GROUPS,
        _ => 1,
    }
}

/// What a field costs without its selection.
pub(super) fn own(field: &Field) -> u64 {
    match field.name.node.as_str() {
        "organizations" => page_size(field).saturating_mul(ACCESS),
        _ => 1,
    }
}

fn is_connection(field: &Field) -> bool {
    field.selection_set.node.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => matches!(field.node.name.node.as_str(), "edges" | "nodes" | "pageInfo"),
        _ => false,
    })
}

/// The size of the page that a field asks for: `first` or `last`, where it stands in the document. A page is never larger
/// than the largest: the list refuses that.
pub(super) fn page_size(field: &Field) -> u64 {
    let given = field.arguments.iter().find(|(name, _)| matches!(name.node.as_str(), "first" | "last"));
    match given.map(|(_, value)| value.node.clone().into_const()) {
        None => DEFAULT_PAGE,
        Some(Some(Value::Number(size))) => size.as_u64().unwrap_or(MAX_PAGE).min(MAX_PAGE),
        Some(_) => MAX_PAGE,
    }
}
