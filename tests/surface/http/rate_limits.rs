//! How often one may call, and guess.

use chrono::TimeDelta;
use reqwest::{Method, RequestBuilder};
use roster_api::config::Config;
use roster_tests::{On, RedisServer, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use super::request;
use crate::reply::{Reply, post};

async fn start(on: On, change: impl FnOnce(&mut Config)) -> Roster {
    Roster::start_with(on, |config| {
        config.http.client_address_header = "x-forwarded-for".to_owned();
        change(config);
    })
    .await
}

fn question() -> Value {
    json!({ "query": "{ __typename }" })
}

fn from(address: &str, request: RequestBuilder) -> RequestBuilder {
    request.header("X-Forwarded-For", address)
}

async fn ask(roster: &Roster, token: &str) -> Reply {
    Reply::to(post(roster, &question()).bearer_auth(token)).await
}

async fn guess(roster: &Roster, address: &str, token: &str) -> Reply {
    Reply::to(from(address, post(roster, &question())).bearer_auth(token)).await
}

#[track_caller]
fn waits(reply: &Reply, seconds: u64) {
    let sentence = reply.is_refused_with(429, "RATE_LIMITED");
    let unit = if seconds == 1 { "second" } else { "seconds" };
    assert!(sentence.ends_with(&format!("Try again in {seconds} {unit}.")), "{sentence}");
    assert_eq!(reply.header("retry-after"), seconds.to_string());
    assert_eq!(reply.answer().0["errors"][0]["extensions"]["retryAfter"], seconds);
}

#[rstest]
#[tokio::test]
async fn who_asks_too_often_waits_and_nobody_else(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = start(on, |config| config.rate_limits.requests_per_minute = 6).await;
    let bob = roster.person("Bob").token.unwrap();
    for left in (0..6).rev() {
        let reply = ask(&roster, &bob).await;
        assert_eq!(reply.status, 200);
        let headers = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"]
            .map(|name| reply.header(name).to_owned());
        assert_eq!(headers, ["6".to_owned(), left.to_string(), ((6 - left) * 10).to_string()]);
    }
    waits(&ask(&roster, &bob).await, 10);
    assert_eq!(ask(&roster, &roster.person("Carol").token.unwrap()).await.status, 200);
    assert_eq!(
        Reply::to(post(&roster, &question())).await.status,
        200,
        "who is not signed in is counted by address"
    );

    roster.pass(TimeDelta::seconds(4));
    waits(&ask(&roster, &bob).await, 6);
    roster.pass(TimeDelta::seconds(6));
    assert_eq!(ask(&roster, &bob).await.status, 200);
    waits(&ask(&roster, &bob).await, 10);
}

#[rstest]
#[tokio::test]
async fn each_request_of_a_batch_counts_and_so_does_an_export(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = start(on, |config| config.rate_limits.requests_per_minute = 6).await;
    let acme = roster.organization("Acme").await;
    let token = acme.owner.token.clone().unwrap();
    let batch = json!([question(), question(), question(), question()]);
    let send = || request(&roster, Method::POST).json(&batch).bearer_auth(&token).send();
    assert_eq!(send().await.unwrap().headers()["ratelimit-remaining"], "1");
    assert_eq!(send().await.unwrap().status(), 429);
    let export = || {
        let url = format!("{}/export/members?organization={}", roster.url(), acme.slug);
        Reply::to(roster.http().get(url).bearer_auth(&token))
    };
    assert_eq!((export().await.status, export().await.status), (200, 429));
}

#[rstest]
#[tokio::test]
async fn scripts_have_limits_of_their_own_and_who_is_not_signed_in_those_of_the_address(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = start(on, |config| config.rate_limits.requests_per_minute = 3).await;
    let acme = roster.organization("Acme").await;
    let script = acme.api_token_of(&acme.owner).await.person.token.unwrap();
    roster.pass(TimeDelta::minutes(1));
    let another = acme.api_token_of(&acme.owner).await.person.token.unwrap();
    let owner = acme.owner.token.clone().unwrap();
    ask(&roster, &owner).await;
    waits(&ask(&roster, &owner).await, 20);
    for status in [200, 200, 200, 429] {
        assert_eq!(ask(&roster, &script).await.status, status);
        assert_eq!(Reply::to(from("192.0.2.1", post(&roster, &question()))).await.status, status);
    }
    assert_eq!(ask(&roster, &another).await.status, 200);
    assert_eq!(Reply::to(from("192.0.2.2", post(&roster, &question()))).await.status, 200);
    // What the client itself says of the way before the proxy does not count.
    assert_eq!(Reply::to(from("192.0.2.3, 192.0.2.1", post(&roster, &question()))).await.status, 429);
}

#[rstest]
#[tokio::test]
async fn tokens_cannot_be_guessed_at_speed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = start(on, |config| config.rate_limits.failures_per_minute = 4).await;
    let good = roster.person("Bob").token.unwrap();
    for token in ["roster_guess", "not.a.token", "roster_", &format!("{good}x")] {
        guess(&roster, "192.0.2.1", token).await.is_refused_with(401, "UNAUTHENTICATED");
    }
    // Not even a good one is looked at, so that a guess cannot be seen to be right.
    for token in ["roster_guess", &good] {
        waits(&guess(&roster, "192.0.2.1", token).await, 15);
    }
    assert_eq!(guess(&roster, "192.0.2.2", &good).await.status, 200);
    assert_eq!(Reply::to(from("192.0.2.1", post(&roster, &question()))).await.status, 200);

    roster.pass(TimeDelta::seconds(15));
    assert_eq!(guess(&roster, "192.0.2.1", &good).await.status, 200);
    guess(&roster, "192.0.2.1", "roster_guess").await.is_refused_with(401, "UNAUTHENTICATED");
    waits(&guess(&roster, "192.0.2.1", "roster_guess").await, 15);
}

