//! Finding members by their addresses: what a script does with a list of people.

use roster_tests::{On, Organization, Roster};
use rstest::rstest;
use serde_json::{Value, json};

async fn found(acme: &Organization, filter: Value) -> Vec<String> {
    let found = acme.members(filter).await;
    found.iter().map(|line| line.split([':', '@']).next().unwrap().to_owned()).collect()
}

#[rstest]
#[tokio::test]
async fn members_are_found_by_their_addresses_in_any_form(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, rita) = (acme.member("Bob").await, acme.member("Rita").await);
    acme.owner.remove(&rita).await.succeeds();
    acme.invite_by(&acme.owner, "Ira@Bücher.example", "ADMIN", &[]).await.succeeds();
    acme.invite_by(&acme.owner, "ira@example.com", "MEMBER", &[]).await.succeeds();
    roster.organization_of("Zed", "Zeta").await.member("Yan").await;
    let everybody = json!(["INVITED", "ACTIVE", "REMOVED"]);

    let cases: [(Value, &[&str]); 19] = [
        (json!({ "emails": ["bob@example.com"] }), &["Bob"]),
        (json!({ "emails": [" BOB@Example.COM\n"] }), &["Bob"]),
        (
            json!({ "emails": ["olivia@example.com", "bob@example.com", "BOB@example.com"] }),
            &["Bob", "Olivia"],
        ),
        (json!({ "emails": ["ira@bücher.example"] }), &["Ira"]),
        (json!({ "emails": ["IRA@BÜCHER.EXAMPLE"] }), &["Ira"]),
        (json!({ "emails": ["ira@xn--bcher-kva.example"] }), &["Ira"]),
        // The whole address, and no pattern.
        (json!({ "emails": ["bob"] }), &[]),
        (json!({ "emails": ["bob@example.co"] }), &[]),
        (json!({ "emails": ["%@example.com", "b_b@example.com"] }), &[]),
        // What nobody has, and what nobody can have, is nobody's; the others are found.
        (
            json!({ "emails": ["nobody@example.com", "", "@", "a\0b@example.com", "bob@example.com"] }),
            &["Bob"],
        ),
        (json!({ "emails": ["@"] }), &[]),
        (json!({ "emails": [] }), &[]),
        (json!({ "emails": null, "role": ["OWNER"] }), &["Olivia"]),
        // People of other organizations are not found, and people who were removed only if asked for.
        (json!({ "emails": ["yan@example.com", "zed@example.com"], "status": everybody }), &[]),
        (json!({ "emails": ["rita@example.com"] }), &[]),
        (json!({ "emails": ["rita@example.com", "bob@example.com"], "status": ["REMOVED"] }), &["Rita"]),
        (json!({ "emails": ["rita@example.com", "ira@example.com"], "status": everybody }), &["ira", "Rita"]),
        // All parts hold together.
        (json!({ "emails": ["bob@example.com", "olivia@example.com"], "role": ["MEMBER"] }), &["Bob"]),
        (json!({ "emails": ["bob@example.com", "olivia@example.com"], "search": "oliv" }), &["Olivia"]),
    ];
    for (filter, expected) in cases {
        assert_eq!(found(&acme, filter.clone()).await, expected, "{filter}");
    }
    // Under the address that they have now.
    assert_eq!(found(&acme, json!({ "emails": [bob.address] })).await, ["Bob"]);
}

#[rstest]
#[tokio::test]
async fn a_filter_has_at_most_a_hundred_addresses(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let many = |count: usize| {
        let mut emails: Vec<_> = (1..count).map(|i| format!("p{i}@example.com")).collect();
        emails.push("olivia@example.com".to_owned());
        emails
    };
    assert_eq!(found(&acme, json!({ "emails": many(100) })).await, ["Olivia"]);
    let query = "query ($id: ID!, $emails: [String!]) {
        organization(id: $id) { members(filter: { emails: $emails }) { nodes { id } } } }";
    let refused = acme.owner.graphql(query, json!({ "id": acme.id, "emails": many(101) })).await;
    assert_eq!(refused.error_code(), "BAD_USER_INPUT");
    assert_eq!(refused.error_message(), "emails has 101 addresses. Give at most 100.");
}
