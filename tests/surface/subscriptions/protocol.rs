//! graphql-transport-ws, word by word: what is answered, and with which code a socket is closed.

use roster_tests::{On, Organization, Over, Roster, Socket};
use rstest::rstest;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

async fn acme() -> Organization {
    Roster::start(On::Sqlite).await.organization("Acme").await
}

#[tokio::test]
async fn queries_and_mutations_go_over_a_socket_too() {
    let acme = acme().await;
    let mut socket = Socket::open_as(acme.owner.roster.url(), acme.owner.token.as_deref()).await;
    socket.subscribe("q", "{ viewer { user { name } } }").await;
    let data = json!({ "data": { "viewer": { "user": { "name": "Olivia" } } } });
    assert_eq!(socket.hear().await, json!({ "type": "next", "id": "q", "payload": data }));
    assert_eq!(socket.hear().await, json!({ "type": "complete", "id": "q" }));
    // The id is free again.
    let input = json!({ "name": "Globex" });
    let query =
        "mutation ($i: CreateOrganizationInput!) { createOrganization(input: $i) { organization { name } } }";
    let payload = json!({ "query": query, "variables": { "i": input }, "operationName": null });
    socket.say(json!({ "type": "subscribe", "id": "q", "payload": payload })).await;
    let told = socket.hear().await;
    assert_eq!(told["payload"]["data"]["createOrganization"]["organization"]["name"], "Globex");
    assert_eq!(socket.hear().await["type"], "complete");
    socket.close().await;
}

#[tokio::test]
async fn several_operations_run_at_one_time_and_each_ends_by_itself() {
    let acme = acme().await;
    let mut socket = Socket::open_as(acme.owner.roster.url(), acme.owner.token.as_deref()).await;
    let watch = format!("subscription {{ organizationEvents(organizationId: \"{}\") {{ kind }} }}", acme.id);
    for id in ["a", "b"] {
        socket.subscribe(id, &watch).await;
        let started = json!({ "data": { "organizationEvents": { "kind": "STREAM_STARTED" } } });
        assert_eq!(socket.hear().await, json!({ "type": "next", "id": id, "payload": started }));
    }
    socket.say(json!({ "type": "complete", "id": "a" })).await;
    socket.say(json!({ "type": "complete", "id": "nobody" })).await;
    socket.say(json!({ "type": "ping", "payload": { "n": 1 } })).await;
    assert_eq!(socket.hear().await, json!({ "type": "pong", "payload": { "n": 1 } }));
    acme.invited("Bob").await;
    let told = socket.hear().await;
    assert_eq!(
        (&told["id"], &told["payload"]["data"]["organizationEvents"]["kind"]),
        (&json!("b"), &json!("MEMBER_INVITED"))
    );
    // Under an id that was ended, another one.
    socket.subscribe("a", "{ viewer { emailVerified } }").await;
    assert_eq!(socket.hear().await["payload"]["data"]["viewer"]["emailVerified"], true);
    assert_eq!(socket.hear().await, json!({ "type": "complete", "id": "a" }));
}

#[rstest]
#[case::no_document("{", "GRAPHQL_PARSE_FAILED")]
#[case::no_such_field("{ nothing }", "GRAPHQL_VALIDATION_FAILED")]
#[case::too_deep("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "QUERY_TOO_DEEP")]
#[case::several_fields(
    "subscription { a: organizationEvents(organizationId: 1) { kind } b: organizationEvents(organizationId: 1) { kind } }",
    "GRAPHQL_VALIDATION_FAILED"
)]
#[tokio::test]
async fn a_document_that_cannot_be_run_is_an_error_and_the_socket_goes_on(
    #[case] document: &str,
    #[case] code: &str,
) {
    let acme = acme().await;
    let mut socket = Socket::open_as(acme.owner.roster.url(), acme.owner.token.as_deref()).await;
    socket.subscribe("1", document).await;
    let told = socket.hear().await;
    assert_eq!((&told["type"], &told["id"]), (&json!("error"), &json!("1")), "{told:#}");
    assert_eq!(told["payload"][0]["extensions"]["code"], code, "{told:#}");
    socket.subscribe("1", "{ __typename }").await;
    assert_eq!(socket.hear().await["type"], "next");
}

