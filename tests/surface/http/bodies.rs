//! What a POST must hold.

use reqwest::Method;
use roster_tests::{On, Roster};
use serde_json::json;

use super::{json_body, request};
use crate::reply::Reply;

/// A form of another origin can be posted without asking; JSON cannot.
#[tokio::test]
async fn only_json_is_taken() {
    let roster = Roster::start(On::Sqlite).await;
    let body = r#"{"query": "{ __typename }"}"#;

    for content_type in [
        "text/plain",
        "text/plain; charset=application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=latin1",
        "application/jsonp",
        "application/json, text/plain",
        "json",
        "",
    ] {
        let request = request(&roster, Method::POST).header("Content-Type", content_type).body(body);
        Reply::to(request).await.is_refused_with(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let without = Reply::to(request(&roster, Method::POST).body(body)).await;
    without.is_refused_with(415, "UNSUPPORTED_MEDIA_TYPE");

    for content_type in ["application/json", "APPLICATION/JSON", "application/json; charset=UTF-8"] {
        let reply = request(&roster, Method::POST).header("Content-Type", content_type).body(body);
        assert_eq!(Reply::to(reply).await.answer().text("/__typename"), "Query", "{content_type}");
    }
}

#[tokio::test]
async fn what_is_no_graphql_request_is_refused() {
    let roster = Roster::start(On::Sqlite).await;

    for body in [
        &b""[..],
        b" ",
        b"{",
        b"null",
        b"7",
        b"\"{ __typename }\"",
        b"{}",
        br#"{"query": null}"#,
        br#"{"query": 7}"#,
        br#"{"query": ["{ __typename }"]}"#,
        br#"{"query": "{ __typename }"} x"#,
        br#"{"query": "{ __typename }", "variables": [1]}"#,
        br#"{"query": "{ __typename }", "variables": "x"}"#,
        br#"{"query": "{ __typename }", "operationName": 7}"#,
        br#"{"query": "{ __typename }", "extensions": true}"#,
        br#"{"query": "{ __typename }", "query": "{ __typename }"}"#,
        br#"{'query': '{ __typename }'}"#,
        b"\xff\xfe{\x00}\x00",
        b"{\"query\": \"{ __typename } # \xff\"}",
        br#"{"query": "{ __typename } # \ud800"}"#,
    ] {
        let told = Reply::to(json_body(&roster, body)).await.is_refused_with(400, "BAD_REQUEST");
        assert!(!told.is_empty(), "{}", String::from_utf8_lossy(body));
    }
}

#[tokio::test]
async fn what_is_optional_may_be_null_and_what_is_unknown_is_passed_over() {
    let roster = Roster::start(On::Sqlite).await;

    for rest in [
        json!({ "variables": null, "operationName": null, "extensions": null }),
        json!({ "variables": {}, "operationName": "", "extensions": {} }),
        json!({ "variables": { "unused": 1 }, "extensions": { "persistedQuery": { "version": 1 } } }),
        json!({ "id": 7, "doc_id": "x" }),
    ] {
        let mut body = rest.clone();
        body["query"] = json!("{ __typename }");
        let reply = Reply::to(json_body(&roster, body.to_string())).await;
        assert_eq!(reply.answer().text("/__typename"), "Query", "{rest}");
    }
}

#[tokio::test]
async fn which_of_several_operations_is_meant_must_be_said() {
    let roster = Roster::start(On::Sqlite).await;
    let two = "query a { a: __typename } query b { b: __typename }";
    let send = |body: serde_json::Value| Reply::to(json_body(&roster, body.to_string()));

    for body in [
        json!({ "query": two }),
        json!({ "query": two, "operationName": "c" }),
        json!({ "query": "{ __typename }", "operationName": "c" }),
        json!({ "query": "fragment f on Query { __typename }" }),
    ] {
        let reply = send(body.clone()).await;
        assert_eq!(reply.status, 400, "{body} {reply:?}");
        reply.answer().error_message();
    }
    let reply = send(json!({ "query": two, "operationName": "b" })).await;
    assert_eq!(reply.answer().data(), &json!({ "b": "Query" }));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_with_the_limit() {
    let roster = Roster::start_with(On::Sqlite, |config| config.http.max_body_bytes = 10_000).await;
    let body = |size: usize| {
        let frame = json!({ "query": "{ __typename }", "variables": { "x": "" } }).to_string();
        frame.replace("\"\"", &format!("\"{}\"", "x".repeat(size - frame.len())))
    };

    assert_eq!(Reply::to(json_body(&roster, body(10_000))).await.status, 200);
    let told = Reply::to(json_body(&roster, body(10_001))).await.is_refused_with(413, "PAYLOAD_TOO_LARGE");
    assert!(told.contains("at most 10000 bytes"), "{told}");
    // Larger than what any buffer on the way holds.
    let reply = json_body(&roster, body(10_000_000)).send().await;
    assert!(reply.is_err() || reply.is_ok_and(|reply| reply.status() == 413));
    assert_eq!(Reply::to(json_body(&roster, body(100))).await.status, 200);
}
