//! Numbers and values of other types than the ones that are wanted.

use roster_tests::{Answer, On, Roster};
use rstest::rstest;
use serde_json::{Value, json};

#[rstest]
#[tokio::test]
async fn a_number_out_of_range_is_refused(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let bob = roster.person("Bob");
    let create = |days: Value| {
        let input = json!({ "name": "Acme", "invitationLifetimeDays": days });
        let bob = bob.clone();
        async move { bob.mutate("createOrganization", input, "organization { invitationLifetimeDays }").await }
    };

    for days in [0, -1, 366, i64::from(i32::MAX), i64::from(i32::MIN)] {
        let refused = create(json!(days)).await;
        let told = refused.is_refused_with("BAD_USER_INPUT");
        assert_eq!(told, "invitationLifetimeDays should be between 1 and 365.");
    }
    for days in [
        json!(2_147_483_648_i64),
        json!(u64::MAX),
        json!(1e300),
        json!(7.5),
        json!("7"),
        json!(true),
        json!([7]),
        json!(null),
    ] {
        let answer = create(days.clone()).await.answer;
        assert!(is_about_input(&answer), "{days}: {:#}", answer.0);
    }
    let mine = bob.query("{ viewer { organizations { nodes { id } } } }").await;
    assert_eq!(mine.at("/viewer/organizations/nodes"), &json!([]));
    for days in [1, 365] {
        assert_eq!(create(json!(days)).await.succeeds()["organization"]["invitationLifetimeDays"], days);
    }
}

#[rstest]
#[tokio::test]
async fn a_value_of_another_type_is_refused(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let cases = [
        ("query ($v: Int) { viewer { organizations(first: $v) { nodes { id } } } }", json!("5")),
        ("query ($v: Int) { viewer { organizations(first: $v) { nodes { id } } } }", json!(1.5)),
        (
            "query ($v: Int) { viewer { organizations(first: $v) { nodes { id } } } }",
            json!(2_147_483_648_i64),
        ),
        ("query ($v: String) { organization(slug: $v) { id } }", json!(7)),
        ("query ($v: String) { organization(slug: $v) { id } }", json!({ "a": "b" })),
        ("query ($v: [ID!]!) { nodes(ids: $v) { id } }", json!([null])),
        ("query ($v: [ID!]!) { nodes(ids: $v) { id } }", json!([["x"]])),
        ("query ($v: ID!) { node(id: $v) { id } }", json!(true)),
        (
            "query ($v: MemberFilter!) { organization(slug: \"acme\") { members(filter: $v) { nodes { id } } } }",
            json!({ "status": ["GONE"] }),
        ),
        (
            "query ($v: MemberFilter!) { organization(slug: \"acme\") { members(filter: $v) { nodes { id } } } }",
            json!({ "nonsense": 1 }),
        ),
        (
            "query ($v: MemberFilter!) { organization(slug: \"acme\") { members(filter: $v) { nodes { id } } } }",
            json!("x"),
        ),
        ("mutation ($v: RemoveMemberInput!) { removeMember(input: $v) { changed } }", json!({})),
        ("mutation ($v: RemoveMemberInput!) { removeMember(input: $v) { changed } }", json!([])),
    ];

    for (document, value) in cases {
        let answer = acme.owner.graphql(document, json!({ "v": value })).await;
        assert!(is_about_input(&answer), "{document} {value}: {:#}", answer.0);
        assert!(answer.error_message().len() < 500, "{}", answer.error_message());
    }
}

/// Some values are refused with the document, and some when their field is run.
fn is_about_input(answer: &Answer) -> bool {
    matches!(answer.error_code(), "BAD_USER_INPUT" | "GRAPHQL_VALIDATION_FAILED")
}