#[tokio::test]
async fn a_failing_field_is_an_answer() {
    let acme = acme().await;
    let mut socket = Socket::open_as(acme.owner.roster.url(), None).await;
    socket.subscribe("1", "{ viewer { emailVerified } }").await;
    let told = socket.hear().await;
    assert_eq!((&told["type"], &told["payload"]["data"]), (&json!("next"), &json!({ "viewer": null })));
    assert_eq!(told["payload"]["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(socket.hear().await["type"], "complete");
}

#[rstest]
#[case::nothing("")]
#[case::no_json("hello")]
#[case::no_object("[]")]
#[case::null("null")]
#[case::no_type("{}")]
#[case::another_type(r#"{"type":"start","id":"1","payload":{}}"#)]
#[case::no_text_as_type(r#"{"type":1}"#)]
#[case::of_the_server(r#"{"type":"next","id":"1","payload":{}}"#)]
#[case::no_id(r#"{"type":"subscribe","payload":{"query":"{ __typename }"}}"#)]
#[case::an_empty_id(r#"{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}"#)]
#[case::a_number_as_id(r#"{"type":"subscribe","id":1,"payload":{"query":"{ __typename }"}}"#)]
#[case::no_payload(r#"{"type":"subscribe","id":"1"}"#)]
#[case::a_list_as_payload(r#"{"type":"subscribe","id":"1","payload":[]}"#)]
#[case::no_query(r#"{"type":"subscribe","id":"1","payload":{}}"#)]
#[case::wrong_variables(
    r#"{"type":"subscribe","id":"1","payload":{"query":"{ __typename }","variables":7}}"#
)]
#[case::complete_without_id(r#"{"type":"complete"}"#)]
#[case::a_text_in_a_ping(r#"{"type":"ping","payload":"x"}"#)]
#[case::a_text_in_a_pong(r#"{"type":"pong","payload":"x"}"#)]
#[case::a_text_as_who(r#"{"type":"connection_init","payload":"x"}"#)]
#[case::a_number_as_token(r#"{"type":"connection_init","payload":{"authorization":1}}"#)]
#[case::two_tokens(
    r#"{"type":"connection_init","payload":{"authorization":"Bearer x","Authorization":"Bearer y"}}"#
)]
#[case::nested(&nested())]
#[case::many_values(&many_values())]
#[tokio::test]
async fn what_is_no_message_closes_the_socket_with_4400(#[case] text: &str) {
    let acme = acme().await;
    let url = acme.owner.roster.url();
    let mut socket = Socket::open(url).await;
    socket.send(Message::text(text)).await;
    let (code, reason) = socket.is_closed().await;
    assert_eq!(code, 4400, "{reason}");
    assert!(reason.len() > 10 && reason.len() <= 123, "{reason}");
    Socket::open_as(url, acme.owner.token.as_deref()).await;
}

/// Objects in objects, until the parser gives up.
fn nested() -> String {
    format!(r#"{{"type":"ping","payload":{}{}}}"#, r#"{"a":"#.repeat(10_000), "}".repeat(10_000))
}

/// More than the guard lets through, over HTTP or here.
fn many_values() -> String {
    let values = "1,".repeat(25_000);
    format!(
        r#"{{"type":"subscribe","id":"1","payload":{{"query":"{{ __typename }}","variables":{{"a":[{values}1]}}}}}}"#
    )
}

#[rstest]
#[case::bytes(Message::binary(b"{}".to_vec()), 4400)]
#[case::too_large(Message::text("x".repeat(2_000_000)), 1009)]
#[tokio::test]
async fn another_frame_closes_the_socket_too(#[case] frame: Message, #[case] code: u16) {
    let acme = acme().await;
    let mut socket = Socket::open_as(acme.owner.roster.url(), acme.owner.token.as_deref()).await;
    // It may not even be taken to its end.
    let _ = socket.try_send(frame).await;
    assert_eq!(socket.is_closed().await.0, code);
}

#[tokio::test]
async fn bytes_that_are_no_frame_or_no_text_close_the_socket() {
    let acme = acme().await;
    for (frame, code) in [
        (vec![0xff, 0x80, 0, 0, 0, 0], 1002),
        // An unmasked text.
        (vec![0x81, 0x02, b'{', b'}'], 1002),
        // A masked text that is not UTF-8.
        (vec![0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28], 1007),
    ] {
        let mut socket = Socket::open_as(acme.owner.roster.url(), acme.owner.token.as_deref()).await;
        socket.write(&frame).await;
        assert_eq!(socket.is_closed().await.0, code, "{frame:?}");
    }
}

#[tokio::test]
async fn who_does_not_follow_the_order_of_the_protocol_is_told_by_the_code() {
    let acme = acme().await;
    let (url, token) = (acme.owner.roster.url(), acme.owner.token.as_deref());

    let mut socket = Socket::open(url).await;
    socket.subscribe("1", "{ __typename }").await;
    assert_eq!(socket.is_closed().await, (4401, "Unauthorized".to_owned()));

    let mut socket = Socket::open_as(url, token).await;
    socket.init(token).await;
    assert_eq!(socket.is_closed().await, (4429, "Too many initialisation requests".to_owned()));

    let mut watcher = acme.watched_by(&acme.owner, Over::Socket, "").await;
    watcher.socket().subscribe("1", "{ __typename }").await;
    assert_eq!(watcher.socket().is_closed().await, (4409, "Subscriber for 1 already exists".to_owned()));

    let mut socket = Socket::open_with(url, &[]).await.unwrap_or_else(|status| panic!("{status}"));
    assert_eq!(socket.is_closed().await.0, 4406);
}

#[tokio::test]
async fn who_does_not_say_in_time_who_they_are_is_shown_out() {
    let roster = Roster::start_with(On::Sqlite, |config| config.streams.init_timeout_seconds = 1).await;
    let mut socket = Socket::open(roster.url()).await;
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.hear().await, json!({ "type": "pong" }));
    assert_eq!(socket.is_closed().await, (4408, "Connection initialisation timeout".to_owned()));
}

