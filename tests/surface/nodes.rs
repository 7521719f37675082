//! `node` and `nodes`: anything by its id alone, for those who may see it.

use roster_tests::{On, Organization, Person, Roster};
use rstest::rstest;
use serde_json::{Value, json};

/// An organization with one thing of every kind: its name and id.
async fn things(roster: &Roster, owner: &str, name: &str) -> (Organization, Vec<(String, String)>) {
    let organization = roster.organization_of(owner, name).await;
    organization.group("Design", &[]).await;
    organization.invited("Ira").await;
    organization.api_token_of(&organization.owner).await;
    let query = "query ($id: ID!) { organization(id: $id) {
        organization: id viewerMember { user { __typename id } }
        members(first: 1) { nodes { __typename id } }
        invitations(first: 1) { nodes { __typename id } }
        groups(first: 1) { nodes { __typename id } }
        activities(first: 1) { nodes { __typename id } }
        notifications(first: 1) { nodes { __typename id } }
        apiTokens(first: 1) { nodes { __typename id } }
    } }";
    let answer = organization.owner.graphql(query, json!({ "id": organization.id })).await;
    let mut things = vec![("Organization".to_owned(), organization.id.clone())];
    let lists = ["members", "invitations", "groups", "activities", "notifications", "apiTokens"];
    let lists = lists.map(|list| format!("{list}/nodes/0"));
    for path in ["viewerMember/user".to_owned()].iter().chain(&lists) {
        let text = |field: &str| answer.text(&format!("/organization/{path}/{field}"));
        things.push((text("__typename"), text("id")));
    }
    (organization, things)
}

const NODE: &str = "query ($id: ID!) { node(id: $id) { __typename id } }";
const NODES: &str = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";

async fn refusal(person: &Person, id: &str) -> (String, String) {
    let answer = person.graphql(NODE, json!({ "id": id })).await;
    assert!(answer.0["data"]["node"].is_null(), "{:#}", answer.0);
    (answer.error_code().to_owned(), answer.error_message().to_owned())
}

/// The id of a thing that does not exist: of the same kind and time as another, with other random bits.
fn unknown_like(id: &str) -> String {
    let (kind, suffix) = id.split_once('_').unwrap();
    format!("{kind}_{}zzzzzzzzzz", &suffix[..16])
}

#[rstest]
#[tokio::test]
async fn everything_with_an_id_is_found_by_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let (acme, things) = things(&roster, "Olivia", "Acme").await;
    let kinds: Vec<_> = things.iter().map(|(kind, _)| kind.as_str()).collect();
    let (people, rest) =
        (["Organization", "User", "Member", "Invitation"], ["Group", "Activity", "Notification", "ApiToken"]);
    assert_eq!(kinds, [people, rest].concat());

    let expected: Vec<_> = things.iter().map(|(kind, id)| json!({ "__typename": kind, "id": id })).collect();
    for thing in &expected {
        assert_eq!(acme.owner.graphql(NODE, json!({ "id": thing["id"] })).await.at("/node"), thing);
    }
    let mut ids: Vec<_> = things.iter().map(|(_, id)| id).collect();
    ids.reverse();
    let found = acme.owner.graphql(NODES, json!({ "ids": ids })).await;
    let expected: Vec<_> = expected.into_iter().rev().collect();
    assert_eq!(found.at("/nodes"), &Value::Array(expected));
}

#[rstest]
#[tokio::test]
async fn a_foreign_id_is_answered_like_one_of_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let (acme, _) = things(&roster, "Olivia", "Acme").await;
    let (_, foreign) = things(&roster, "Zed", "Zeta").await;

    for (kind, id) in &foreign {
        let refused = refusal(&acme.owner, id).await;
        let unknown = refusal(&acme.owner, &unknown_like(id)).await;
        assert_eq!(refused, unknown, "{kind}");
        assert_eq!(refused.0, "NOT_FOUND", "{kind}");
        assert_eq!(refusal(&roster.anonymous(), id).await.0, "UNAUTHENTICATED", "{kind}");
        assert_eq!(refusal(&roster.anonymous(), &unknown_like(id)).await.0, "UNAUTHENTICATED", "{kind}");
    }
}

#[rstest]
#[tokio::test]
async fn who_was_removed_finds_nothing_by_its_id_but_themselves(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let (acme, things) = things(&roster, "Olivia", "Acme").await;
    let bob = acme.member("Bob").await;
    let user = |person: &Person| {
        let person = person.clone();
        async move { person.query("{ viewer { user { id } } }").await.text("/viewer/user/id") }
    };
    let (id, owner) = (user(&bob).await, user(&acme.owner).await);
    assert_eq!(bob.graphql(NODE, json!({ "id": owner })).await.text("/node/id"), owner);

    acme.owner.remove(&bob).await.succeeds();

    for (kind, id) in &things {
        assert_eq!(refusal(&bob, id).await.0, "NOT_FOUND", "{kind}");
    }
    assert_eq!(bob.graphql(NODE, json!({ "id": id })).await.text("/node/id"), id);
}

