//! How many sockets and event streams there may be, and how it is known that somebody is still there.

use roster_api::config::Config;
use roster_tests::{EventStream, On, Organization, Over, Roster, Socket};
use serde_json::{Value, json};

async fn acme_with(change: impl FnOnce(&mut Config)) -> Organization {
    Roster::start_with(On::Sqlite, change).await.organization("Acme").await
}

async fn status_of_stream(acme: &Organization, token: Option<&str>) -> (u16, Value) {
    let url = format!("{}/graphql", acme.owner.roster.url());
    let mut post = acme.owner.roster.http().post(url).header("Accept", "text/event-stream");
    post = post.json(&json!({ "query": "{ __typename }" }));
    if let Some(token) = token {
        post = post.bearer_auth(token);
    }
    let response = post.send().await.unwrap();
    let status = response.status().as_u16();
    let code = response.json().await.map(|body: Value| body["errors"][0]["extensions"]["code"].clone());
    (status, code.unwrap_or_default())
}

#[tokio::test]
async fn one_person_can_open_so_many_and_no_more_until_one_ends() {
    let acme = acme_with(|config| config.streams.connections_per_caller = 3).await;
    let (bob, script) = (acme.member("Bob").await, acme.api_token_of(&acme.owner).await);
    let url = acme.owner.roster.url();
    let token = acme.owner.token.as_deref();
    let first = Socket::open_as(url, token).await;
    let second = acme.watched_by(&acme.owner, Over::EventStream, "").await;
    let _third = Socket::open_as(url, script.token.as_deref()).await;

    let mut fourth = Socket::open(url).await;
    fourth.init(token).await;
    let (code, reason) = fourth.is_closed().await;
    assert_eq!((code, reason.as_str()), (1013, "You have too many connections open. Close some of them."));
    assert_eq!(status_of_stream(&acme, token).await, (429, json!("TOO_MANY_CONNECTIONS")));
    // Others are not concerned, and neither are the owner's requests.
    Socket::open_as(url, bob.token.as_deref()).await;
    Socket::open_as(url, None).await;
    acme.owner.query("{ viewer { emailVerified } }").await.data();

    first.close().await;
    until_there_is_a_place(url, token).await;
    drop(second);
    until_there_is_a_place(url, token).await;
}

/// The server hears a moment later than the client that a connection has ended.
async fn until_there_is_a_place(url: &str, token: Option<&str>) {
    let attempt = async {
        loop {
            let mut socket = Socket::open(url).await;
            socket.init(token).await;
            if socket.hears_or_is_closed().await.is_some() {
                return socket.close().await;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), attempt).await.expect("a place in time");
}

#[tokio::test]
async fn a_process_has_so_many_places_and_no_more() {
    let acme = acme_with(|config| config.streams.connections = 2).await;
    let url = acme.owner.roster.url();
    let _silent = Socket::open(url).await;
    let _watcher = acme.watched_by(&acme.owner, Over::EventStream, "").await;
    let refused = Socket::open_with(url, &[("sec-websocket-protocol", "graphql-transport-ws")]).await;
    assert_eq!(refused.err(), Some(503));
    let token = acme.owner.token.as_deref();
    assert_eq!(status_of_stream(&acme, token).await, (503, json!("TOO_MANY_CONNECTIONS")));
}

#[tokio::test]
async fn so_many_operations_run_on_one_socket_and_no_more() {
    let acme = acme_with(|config| config.streams.operations_per_socket = 2).await;
    let mut socket = Socket::open_as(acme.owner.roster.url(), acme.owner.token.as_deref()).await;
    let watch = format!("subscription {{ organizationEvents(organizationId: \"{}\") {{ kind }} }}", acme.id);
    for id in ["a", "b"] {
        socket.subscribe(id, &watch).await;
        assert_eq!(socket.hear().await["type"], "next");
    }
    socket.subscribe("c", &watch).await;
    let told = socket.hear().await;
    assert_eq!((&told["type"], &told["id"]), (&json!("error"), &json!("c")));
    assert_eq!(told["payload"][0]["extensions"]["code"], "TOO_MANY_OPERATIONS");
    socket.say(json!({ "type": "complete", "id": "a" })).await;
    socket.subscribe("c", &watch).await;
    assert_eq!(socket.hear().await["type"], "next");
}

#[tokio::test]
async fn a_socket_on_which_nothing_happens_is_pinged_and_who_is_gone_is_let_go() {
    let acme = acme_with(|config| {
        config.streams.keep_alive_seconds = 1;
        config.streams.connections = 1;
    })
    .await;
    let url = acme.owner.roster.url();
    let mut socket = Socket::open_as(url, acme.owner.token.as_deref()).await;
    // Whoever reads answers pings, and is kept for longer than the server waits for a word.
    for _ in 0..5 {
        socket.is_pinged().await;
    }
    socket.subscribe("1", "{ __typename }").await;
    assert_eq!(socket.hear().await["type"], "next");
    // Held, and never read again: there is a place for another one.
    let attempt = async {
        while Socket::open_with(url, &[("sec-websocket-protocol", "graphql-transport-ws")]).await.is_err() {}
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), attempt).await.expect("a place in time");
    drop(socket);
}

/// A page that lost its connection: it connects, subscribes, and reads again what it shows.
#[tokio::test]
async fn who_comes_again_is_told_from_then_on() {
    let acme = acme_with(|_| {}).await;
    for over in [Over::Socket, Over::EventStream] {
        let mut watcher = acme.watched_by(&acme.owner, over, "member { id }").await;
        let before = acme.invited(&format!("Bob {over:?}")).await;
        assert_eq!(watcher.is_told("MEMBER_INVITED").await["member"]["id"], before.id);
        drop(watcher);
        let between = acme.invited(&format!("Between {over:?}")).await;
        let mut again = acme.watched_by(&acme.owner, over, "member { id }").await;
        assert!(acme.activities().await[0].contains(&between.address));
        let after = acme.invited(&format!("Zoe {over:?}")).await;
        assert_eq!(again.is_told("MEMBER_INVITED").await["member"]["id"], after.id);
    }
}

#[tokio::test]
async fn an_event_stream_of_somebody_who_has_gone_gives_its_place_back() {
    let acme = acme_with(|config| config.streams.connections = 1).await;
    let url = acme.owner.roster.url();
    let watch = format!("subscription {{ organizationEvents(organizationId: \"{}\") {{ kind }} }}", acme.id);
    let stream = EventStream::post(url, acme.owner.token.as_deref(), &json!({ "query": watch })).await;
    assert_eq!(status_of_stream(&acme, None).await.0, 503);
    drop(stream);
    let attempt = async { while status_of_stream(&acme, None).await.0 == 503 {} };
    tokio::time::timeout(std::time::Duration::from_secs(60), attempt).await.expect("a place in time");
}
