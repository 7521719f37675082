//! GET for queries, POST for everything, and no other method.

use reqwest::{Method, Url};
use roster_tests::{On, Roster};
use serde_json::json;

use super::request;
use crate::reply::Reply;

async fn get(roster: &Roster, parameters: &[(&str, &str)]) -> Reply {
    let url = Url::parse_with_params(&format!("{}/graphql", roster.url()), parameters).unwrap();
    let request = roster.http().get(url).header("Accept", "application/graphql-response+json");
    Reply::to(request.bearer_auth(roster.person("Bob").token.unwrap())).await
}

#[tokio::test]
async fn a_query_may_be_sent_with_get() {
    let roster = Roster::start(On::Sqlite).await;

    let reply = get(&roster, &[("query", "{ viewer { user { name } } }")]).await;
    assert_eq!((reply.status, reply.answer().text("/viewer/user/name")), (200, "Bob".to_owned()));

    let query = "query a { __typename } query b($full: Boolean!) { viewer { user { name @include(if: $full) email } } }";
    let parameters =
        [("query", query), ("operationName", "b"), ("variables", r#"{"full": false}"#), ("extensions", "{}")];
    let reply = get(&roster, &parameters).await;
    assert_eq!(reply.answer().at("/viewer/user"), &json!({ "email": "bob@example.com" }));
}

#[tokio::test]
async fn what_is_wrong_with_a_get_is_told() {
    let roster = Roster::start(On::Sqlite).await;
    let query = ("query", "query a { __typename }");

    for (parameters, problem) in [
        (&[][..], "\"query\" is missing"),
        (&[("variables", "{}")], "\"query\" is missing"),
        (&[query, ("variables", "{")], "\"variables\" is not a JSON object"),
        (&[query, ("variables", "[1]")], "\"variables\" is not a JSON object"),
        (&[query, ("variables", "\"x\"")], "\"variables\" is not a JSON object"),
        (&[query, ("extensions", "7")], "\"extensions\" is not a JSON object"),
        (&[query, query], "cannot be read"),
    ] {
        let told = get(&roster, parameters).await.is_refused_with(400, "BAD_REQUEST");
        assert!(told.contains(problem), "{parameters:?}: {told}");
    }
    let reply = get(&roster, &[query, ("operationName", "b")]).await;
    reply.is_refused_with(400, "OPERATION_RESOLUTION_FAILURE");
    for empty in [("variables", ""), ("variables", "null"), ("operationName", "")] {
        assert_eq!(get(&roster, &[query, empty]).await.status, 200, "{empty:?}");
    }
}

/// A page of another origin can make a browser send a GET: it must not change anything.
#[tokio::test]
async fn a_mutation_is_not_taken_with_get() {
    let roster = Roster::start(On::Sqlite).await;
    let create = r#"mutation m { createOrganization(input: {name: "Acme"}) { organization { id } } }"#;

    for (query, operation) in [(create.to_owned(), ""), (format!("query q {{ __typename }} {create}"), "m")] {
        let reply = get(&roster, &[("query", &query), ("operationName", operation)]).await;
        reply.is_refused_with(405, "METHOD_NOT_ALLOWED");
        assert_eq!(reply.header("allow"), "POST");
    }

    let mine = get(&roster, &[("query", "{ viewer { organizations { nodes { id } } } }")]).await;
    assert_eq!(mine.answer().at("/viewer/organizations/nodes"), &json!([]));
}

#[tokio::test]
async fn other_methods_are_refused() {
    let roster = Roster::start(On::Sqlite).await;

    for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::TRACE] {
        let reply =
            Reply::to(request(&roster, method.clone()).json(&json!({ "query": "{ __typename }" }))).await;
        assert_eq!((reply.status, reply.header("allow")), (405, "GET, POST"), "{method}");
        if method != Method::HEAD {
            reply.is_refused_with(405, "METHOD_NOT_ALLOWED");
        }
    }
}

#[tokio::test]
async fn health_tells_whether_the_database_answers_and_other_paths_lead_nowhere() {
    let roster = Roster::start(On::Sqlite).await;
    let get = |path: &str| Reply::to(roster.http().get(format!("{}{path}", roster.url())));

    let health = get("/health").await;
    assert_eq!((health.status, health.body.as_str()), (200, "ok\n"));
    for path in ["/", "/graphql/", "/graphql/x", "/health/x", "/admin", "/../etc/passwd", "/%00", "//"] {
        let reply = get(path).await;
        assert_eq!((reply.status, reply.body.as_str()), (404, ""), "{path}");
    }

    roster.parts().database.read().clone().close().await.unwrap();
    let health = get("/health").await;
    assert_eq!((health.status, health.body.as_str()), (503, "the database does not answer\n"));
}
