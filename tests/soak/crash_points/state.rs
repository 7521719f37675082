//! What an organization shows of itself, as its owner sees it through the API. Without ids and times, so that two
//! organizations that have seen the same show the same.

use roster_tests::Api;
use serde_json::{Value, json};

const QUERY: &str = "query ($id: ID!) { organization(id: $id) {
    members(first: 100, filter: { status: [INVITED, ACTIVE, REMOVED] }) {
        nodes { user { email } status role groups { name } removedBy { email } removalReason }
    }
    apiTokens(first: 100) { nodes { name status } }
    invitations(first: 100) { nodes { email status revokedBy { email } } }
    activities(first: 100) { nodes { action actor { email } member { user { email } } before after reason } }
    notifications(first: 100) { nodes { kind recipient } }
} }";

/// Members with their groups, API tokens, invitations, the log, and who is told what.
pub(super) async fn of(api: &Api, token: &str, organization: &str) -> String {
    let answer = api.graphql(token, QUERY, json!({ "id": organization })).await;
    let mut lines = Vec::new();
    for (list, nodes) in answer.at("/organization").as_object().unwrap() {
        let nodes = nodes["nodes"].as_array().unwrap();
        lines.extend(nodes.iter().map(|node| format!("{list} {node}")));
    }
    lines.sort();
    lines.join("\n")
}

/// The ids of the emails that are not sent.
pub(super) async fn unsent(api: &Api, token: &str, organization: &str) -> Vec<String> {
    let query =
        "query ($id: ID!) { organization(id: $id) { notifications(first: 100) { nodes { id status } } } }";
    let answer = api.graphql(token, query, json!({ "id": organization })).await;
    let nodes = answer.at("/organization/notifications/nodes").as_array().unwrap();
    let unsent = nodes.iter().filter(|node| node["status"] != "SENT");
    unsent.map(|node: &Value| node["id"].as_str().unwrap().to_owned()).collect()
}
