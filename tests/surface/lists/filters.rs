//! Which members a list shows: by status, role and group.

use roster_tests::{On, Organization, Roster};
use rstest::rstest;
use serde_json::{Value, json};

/// Olivia (owner), Adam (admin, Design and On-call), Bob (member, Design), Ira (invited, On-call) and Rita (removed).
async fn acme(roster: &Roster) -> (Organization, String, String) {
    let acme = roster.organization("Acme").await;
    let (design, on_call) = (acme.group("Design", &[]).await, acme.group("On-call", &[]).await);
    acme.member_as("Adam", "ADMIN", &[&design, &on_call]).await;
    acme.member_as("Bob", "MEMBER", &[&design]).await;
    acme.invited_as("ira", "ADMIN", &[&on_call]).await;
    let rita = acme.member_as("Rita", "MEMBER", &[&design]).await;
    acme.owner.remove(&rita).await.succeeds();
    (acme, design, on_call)
}

const ADAM: &str = "Adam: ACTIVE";
const BOB: &str = "Bob: ACTIVE";
const IRA: &str = "ira@example.com: INVITED";
const OLIVIA: &str = "Olivia: ACTIVE";
const RITA: &str = "Rita: REMOVED";

#[rstest]
#[tokio::test]
async fn parts_of_a_filter_hold_together_and_the_values_of_a_part_are_alternatives(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let (acme, design, on_call) = acme(&roster).await;
    let foreign = roster.organization_of("Zed", "Zeta").await.group("Design", &[]).await;
    let everybody = json!(["INVITED", "ACTIVE", "REMOVED"]);

    let cases: [(Value, &[&str]); 16] = [
        (json!({}), &[ADAM, BOB, IRA, OLIVIA]),
        (json!({ "status": null, "role": null, "groupIds": null }), &[ADAM, BOB, IRA, OLIVIA]),
        (json!({ "status": ["ACTIVE"] }), &[ADAM, BOB, OLIVIA]),
        (json!({ "status": ["INVITED"] }), &[IRA]),
        (json!({ "status": ["REMOVED"] }), &[RITA]),
        (json!({ "status": everybody }), &[ADAM, BOB, IRA, OLIVIA, RITA]),
        (json!({ "status": [] }), &[]),
        (json!({ "role": ["ADMIN"] }), &[ADAM, IRA]),
        (json!({ "role": ["OWNER", "MEMBER"] }), &[BOB, OLIVIA]),
        (json!({ "role": ["ADMIN"], "status": ["ACTIVE"] }), &[ADAM]),
        (json!({ "groupIds": [design] }), &[ADAM, BOB]),
        (json!({ "groupIds": [design, on_call] }), &[ADAM, BOB, IRA]),
        (json!({ "groupIds": [on_call], "role": ["ADMIN"], "status": ["INVITED"] }), &[IRA]),
        // Who was removed is in no group any more.
        (json!({ "groupIds": [design], "status": everybody }), &[ADAM, BOB]),
        (json!({ "groupIds": [foreign] }), &[]),
        (json!({ "groupIds": [] }), &[]),
    ];
    for (filter, expected) in cases {
        assert_eq!(acme.members(filter.clone()).await, expected, "{filter}");
    }
}

#[rstest]
#[tokio::test]
async fn a_group_lists_those_who_are_in_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let (acme, design, _) = acme(&roster).await;

    let query = "query ($id: ID!) { node(id: $id) { ... on Group {
        members(orderBy: {direction: DESC}, first: 10) { nodes { user { displayName } } } } } }";
    let answer = acme.owner.graphql(query, json!({ "id": design })).await;

    let expected = json!([{ "user": { "displayName": "Bob" } }, { "user": { "displayName": "Adam" } }]);
    assert_eq!(answer.at("/node/members/nodes"), &expected);
}
