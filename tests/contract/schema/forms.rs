//! The same list, however a document writes down what it asks for.

use roster_tests::{On, Organization, Roster};
use rstest::rstest;
use serde_json::json;

use super::answers::text_of;

/// What all of the forms ask for, in this order.
const PLAIN: &str =
    "nodes { __typename id role user { id email } groups { id name } } edges { node { status } }";

#[rstest]
#[case::in_fragments_on_the_type(
    "nodes { ... on Member { __typename id role } ... { user { ... on User { id email } } groups { ... on Group { id name } } } }
     edges { node { ... on Member { status } } }",
    ""
)]
#[case::in_fragments_on_the_interface(
    "nodes { __typename ... on Node { id } role user { ... on Node { id } email } groups { ... on Node { id } name } }
     edges { node { ... on Node { ... on Member { status } } } }",
    ""
)]
#[case::in_named_fragments(
    "nodes { ...Whole } edges { node { ...Status } }",
    "fragment Whole on Member { ...Short user { ...Person } groups { ...Team } } fragment Short on Member { __typename id role }
     fragment Person on User { id email } fragment Team on Group { ...Thing name } fragment Thing on Node { id }
     fragment Status on Member { status }"
)]
#[case::in_a_field_and_again_on_the_interface(
    "nodes { __typename id ... on Node { id } role user { id ... on Node { id } email } groups { id name } }
     edges { node { status } }",
    ""
)]
#[case::in_parts_that_belong_together(
    "nodes { __typename id role user { id } groups { id } user { email } groups { name } id }
     edges { node { status } node { ... on Member { status } } }",
    ""
)]
#[case::with_directives(
    "nodes { __typename @include(if: true) id role @skip(if: false) status @skip(if: true) user { id email } groups { id name } }
     edges { node @include(if: true) { status } }",
    ""
)]
#[tokio::test]
async fn a_list_is_answered_the_same_in_every_form(#[case] form: &str, #[case] fragments: &str) {
    let acme = with_members().await;
    assert_eq!(members(&acme, form, fragments).await, members(&acme, PLAIN, "").await);
}

/// However many fields are asked for, each is there once, in its place.
#[tokio::test]
async fn an_item_can_be_asked_for_many_fields() {
    let acme = with_members().await;
    for count in [31, 32, 33, 60] {
        let fields: Vec<_> = (0..count).map(|n| format!("f{n}: role")).collect();
        let answer = members(&acme, &format!("nodes {{ {} }}", fields.join(" ")), "").await;
        let expected: Vec<_> = (0..count).map(|n| format!(r#""f{n}":"OWNER""#)).collect();
        assert!(answer.contains(&format!("{{{}}}", expected.join(","))), "{answer}");
    }
}

/// With nulls as far as they must go, and the path of what has failed.
#[tokio::test]
async fn an_item_of_which_a_field_fails_is_there_with_its_other_fields() {
    let acme = with_members().await;
    let note = "x".repeat(1_001);
    let fields = format!("nodes {{ role removalPreview(note: \"{note}\") {{ fingerprint }} status }}");
    let answer = acme.seen_by(&acme.owner, &format!("members {{ {fields} }}")).await.0;
    let nodes = &answer["data"]["organization"]["members"]["nodes"];
    assert_eq!(
        nodes[0],
        json!({ "role": "MEMBER", "removalPreview": null, "status": "ACTIVE" }),
        "{answer:#}"
    );
    let paths: Vec<_> = answer["errors"].as_array().unwrap().iter().map(|error| &error["path"]).collect();
    let path = |index: u8| json!(["organization", "members", "nodes", index, "removalPreview"]);
    assert!(paths.contains(&&path(0)) && paths.contains(&&path(1)), "{paths:?}");
}

async fn with_members() -> Organization {
    let acme = Roster::start(On::Sqlite).await.organization("Acme").await;
    let groups = [acme.group("Art", &[]).await, acme.group("Design", &[]).await];
    let groups: Vec<_> = groups.iter().map(String::as_str).collect();
    acme.member_as("Bob", "MEMBER", &groups).await;
    acme.invited("Zoe").await;
    acme
}

/// The text of an answer.
async fn members(acme: &Organization, form: &str, fragments: &str) -> String {
    let members = format!("members(orderBy: {{ field: JOINED_AT }}) {{ {form} }}");
    let query = format!("query {{ organization(id: \"{}\") {{ {members} }} }} {fragments}", acme.id);
    let text = text_of(&acme.owner, &query).await;
    assert!(!text.contains("errors"), "{text}");
    text
}
