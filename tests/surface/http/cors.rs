//! Which pages may call the API from a browser: those of the origins in the settings.

use reqwest::Method;
use roster_tests::{On, Roster};
use serde_json::json;

use super::request;
use crate::reply::Reply;

const APP: &str = "https://app.example.com";

async fn roster() -> Roster {
    Roster::start_with(On::Sqlite, |config| {
        config.http.allowed_origins = vec![APP.to_owned(), "http://localhost:3000".to_owned()];
    })
    .await
}

async fn preflight(roster: &Roster, origin: &str) -> Reply {
    let request = request(roster, Method::OPTIONS)
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization,content-type");
    Reply::to(request).await
}

async fn call(roster: &Roster, origin: &str) -> Reply {
    let request = request(roster, Method::POST).json(&json!({ "query": "{ __typename }" }));
    Reply::to(request.header("Origin", origin)).await
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_call() {
    let roster = roster().await;

    for origin in [APP, "http://localhost:3000"] {
        let preflight = preflight(&roster, origin).await;
        assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (200, origin));
        assert!(preflight.header("access-control-allow-methods").contains("POST"));
        for header in ["authorization", "content-type"] {
            assert!(preflight.header("access-control-allow-headers").contains(header), "{preflight:?}");
        }
        let call = call(&roster, origin).await;
        assert_eq!((call.status, call.header("access-control-allow-origin")), (200, origin));
        // The token is a header: no cookies are needed, and none are asked for.
        assert_eq!(call.header("access-control-allow-credentials"), "");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_may_not() {
    let (roster, closed) = (roster().await, Roster::start(On::Sqlite).await);

    for origin in [
        "https://evil.example.com",
        "https://app.example.com.evil.example",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://APP.example.com/",
        "null",
        "",
    ] {
        for reply in [preflight(&roster, origin).await, call(&roster, origin).await] {
            assert_eq!(reply.header("access-control-allow-origin"), "", "{origin}");
        }
    }
    for reply in [preflight(&closed, APP).await, call(&closed, APP).await] {
        assert_eq!(reply.header("access-control-allow-origin"), "");
    }
}

/// A page must be able to read why its call was refused.
#[tokio::test]
async fn an_error_may_be_read_by_an_allowed_page_too() {
    let roster = roster().await;

    let refused = request(&roster, Method::POST).body("{}").header("Origin", APP);
    let refused = Reply::to(refused).await;
    let unauthorized = request(&roster, Method::POST).json(&json!({})).bearer_auth("x").header("Origin", APP);
    let unauthorized = Reply::to(unauthorized).await;

    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (415, APP));
    assert_eq!(unauthorized.header("access-control-allow-origin"), APP);
}

/// A page can make a browser send these without asking first. None may change anything, or be read.
#[tokio::test]
async fn what_a_browser_sends_without_asking_is_not_run() {
    let roster = roster().await;
    let bob = roster.person("Bob");
    let mutation = r#"{"query": "mutation { createOrganization(input: {name: \"Acme\"}) { message } }"}"#;
    let evil = "https://evil.example.com";

    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain;application/json",
        "",
    ] {
        for body in [mutation.to_owned(), format!("[{mutation}]"), format!("query={mutation}")] {
            let mut post = request(&roster, Method::POST).body(body).header("Origin", evil);
            if !content_type.is_empty() {
                post = post.header("Content-Type", content_type);
            }
            // With the token, which no browser sends by itself.
            let reply = Reply::to(post.bearer_auth(bob.token.clone().unwrap())).await;
            reply.is_refused_with(415, "UNSUPPORTED_MEDIA_TYPE");
            assert_eq!(reply.header("access-control-allow-origin"), "");
        }
    }
    let mine = bob.query("{ viewer { organizations { nodes { id } } } }").await;
    assert_eq!(mine.at("/viewer/organizations/nodes"), &json!([]));

    let url = format!("{}/graphql?query=%7B__typename%7D", roster.url());
    let get = roster.http().get(url).header("Origin", evil);
    let get = Reply::to(get).await;
    assert_eq!((get.status, get.header("access-control-allow-origin")), (200, ""), "it cannot be read");
}

/// A cache must not hand one page's permission to another.
#[tokio::test]
async fn all_answers_vary_with_the_origin() {
    let (roster, closed) = (roster().await, Roster::start(On::Sqlite).await);

    for roster in [&roster, &closed] {
        for reply in [
            preflight(roster, APP).await,
            call(roster, APP).await,
            call(roster, "https://evil.example").await,
        ] {
            assert!(reply.header("vary").contains("origin"), "{reply:?}");
            assert_eq!(reply.header("access-control-allow-credentials"), "");
        }
    }
}

#[tokio::test]
async fn an_origin_that_is_none_is_told_at_start() {
    for wrong in ["*", "https://app.example.com/", "https://app.example.com/path", "app.example.com", "null"]
    {
        let told = Roster::starts_with(|config| {
            config.http.allowed_origins = vec![APP.to_owned(), wrong.to_owned()];
        })
        .await
        .unwrap_err();
        assert!(told.contains("http.allowed_origins") && told.contains(&format!("{wrong:?}")), "{told}");
    }
}
