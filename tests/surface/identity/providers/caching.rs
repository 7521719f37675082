//! When keys are fetched, and how often.

use chrono::TimeDelta;
use futures_util::future::join_all;
use jsonwebtoken::Algorithm;
use roster_tests::{Answers, On};
use serde_json::Value;

use super::{Trusted, new_key, refused};

#[tokio::test]
async fn keys_are_fetched_once_and_kept() {
    let trusted = Trusted::start().await;

    for _ in 0..5 {
        assert!(trusted.takes(&trusted.key).await);
        trusted.roster.pass(TimeDelta::seconds(100));
    }

    assert_eq!((trusted.provider.fetches(), trusted.provider.discoveries()), (1, 1));
}

#[tokio::test]
async fn a_token_with_a_new_key_has_the_keys_fetched_at_once() {
    let trusted = Trusted::start().await;
    assert!(trusted.takes(&trusted.key).await);
    trusted.roster.pass(TimeDelta::seconds(10));

    let second = new_key("second");
    trusted.provider.publish(&[&second]);
    assert!(trusted.takes(&second).await);

    assert!(!trusted.takes(&trusted.key).await, "the provider has withdrawn it");
    assert_eq!(trusted.provider.fetches(), 2);
}

#[tokio::test]
async fn however_many_unknown_keys_tokens_name_there_is_a_pause_between_two_fetches() {
    let trusted = Trusted::start().await;
    assert!(trusted.takes(&trusted.key).await);
    let unknown: Vec<_> = (0..40).map(|number| new_key(&format!("unknown {number}"))).collect();
    let all = || async { join_all(unknown.iter().map(|key| trusted.takes(key))).await };

    assert_eq!(all().await, [false; 40]);
    assert_eq!(trusted.provider.fetches(), 1);

    for round in 1..=3 {
        trusted.roster.pass(TimeDelta::seconds(9));
        assert_eq!(all().await, [false; 40]);
        assert_eq!(trusted.provider.fetches(), round);
        trusted.roster.pass(TimeDelta::seconds(1));
        assert_eq!(all().await, [false; 40]);
        assert_eq!(trusted.provider.fetches(), round + 1);
    }
    assert!(refused(&trusted.roster, &trusted.token(&unknown[0])).await.contains("does not publish"));
}

/// The limit holds for tokens without any name of a key too, and for algorithms that are not taken.
#[tokio::test]
async fn a_token_that_cannot_be_good_has_nothing_fetched() {
    let trusted = Trusted::start().await;
    assert!(trusted.takes(&trusted.key).await);
    trusted.roster.pass(TimeDelta::seconds(100));
    let with = |change: fn(&mut Value)| {
        let mut header = new_key("unknown").header();
        change(&mut header);
        trusted.key.sign_with(&header, &trusted.claims())
    };

    for token in [
        with(|header| header["alg"] = "HS256".into()),
        with(|header| header["alg"] = "PS512".into()),
        with(|header| header["alg"] = "none".into()),
        with(|header| header["crit"] = ["exp"].into()),
        with(|header| header["typ"] = "logout+jwt".into()),
        new_key("unknown").sign(&{
            let mut claims = trusted.claims();
            claims["iss"] = "https://evil.example.com".into();
            claims
        }),
    ] {
        refused(&trusted.roster, &token).await;
    }
    assert_eq!(trusted.provider.fetches(), 1);
}

#[tokio::test]
async fn people_who_come_while_the_keys_are_fetched_wait_for_that_one_fetch() {
    let trusted = Trusted::start().await;
    assert!(trusted.takes(&trusted.key).await);
    trusted.roster.pass(TimeDelta::seconds(10));
    let second = new_key("second");
    trusted.provider.publish(&[&second]);
    trusted.provider.answer(Answers::Never);

    let people = join_all((0..20).map(|_| trusted.takes(&second)));
    let provider = async {
        // Somebody else's key that is known is not held up.
        assert!(trusted.takes(&trusted.key).await);
        trusted.provider.answer(Answers::Well);
    };
    let (taken, ()) = tokio::join!(people, provider);

    assert_eq!(taken, [true; 20]);
    assert_eq!(trusted.provider.fetches(), 2);
}

/// Somebody who hangs up while the keys are fetched for them does not break the fetch off.
#[tokio::test]
async fn a_request_that_is_given_up_does_not_end_the_fetch() {
    let trusted = Trusted::start().await;
    assert!(trusted.takes(&trusted.key).await);
    trusted.roster.pass(TimeDelta::seconds(10));
    let second = new_key("second");
    trusted.provider.publish(&[&second]);
    trusted.provider.answer(Answers::Never);

    tokio::select! {
        _ = trusted.takes(&second) => panic!("the provider does not answer"),
        () = trusted.provider.discovered(2) => {}
    }
    trusted.provider.answer(Answers::Well);

    assert!(trusted.takes(&second).await);
    assert_eq!(trusted.provider.fetches(), 2);
}

#[tokio::test]
async fn keys_that_are_no_longer_fresh_are_fetched_beside_and_stale_ones_before() {
    let trusted = Trusted::start().await;
    assert!(trusted.takes(&trusted.key).await);
    let second = new_key("second");
    trusted.provider.publish(&[&second]);

    trusted.roster.pass(TimeDelta::seconds(599));
    assert!(trusted.takes(&trusted.key).await);
    assert_eq!(trusted.provider.fetches(), 1);

    // Nobody waits for it.
    trusted.provider.answer(Answers::Never);
    trusted.roster.pass(TimeDelta::seconds(1));
    assert!(trusted.takes(&trusted.key).await);
    trusted.provider.answer(Answers::Well);
    trusted.provider.fetched(2).await;

    let third = new_key("third");
    assert!(trusted.takes(&second).await);
    trusted.provider.publish(&[&third]);
    trusted.roster.pass(TimeDelta::seconds(1_200));
    assert!(!trusted.takes(&second).await, "it was withdrawn long ago");
    assert_eq!(trusted.provider.fetches(), 3);
}

#[tokio::test]
async fn a_provider_says_how_long_its_keys_are_fresh_within_a_minute_and_a_day() {
    for (said, fresh) in [
        ("max-age=300", 300),
        ("public, max-age=7200", 7_200),
        ("max-age=1", 60),
        ("no-store", 60),
        ("max-age=4294967295", 86_400),
    ] {
        let trusted = Trusted::with(On::Sqlite, Algorithm::ES256, |provider, auth| {
            provider.cache_control(said);
            auth.fetch.outage_seconds = 7 * 86_400;
        })
        .await;
        assert!(trusted.takes(&trusted.key).await);

        trusted.roster.pass(TimeDelta::seconds(fresh - 1));
        assert!(trusted.takes(&trusted.key).await);
        assert_eq!(trusted.provider.fetches(), 1, "{said}");
        trusted.roster.pass(TimeDelta::seconds(1));
        assert!(trusted.takes(&trusted.key).await);
        trusted.provider.fetched(2).await;
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_stops_nothing() {
    let trusted = Trusted::start().await;
    assert!(trusted.takes(&trusted.key).await);

    trusted.roster.pass(TimeDelta::days(-30));
    let second = new_key("second");
    trusted.provider.publish(&[&second]);

    assert!(trusted.takes(&second).await);
}
