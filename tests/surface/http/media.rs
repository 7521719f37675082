//! Which media type an answer has, and what its status then says: GraphQL over HTTP.

use reqwest::Method;
use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

use super::request;
use crate::reply::Reply;

const NEW: &str = "application/graphql-response+json";
const OLD: &str = "application/json";

async fn ask(roster: &Roster, accept: Option<&str>, query: &str) -> Reply {
    let mut request = request(roster, Method::POST).json(&json!({ "query": query }));
    if let Some(accept) = accept {
        request = request.header("Accept", accept);
    }
    Reply::to(request).await
}

#[rstest]
#[case::nothing_said(None, OLD)]
#[case::anything(Some("*/*"), OLD)]
#[case::any_application(Some("application/*"), OLD)]
#[case::old(Some("application/json"), OLD)]
#[case::new(Some("application/graphql-response+json"), NEW)]
#[case::in_capitals(Some("Application/GraphQL-Response+JSON"), NEW)]
#[case::with_charset(Some("application/graphql-response+json; charset=utf-8"), NEW)]
#[case::both(Some("application/json, application/graphql-response+json"), NEW)]
#[case::with_weights(Some("application/graphql-response+json;q=0.4, application/json;q=0.5"), OLD)]
#[case::as_clients_do(Some("application/graphql-response+json, application/json;q=0.9"), NEW)]
#[case::as_browsers_do(Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), OLD)]
#[tokio::test]
async fn the_client_chooses_the_media_type(#[case] accept: Option<&str>, #[case] media_type: &str) {
    let roster = Roster::start(On::Sqlite).await;

    let reply = ask(&roster, accept, "{ __typename }").await;

    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), format!("{media_type}; charset=utf-8"));
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    for name in ["accept", "authorization", "origin"] {
        assert!(reply.header("vary").contains(name), "{reply:?}");
    }
}

#[tokio::test]
async fn a_client_that_accepts_no_json_is_told() {
    let roster = Roster::start(On::Sqlite).await;

    for accept in ["text/html", "image/*", "application/json;q=0", "application/xml", "", "x"] {
        ask(&roster, Some(accept), "{ __typename }").await.is_refused_with(406, "NOT_ACCEPTABLE");
    }
}

#[rstest]
#[case::syntax("{")]
#[case::empty("")]
#[case::unknown_field("{ nonsense }")]
#[case::missing_variable("query ($id: ID!) { node(id: $id) { id } }")]
#[case::several_operations("query a { __typename } query b { __typename }")]
#[case::too_deep(&"{ a ".repeat(60))]
#[tokio::test]
async fn an_error_of_the_request_has_a_code_no_data_and_the_status_of_the_media_type(#[case] query: &str) {
    let roster = Roster::start(On::Sqlite).await;

    for (accept, status) in [(NEW, 400), (OLD, 200)] {
        let reply = ask(&roster, Some(accept), query).await;
        assert_eq!(reply.status, status, "{reply:?}");
        assert_eq!(reply.answer().0.get("data"), None, "{reply:?}");
        reply.answer().error_code();
    }
}

#[tokio::test]
async fn an_error_of_the_execution_has_data_and_the_status_200() {
    let roster = Roster::start(On::Sqlite).await;

    for accept in [NEW, OLD] {
        let reply = ask(&roster, Some(accept), "{ viewer { user { id } } }").await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.answer().0["data"], json!({ "viewer": null }));
        assert_eq!(reply.answer().error_code(), "UNAUTHENTICATED");
    }
}

/// A refusal before GraphQL has a status of its own in either media type.
#[tokio::test]
async fn a_bad_token_is_unauthorized_in_either_media_type() {
    let roster = Roster::start(On::Sqlite).await;

    for accept in [NEW, OLD] {
        let query = json!({ "query": "{ __typename }" });
        let request = request(&roster, Method::POST).json(&query).header("Accept", accept);
        let reply = Reply::to(request.bearer_auth("nonsense")).await;
        reply.is_refused_with(401, "UNAUTHENTICATED");
        assert_eq!(reply.header("www-authenticate"), "Bearer error=\"invalid_token\"");
        assert_eq!(reply.header("content-type"), format!("{accept}; charset=utf-8"));
    }
}