#[rstest]
#[tokio::test]
async fn what_needs_a_permission_needs_it_by_its_id_too(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let (acme, things) = things(&roster, "Olivia", "Acme").await;
    let bob = acme.member("Bob").await;

    for (kind, id) in &things {
        if matches!(kind.as_str(), "Invitation" | "Activity" | "Notification" | "ApiToken") {
            assert_eq!(refusal(&bob, id).await.0, "NOT_PERMITTED", "{kind}");
        } else {
            assert_eq!(bob.graphql(NODE, json!({ "id": id })).await.text("/node/__typename"), *kind);
        }
    }
}

#[rstest]
#[tokio::test]
async fn what_is_no_id_is_refused_with_a_sentence(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let id = &acme.owner.id;

    for id in [
        "",
        " ",
        "member",
        "member_",
        "_",
        "7",
        "member_💥",
        "member_01h455vb4pex5vsknk084sn02",
        "member_81h455vb4pex5vsknk084sn02q",
        "019a0000-0000-7000-8000-000000000000",
        "idempotencykey_01h455vb4pex5vsknk084sn02q",
        "planet_01h455vb4pex5vsknk084sn02q",
        &id.to_uppercase(),
        &format!(" {id}"),
        &format!("{id}\0"),
        &id.repeat(1_000),
    ] {
        let (code, message) = refusal(&acme.owner, id).await;
        assert_eq!(code, "BAD_USER_INPUT", "{id:?}");
        assert!(message.contains("An id looks like"), "{id:?}: {message}");
    }
    let number = acme.owner.query("{ node(id: 7) { id } }").await;
    assert_eq!(number.error_code(), "BAD_USER_INPUT");
}

#[rstest]
#[tokio::test]
async fn an_id_of_another_kind_is_named_where_one_kind_is_wanted(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let group = acme.group("Design", &[]).await;

    let query = "query ($id: ID!, $member: ID!) { organization(id: $id) { member(id: $member) { id } } }";
    let member = acme.owner.graphql(query, json!({ "id": acme.id, "member": group })).await;
    let organization = acme.owner.graphql(query, json!({ "id": group, "member": group })).await;
    let removal = acme.owner.mutate("removeMember", json!({ "memberId": group }), "changed").await;

    for (answer, kind) in [(&member, "member"), (&organization, "organization"), (&removal.answer, "member")]
    {
        assert_eq!(answer.error_code(), "BAD_USER_INPUT");
        let message = answer.error_message();
        assert!(message.contains(&format!("{kind}_")) && message.contains("group_"), "{message}");
    }
}

#[rstest]
#[tokio::test]
async fn a_list_of_ids_keeps_its_order_and_tells_of_each_that_is_not_found(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let (acme, things) = things(&roster, "Olivia", "Acme").await;
    let member = &things[2].1;
    let unknown = unknown_like(member);

    let ids = json!([member, unknown, "nonsense", acme.id, member]);
    let answer = acme.owner.graphql(NODES, json!({ "ids": ids })).await;

    let found: Vec<_> = answer.0["data"]["nodes"].as_array().unwrap().iter().map(|n| &n["id"]).collect();
    assert_eq!(json!(found), json!([member, null, null, acme.id, member]));
    let mut errors: Vec<_> = answer.0["errors"].as_array().unwrap().iter().collect();
    errors.sort_by_key(|error| error["path"][1].as_u64());
    let told: Vec<_> = errors.iter().map(|e| json!([e["path"], e["extensions"]["code"]])).collect();
    assert_eq!(json!(told), json!([[["nodes", 1], "NOT_FOUND"], [["nodes", 2], "BAD_USER_INPUT"]]));
}

#[rstest]
#[tokio::test]
async fn a_list_of_ids_is_neither_empty_nor_longer_than_a_hundred(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ids = |count| json!({ "ids": vec![acme.id.clone(); count] });

    assert_eq!(acme.owner.graphql(NODES, ids(0)).await.error_code(), "NO_ITEMS");
    assert_eq!(acme.owner.graphql(NODES, ids(101)).await.error_code(), "TOO_MANY_ITEMS");
    assert_eq!(acme.owner.graphql(NODES, ids(100)).await.at("/nodes").as_array().unwrap().len(), 100);
}