#[rstest]
#[case(json!({ "Authorization": "Bearer nonsense" }))]
#[case(json!({ "authorization": "Bearer roster_nonsense" }))]
#[case(json!({ "authorization": "Basic b2xpdmlhOnNlY3JldA==" }))]
#[case(json!({ "authorization": "" }))]
#[tokio::test]
async fn a_token_that_is_refused_closes_the_socket_with_4403(#[case] payload: Value) {
    let acme = acme().await;
    let mut socket = Socket::open(acme.owner.roster.url()).await;
    socket.say(json!({ "type": "connection_init", "payload": payload })).await;
    let (code, reason) = socket.is_closed().await;
    assert_eq!(code, 4403);
    assert!(reason.starts_with("Forbidden: "), "{reason}");
}

#[tokio::test]
async fn the_token_may_come_with_the_handshake() {
    let acme = acme().await;
    let (url, bearer) = (acme.owner.roster.url(), format!("Bearer {}", acme.owner.token.as_deref().unwrap()));
    let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
    for (header, status, init, name) in [
        (bearer.as_str(), None, json!({}), json!("Olivia")),
        (&bearer, None, Value::Null, json!("Olivia")),
        ("Basic b2xpdmlhOnNlY3JldA==", Some(401), Value::Null, Value::Null),
    ] {
        let opened = Socket::open_with(url, &[protocol, ("authorization", header)]).await;
        assert_eq!(opened.as_ref().err().copied(), status);
        let Ok(mut socket) = opened else { continue };
        socket.say(json!({ "type": "connection_init", "payload": init })).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        socket.subscribe("1", "{ viewer { user { name } } }").await;
        assert_eq!(socket.hear().await["payload"]["data"]["viewer"]["user"]["name"], name);
    }
}

#[tokio::test]
async fn a_page_of_another_origin_may_not_open_a_socket() {
    let allowed = |config: &mut roster_api::config::Config| {
        config.http.allowed_origins = vec!["https://app.example.com".to_owned()];
    };
    let roster = Roster::start_with(On::Sqlite, allowed).await;
    let same = roster.url().to_owned();
    for (origin, status) in [
        (same.as_str(), None),
        ("https://app.example.com", None),
        ("https://evil.example.com", Some(403)),
        ("http://app.example.com", Some(403)),
        ("https://app.example.com.evil.com", Some(403)),
        ("null", Some(403)),
        ("", Some(403)),
    ] {
        let headers = [("sec-websocket-protocol", "graphql-transport-ws"), ("origin", origin)];
        assert_eq!(Socket::open_with(&same, &headers).await.err(), status, "{origin}");
    }
}

#[tokio::test]
async fn a_socket_whose_token_has_ended_is_closed_at_the_next_operation() {
    let acme = acme().await;
    let script = acme.api_token_of(&acme.owner).await;
    let mut socket = Socket::open_as(acme.owner.roster.url(), script.token.as_deref()).await;
    socket.subscribe("1", "{ viewer { user { name } } }").await;
    assert_eq!(socket.hear().await["type"], "next");
    assert_eq!(socket.hear().await["type"], "complete");
    acme.owner.mutate("revokeApiToken", json!({ "apiTokenId": script.id }), "changed").await.succeeds();
    socket.subscribe("1", "{ viewer { user { name } } }").await;
    let (code, reason) = socket.is_closed().await;
    assert_eq!((code, reason.as_str()), (4403, "Forbidden: This API token was revoked."));
}
