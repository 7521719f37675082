//! When something fails on our side: the caller is told so, and nothing else.

use roster_tests::{On, Roster};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::reply::{Reply, post};

/// Words that only somebody who knows the inside would say.
const INSIDE: [&str; 8] = ["elsewhere", "relation", "no such", "SQL", "sql", "SELECT", "pool", "Err("];

#[rstest]
#[tokio::test]
async fn the_text_of_an_internal_error_does_not_reach_the_caller(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let token = acme.owner.token.clone().unwrap();
    let new = roster.person("Bob").token.unwrap();
    let query = json!({ "query": "query ($id: ID!) { organization(id: $id) { members { nodes { id } } } }", "variables": { "id": acme.id } });
    let mutation = json!({ "query": "mutation ($id: ID!) { leaveOrganization(input: {organizationId: $id}) { changed } }", "variables": { "id": acme.id } });
    let node =
        json!({ "query": "query ($id: ID!) { node(id: $id) { id } }", "variables": { "id": acme.owner.id } });
    let nobody = json!({ "query": "{ __typename }" });

    for table in ["members", "users"] {
        let rename = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
        let db = roster.parts().database.write();
        db.execute_unprepared(&rename(table, "elsewhere")).await.unwrap();
        for (body, token) in [(&query, &token), (&mutation, &token), (&node, &token), (&nobody, &new)] {
            if table == "members" && token == &new {
                continue; // Somebody new is in no organization.
            }
            let reply = Reply::to(post(&roster, body).bearer_auth(token)).await;
            let answer = reply.answer();
            assert_eq!(answer.error_code(), "INTERNAL_SERVER_ERROR", "{reply:?}");
            assert!(answer.error_message().starts_with("Something went wrong on our side."), "{reply:?}");
            for word in INSIDE {
                assert!(!reply.body.contains(word), "{word}: {reply:?}");
            }
        }
        db.execute_unprepared(&rename("elsewhere", table)).await.unwrap();
    }

    let reply = Reply::to(post(&roster, &query).bearer_auth(token)).await;
    assert_eq!(reply.answer().at("/organization/members/nodes/0/id"), &json!(acme.owner.id));
}
