//! The limits of the settings: who asks for more is told which one it was.

use roster_api::config::Config;
use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

use super::json_body;
use crate::reply::{Reply, post};

const INTROSPECTION: &str = "{ __schema { types { name } } }";

#[rstest]
#[case::bytes("limits.bytes", |c: &mut Config| c.limits.bytes = 20, "{ viewer { user { id } } }")]
#[case::tokens("limits.tokens", |c: &mut Config| c.limits.tokens = 8, "{ viewer { user { id } } }")]
#[case::name_bytes("limits.name_bytes", |c: &mut Config| c.limits.name_bytes = 5, "{ viewer { user { id } } }")]
#[case::nesting("limits.nesting", |c: &mut Config| c.limits.nesting = 2, "{ viewer { user { id } } }")]
#[case::nesting_of_fragments("limits.nesting", |c: &mut Config| c.limits.nesting = 3, "{ ...f } fragment f on Query { viewer { user { id } } }")]
#[case::operations("limits.operations", |c: &mut Config| c.limits.operations = 1, "query a { __typename } query b { __typename }")]
#[case::fragments("limits.fragments", |c: &mut Config| c.limits.fragments = 1, "{ ...f ...g } fragment f on Query { __typename } fragment g on Query { __typename }")]
#[case::variables("limits.variables", |c: &mut Config| c.limits.variables = 1, "query ($a: Int, $b: Int) { __typename }")]
#[case::arguments("limits.arguments", |c: &mut Config| c.limits.arguments = 1, "{ organization(id: \"x\", slug: \"y\") { id } }")]
#[case::fields("limits.fields", |c: &mut Config| c.limits.fields = 2, "{ viewer { user { id } } }")]
#[case::depth("limits.depth", |c: &mut Config| c.limits.depth = 2, "{ viewer { user { id } } }")]
#[case::aliases("limits.aliases", |c: &mut Config| c.limits.aliases = 1, "{ a: __typename b: __typename }")]
#[case::directives("limits.directives", |c: &mut Config| c.limits.directives = 1, "{ __typename @skip(if: false) @include(if: true) }")]
#[case::root_fields("limits.root_fields", |c: &mut Config| c.limits.root_fields = 1, "{ a: __typename __typename }")]
#[case::mutations("limits.mutations", |c: &mut Config| c.limits.mutations = 1, "mutation { a: __typename b: __typename }")]
#[case::answer_fields("limits.answer_fields", |c: &mut Config| c.limits.answer_fields = 100, "{ viewer { organizations(first: 100) { nodes { id } } } }")]
#[case::introspection_fields("limits.introspection_fields", |c: &mut Config| c.limits.introspection_fields = 50, INTROSPECTION)]
#[case::values("limits.values", |c: &mut Config| c.limits.values = 4, "{ nodes(ids: [1, 2, 3, 4]) { id } }")]
#[tokio::test]
async fn a_limit_is_a_setting_and_its_error_names_it(
    #[case] limit: &str,
    #[case] change: fn(&mut Config),
    #[case] document: &str,
) {
    let (usual, roster) = (Roster::start(On::Sqlite).await, Roster::start_with(On::Sqlite, change).await);

    let reply = Reply::to(post(&roster, &json!({ "query": document }))).await;
    let error = &reply.answer().0["errors"][0];
    assert_eq!((reply.status, &error["extensions"]["limit"]), (400, &json!(limit)), "{reply:?}");
    assert!(error["message"].as_str().unwrap().len() > 20, "{reply:?}");
    // With the default it is no matter of limits.
    let usually = Reply::to(post(&usual, &json!({ "query": document }))).await;
    assert!(!usually.body.contains("\"limit\""), "{usually:?}");
}

