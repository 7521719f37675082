//! graphql-sse, in distinct connections mode: the events of an answer, and what is refused before there are any.

use reqwest::{Method, RequestBuilder, Url};
use roster_tests::{EventStream, On, Organization, Over, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use crate::reply::Reply;

async fn acme() -> Organization {
    Roster::start(On::Sqlite).await.organization("Acme").await
}

fn request(acme: &Organization, method: Method) -> RequestBuilder {
    let url = format!("{}/graphql", acme.owner.roster.url());
    let request = acme.owner.roster.http().request(method, url).header("Accept", "text/event-stream");
    request.bearer_auth(acme.owner.token.as_deref().unwrap())
}

fn get(acme: &Organization, query: &str) -> RequestBuilder {
    let address = format!("{}/graphql", acme.owner.roster.url());
    let url = Url::parse_with_params(&address, &[("query", query)]).unwrap();
    let request = acme.owner.roster.http().get(url).header("Accept", "text/event-stream");
    request.bearer_auth(acme.owner.token.as_deref().unwrap())
}

fn post(acme: &Organization, query: &str) -> RequestBuilder {
    request(acme, Method::POST).json(&json!({ "query": query }))
}

fn watch(acme: &Organization) -> String {
    format!("subscription {{ organizationEvents(organizationId: \"{}\") {{ kind }} }}", acme.id)
}

/// All events of a stream that ends.
async fn events(request: RequestBuilder) -> Vec<(String, Value)> {
    let mut stream = EventStream::of(request).await;
    let mut events = Vec::new();
    while let Some((name, data)) = stream.event().await {
        events.push((name, if data.is_empty() { Value::Null } else { serde_json::from_str(&data).unwrap() }));
    }
    events
}

#[tokio::test]
async fn queries_and_mutations_may_be_answered_by_events() {
    let acme = acme().await;
    let complete = ("complete".to_owned(), Value::Null);
    let viewer = json!({ "data": { "viewer": { "user": { "name": "Olivia" } } } });
    let query = "{ viewer { user { name } } }";
    let expected = [("next".to_owned(), viewer), complete.clone()];
    assert_eq!(events(post(&acme, query)).await, expected);
    assert_eq!(events(get(&acme, query)).await, expected);
    let mutation =
        "mutation { createOrganization(input: {name: \"Line\\nbreaks: data\"}) { organization { slug } } }";
    let answered = events(post(&acme, mutation)).await;
    assert_eq!(answered[1..], [complete]);
    assert_eq!(
        answered[0].1.pointer("/data/createOrganization/organization/slug"),
        Some(&json!("line-breaks-data"))
    );
}

#[tokio::test]
async fn a_browser_can_subscribe_with_get() {
    let acme = acme().await;
    let get = get(&acme, &watch(&acme));
    let mut stream = EventStream::of(get.header("Origin", "https://app.example.com")).await;
    assert_eq!(stream.headers()["cache-control"], "no-store");
    assert_eq!(stream.headers()["x-accel-buffering"], "no");
    assert_eq!(stream.headers()["x-content-type-options"], "nosniff");
    assert!(stream.event().await.unwrap().1.contains("STREAM_STARTED"));
    acme.invited("Bob").await;
    assert!(stream.event().await.unwrap().1.contains("MEMBER_INVITED"));
}

#[tokio::test]
async fn an_error_of_the_document_is_the_only_event() {
    let acme = acme().await;
    for (document, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { organizationEvents { kind } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let answered = events(post(&acme, document)).await;
        assert_eq!(answered.len(), 2, "{answered:?}");
        assert_eq!(answered[0].1["errors"][0]["extensions"]["code"], code, "{answered:?}");
        assert_eq!(answered[0].1.get("data"), None);
        assert_eq!(answered[1].0, "complete");
    }
}

#[tokio::test]
async fn what_is_refused_before_the_stream_has_a_status_of_its_own() {
    let acme = acme().await;
    let too_long =
        json!({ "query": "{ viewer { emailVerified } }", "extensions": { "x": "y".repeat(2_000_000) } });
    for (request, status, code) in [
        (request(&acme, Method::POST).body("{}"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (request(&acme, Method::POST).json(&json!({})), 400, "BAD_REQUEST"),
        (request(&acme, Method::POST).json(&too_long), 413, "PAYLOAD_TOO_LARGE"),
        (request(&acme, Method::POST).json(&json!([{ "query": "{ __typename }" }])), 406, "NOT_ACCEPTABLE"),
        (request(&acme, Method::PUT).json(&json!({})), 405, "METHOD_NOT_ALLOWED"),
        (get(&acme, "mutation { viewer }"), 405, "METHOD_NOT_ALLOWED"),
    ] {
        Reply::to(request).await.is_refused_with(status, code);
    }
    let url = format!("{}/graphql", acme.owner.roster.url());
    let nonsense =
        acme.owner.roster.http().post(url).header("Accept", "text/event-stream").bearer_auth("nonsense");
    Reply::to(nonsense.json(&json!({ "query": watch(&acme) }))).await.is_refused_with(401, "UNAUTHENTICATED");
}

#[rstest]
#[case("application/json", 200)]
#[case("application/graphql-response+json", 400)]
#[case("application/json, text/event-stream;q=0.5", 200)]
#[tokio::test]
async fn a_subscription_without_a_stream_says_what_it_needs(#[case] accept: &str, #[case] status: u16) {
    let acme = acme().await;
    let url = format!("{}/graphql", acme.owner.roster.url());
    for batch in [false, true] {
        let body = json!({ "query": watch(&acme) });
        let body = if batch { json!([body]) } else { body };
        let post = acme.owner.roster.http().post(&url).header("Accept", accept).json(&body);
        let response = post.bearer_auth(acme.owner.token.as_deref().unwrap()).send().await.unwrap();
        if batch && accept == "application/graphql-response+json" {
            assert_eq!(response.status(), 406);
            continue;
        }
        assert_eq!(response.status(), status);
        let answer: Value = response.json().await.unwrap();
        let answer = if batch { &answer[0] } else { &answer };
        assert_eq!(answer["errors"][0]["extensions"]["code"], "SUBSCRIPTION_NEEDS_A_STREAM", "{answer:#}");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains("text/event-stream"));
    }
}

/// Longer than a request may take.
#[tokio::test]
async fn the_time_of_a_request_does_not_cut_a_stream_and_comments_keep_it_alive() {
    let settings = |config: &mut roster_api::config::Config| {
        config.http.request_timeout_seconds = 1;
        config.streams.keep_alive_seconds = 1;
    };
    let acme = Roster::start_with(On::Sqlite, settings).await.organization("Acme").await;
    let mut stream = EventStream::of(post(&acme, &watch(&acme))).await;
    assert!(stream.event().await.unwrap().1.contains("STREAM_STARTED"));
    for _ in 0..2 {
        assert_eq!(stream.block().await.unwrap(), ":");
    }
    acme.invited("Bob").await;
    assert!(stream.event().await.unwrap().1.contains("MEMBER_INVITED"));
}

#[tokio::test]
async fn pages_of_an_allowed_origin_may_read_a_stream() {
    let allowed = |config: &mut roster_api::config::Config| {
        config.http.allowed_origins = vec!["https://app.example.com".to_owned()];
    };
    let acme = Roster::start_with(On::Sqlite, allowed).await.organization("Acme").await;
    let stream =
        EventStream::of(post(&acme, &watch(&acme)).header("Origin", "https://app.example.com")).await;
    assert_eq!(stream.headers()["access-control-allow-origin"], "https://app.example.com");
    let other =
        EventStream::of(post(&acme, &watch(&acme)).header("Origin", "https://evil.example.com")).await;
    assert_eq!(other.headers().get("access-control-allow-origin"), None);
    drop(acme.watched_by(&acme.owner, Over::EventStream, "").await);
}