#[rstest]
#[tokio::test]
async fn links_cannot_be_guessed_at_speed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = start(on, |config| config.rate_limits.failures_per_minute = 3).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let link = roster.link_token(&bob.address).await;
    let guesses = async |query: &str| {
        let reply = Reply::to(from("192.0.2.1", post(&roster, &json!({ "query": query })))).await;
        let errors = reply.answer().0["errors"].as_array().unwrap().clone();
        let codes: Vec<_> =
            errors.iter().map(|e| e["extensions"]["code"].as_str().unwrap().to_owned()).collect();
        (codes, reply.header("retry-after").to_owned())
    };
    let unknown = "INVITATION_NOT_FOUND".to_owned();
    let two = guesses(r#"{ a: invitation(token: "a") { role } b: invitation(token: "b") { role } }"#).await;
    assert_eq!(two, (vec![unknown.clone(), unknown.clone()], String::new()));
    let third = guesses(&format!(r#"{{ a: invitation(token: "{link}x") {{ role }} }}"#)).await;
    assert_eq!(third, (vec![unknown], String::new()));
    let good = guesses(&format!(r#"{{ a: invitation(token: "{link}") {{ role }} }}"#)).await;
    assert_eq!(good, (vec!["RATE_LIMITED".to_owned()], "20".to_owned()));
    bob.offer(&link).await.data();
    let accept = json!({ "query": "mutation ($token: String!) { acceptInvitation(input: { token: $token }) { changed } }",
        "variables": { "token": link } });
    let blocked =
        Reply::to(from("192.0.2.1", post(&roster, &accept)).bearer_auth(bob.token.clone().unwrap())).await;
    assert_eq!(blocked.answer().error_code(), "RATE_LIMITED");
    assert_eq!(blocked.header("retry-after"), "20");
    bob.accept(&link).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn zero_is_no_limit(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = start(on, |config| {
        config.rate_limits.requests_per_minute = 0;
        config.rate_limits.failures_per_minute = 0;
        config.rate_limits.organization_invitations_per_hour = 0;
        config.rate_limits.recipient_invitations_per_day = 0;
    })
    .await;
    for _ in 0..10 {
        guess(&roster, "192.0.2.1", "roster_guess").await.is_refused_with(401, "UNAUTHENTICATED");
    }
    let reply = ask(&roster, &roster.person("Bob").token.unwrap()).await;
    assert_eq!((reply.status, reply.header("ratelimit-limit")), (200, ""));
    roster.organization("Acme").await.invited("Bob").await;
}

/// With many requests a minute, a part is taken from Redis at a time.
#[tokio::test]
async fn several_apis_together_let_through_no_more_than_the_limit() {
    let first = start(On::Postgres, |config| config.rate_limits.requests_per_minute = 200).await;
    let second = first.second_api().await;
    let bob = first.person("Bob").token.unwrap();
    let mut answered = 0;
    for _ in 0..110 {
        for roster in [&first, &second] {
            answered += u32::from(ask(roster, &bob).await.status == 200);
        }
    }
    assert!((190..=200).contains(&answered), "{answered}");
    first.pass(TimeDelta::seconds(3));
    let mut more = 0;
    for _ in 0..10 {
        for roster in [&first, &second] {
            more += u32::from(ask(roster, &bob).await.status == 200);
        }
    }
    assert!(more <= 10 && answered + more >= 200, "{answered} and {more}");
}

#[tokio::test]
async fn while_redis_is_away_each_process_counts_for_itself() {
    let mut redis = RedisServer::start().await;
    let url = redis.url();
    let roster = start(On::Postgres, |config| {
        config.queue.url = url.into();
        config.rate_limits.requests_per_minute = 3;
    })
    .await;
    let bob = roster.person("Bob").token.unwrap();
    assert_eq!(ask(&roster, &bob).await.header("ratelimit-remaining"), "2");
    redis.kill().await;
    for left in ["2", "1", "0"] {
        let reply = ask(&roster, &bob).await;
        assert_eq!((reply.status, reply.header("ratelimit-remaining")), (200, left));
    }
    waits(&ask(&roster, &bob).await, 20);
}

/// As production has it: ids and counts only.
#[tokio::test]
async fn redis_is_not_told_who_is_counted() {
    let redis = RedisServer::start().await;
    let url = redis.url();
    let roster = start(On::Postgres, |config| {
        config.queue.url = url.clone().into();
        // A full counter is not kept, and these take long to fill up.
        config.rate_limits.requests_per_minute = 4;
        config.rate_limits.failures_per_minute = 1;
        config.rate_limits.organization_invitations_per_hour = 10;
        config.rate_limits.recipient_invitations_per_day = 10;
    })
    .await;
    let acme = roster.organization("Acme").await;
    acme.invited("Bob").await;
    guess(&roster, "192.0.2.1", "roster_guess").await;
    let keys = redis.keys().await;
    for kind in ["requests", "failures", "organization", "recipient"] {
        assert!(keys.iter().any(|key| key.contains(&format!(":{kind}:"))), "{kind}: {keys:?}");
    }
    for key in &keys {
        for secret in ["bob", "example.com", "192.0.2.1", &acme.id[13..], "127.0.0.1"] {
            assert!(!key.contains(secret), "{key}");
        }
    }
}