#[tokio::test]
async fn the_limits_of_values_and_bodies_are_named_too() {
    let roster = Roster::start_with(On::Sqlite, |config| {
        config.limits.values = 20;
        config.limits.list_items = 5;
        config.limits.batch = 2;
        config.http.max_body_bytes = 1_000;
    })
    .await;
    let nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";

    for (body, status, limit) in [
        (json!({ "query": nodes, "variables": { "ids": vec!["x"; 6] } }), 400, "limits.list_items"),
        (json!({ "query": nodes, "variables": { "ids": vec!["x"; 30] } }), 400, "limits.values"),
        (json!({ "query": "{ __typename }", "extensions": { "x": vec!["x"; 30] } }), 400, "limits.values"),
        (
            json!({ "query": "query ($x: ID!) { a: node(id: $x) { id } b: node(id: $x) { id } }", "variables": { "x": "x".repeat(700) } }),
            400,
            "limits.values",
        ),
        (json!([{ "query": "{ a }" }, { "query": "{ a }" }, { "query": "{ a }" }]), 400, "limits.batch"),
        (json!({ "query": "x".repeat(1_000) }), 413, "http.max_body_bytes"),
    ] {
        let reply = Reply::to(json_body(&roster, body.to_string())).await;
        let answer = reply.answer();
        assert_eq!(
            (reply.status, &answer.0["errors"][0]["extensions"]["limit"]),
            (status, &json!(limit)),
            "{reply:?}"
        );
    }
}

/// A page of more than the largest is refused by its list, so it counts as the largest here.
#[tokio::test]
async fn a_page_of_any_size_counts_as_a_page() {
    let roster = Roster::start(On::Sqlite).await;
    let bob = roster.person("Bob");

    for size in ["1000", "2147483647", "9999999999999999999999"] {
        let document = format!("{{ viewer {{ organizations(first: {size}) {{ nodes {{ id }} }} }} }}");
        let answer = bob.query(&document).await;
        assert!(answer.0["errors"][0]["extensions"].get("limit").is_none(), "{answer:?}");
    }
}

#[tokio::test]
async fn introspection_can_be_switched_off() {
    let roster = Roster::start_with(On::Sqlite, |config| config.http.introspection = false).await;
    let ask = |document: &str| Reply::to(post(&roster, &json!({ "query": document })));

    for document in [
        INTROSPECTION,
        "{ __type(name: \"User\") { name } }",
        "{ x: __schema { types { name } } }",
        "{ ... { ...f } } fragment f on Query { __schema { types { name } } }",
        "{ viewer { user { id } } __schema { types { name } } }",
    ] {
        ask(document).await.is_refused_with(400, "INTROSPECTION_DISABLED");
    }
    assert_eq!(ask("{ __typename }").await.answer().text("/__typename"), "Query");
}

#[rstest]
#[case("limits.nesting", |c: &mut Config| c.limits.nesting = 61)]
#[case("limits.depth", |c: &mut Config| c.limits.depth = 1_000)]
#[case("limits.fragments", |c: &mut Config| c.limits.fragments = 501)]
#[case("limits.tokens", |c: &mut Config| c.limits.tokens = 0)]
#[case("limits.batch", |c: &mut Config| c.limits.batch = 0)]
#[tokio::test]
async fn a_limit_that_would_let_harm_in_or_everybody_out_is_told_at_start(
    #[case] limit: &str,
    #[case] change: fn(&mut Config),
) {
    let told = Roster::starts_with(change).await.unwrap_err();
    assert!(told.contains(&format!("{limit} should be")), "{told}");
}

/// Reading a document is work, also where it is refused then.
#[tokio::test]
async fn the_documents_of_a_batch_are_together_no_larger_than_one_may_be() {
    let roster = Roster::start_with(On::Sqlite, |config| config.limits.tokens = 10).await;
    let (unknown, hello) = (json!({ "query": "{ a b }" }), json!({ "query": "{ __typename }" }));

    let batch = json!([unknown, unknown, hello, hello]);
    let reply = Reply::to(super::request(&roster, reqwest::Method::POST).json(&batch)).await;

    let answers: Vec<serde_json::Value> = serde_json::from_str(&reply.body).unwrap();
    let limit = |answer: &serde_json::Value| answer["errors"][0]["extensions"]["limit"].clone();
    assert_eq!(
        answers.iter().map(limit).collect::<Vec<_>>(),
        [json!(null), json!(null), json!("limits.tokens"), json!("limits.tokens")]
    );
}
