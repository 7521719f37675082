//! Groups by their names.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Found, Which};
use crate::cli::{client::Client, failure::Failure};

const QUERY: &str = "query ($id: ID, $slug: String, $after: String) { organization(id: $id, slug: $slug) {
    groups(first: 100, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } } } }";

#[derive(Serialize)]
struct Variables<'a> {
    #[serde(flatten)]
    organization: Which<'a>,
    after: Option<String>,
}

#[derive(Deserialize)]
struct Organization {
    groups: Groups,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Groups {
    nodes: Vec<Group>,
    page_info: super::PageInfo,
}

#[derive(Deserialize)]
struct Group {
    id: String,
    name: String,
}

/// The ids of groups, in any case of their names; one that the organization does not have is an error.
pub(super) fn ids(client: &Client, organization: Which, names: &[String]) -> Result<Vec<String>, Failure> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut known = HashMap::new();
    let mut after = None;
    loop {
        let found: Found<Organization> = client.call(QUERY, Variables { organization, after })?;
        let groups = found.organization.groups;
        known.extend(groups.nodes.into_iter().map(|group| (group.name.to_lowercase(), group.id)));
        after = groups.page_info.end_cursor;
        if !groups.page_info.has_next_page {
            break;
        }
    }
    let id = |name: &String| known.get(&name.trim().to_lowercase()).cloned().ok_or_else(|| unknown(name));
    names.iter().map(id).collect()
}

fn unknown(name: &str) -> Failure {
    Failure::Usage(format!("The organization has no group \"{name}\". Nothing was done."))
}
