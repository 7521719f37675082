//! A provider that cannot be reached.

use std::{
    io,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use jsonwebtoken::Algorithm;
use roster_tests::{Answers, On};
use tracing_subscriber::fmt::MakeWriter;

use super::{Trusted, new_key};

#[tokio::test]
async fn roster_starts_without_the_provider_and_takes_its_tokens_when_it_is_there() {
    let trusted = Trusted::with(On::Sqlite, Algorithm::ES256, |provider, _| {
        provider.answer(Answers::Status(502));
    })
    .await;

    trusted.cannot_say(&trusted.key).await;
    trusted.provider.answer(Answers::Well);
    trusted.cannot_say(&trusted.key).await;
    assert_eq!((trusted.provider.discoveries(), trusted.provider.fetches()), (1, 0), "the pause is not over");

    trusted.roster.pass(TimeDelta::seconds(10));
    assert!(trusted.takes(&trusted.key).await);
    assert!(!trusted.takes(&trusted.forged()).await);
}

#[tokio::test]
async fn an_outage_is_survived_on_the_last_keys_for_a_day() {
    let trusted = Trusted::start().await;
    assert!(trusted.takes(&trusted.key).await);

    for how in
        [Answers::Status(503), Answers::Status(404), Answers::Redirect("https://example.com/".to_owned())]
    {
        trusted.provider.answer(how);
        for _ in 0..8 {
            assert!(trusted.takes(&trusted.key).await);
            assert!(!trusted.takes(&trusted.forged()).await, "it is no reason to take everything");
            trusted.roster.pass(TimeDelta::hours(1));
        }
    }
    trusted.cannot_say(&trusted.key).await;
    trusted.cannot_say(&trusted.forged()).await;

    trusted.provider.answer(Answers::Well);
    trusted.roster.pass(TimeDelta::seconds(10));
    assert!(trusted.takes(&trusted.key).await);
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_not_waited_for_long() {
    let trusted = Trusted::with(On::Sqlite, Algorithm::ES256, |provider, auth| {
        provider.answer(Answers::Never);
        auth.fetch.timeout_seconds = 1;
    })
    .await;

    trusted.cannot_say(&trusted.key).await;
    trusted.provider.answer(Answers::Well);
    trusted.roster.pass(TimeDelta::seconds(10));
    assert!(trusted.takes(&trusted.key).await);

    trusted.provider.answer(Answers::Never);
    trusted.roster.pass(TimeDelta::hours(1));
    assert!(trusted.takes(&trusted.key).await);
}

/// It may be one of the keys that could not be fetched.
#[tokio::test]
async fn during_an_outage_nobody_can_say_whether_a_new_key_is_the_providers() {
    let trusted = Trusted::start().await;
    assert!(trusted.takes(&trusted.key).await);
    let second = new_key("second");
    trusted.provider.publish(&[&trusted.key, &second]);
    trusted.provider.answer(Answers::Status(503));
    trusted.roster.pass(TimeDelta::seconds(10));

    trusted.cannot_say(&second).await;
    assert!(trusted.takes(&trusted.key).await);

    trusted.provider.answer(Answers::Well);
    trusted.roster.pass(TimeDelta::seconds(10));
    assert!(trusted.takes(&second).await);
    assert!(!trusted.takes(&new_key("third")).await);
}

/// A log of this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn count(&self, words: &str) -> usize {
        let written = self.0.lock().unwrap();
        String::from_utf8_lossy(&written).lines().filter(|line| line.contains(words)).count()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_says_when_an_outage_begins_and_when_it_ends() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_ansi(false)
        .with_max_level(tracing_subscriber::filter::LevelFilter::INFO)
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let trusted = Trusted::start().await;
    assert!(trusted.takes(&trusted.key).await);

    for outage in 1..=2 {
        trusted.provider.answer(Answers::Status(503));
        for _ in 0..5 {
            trusted.roster.pass(TimeDelta::seconds(10));
            trusted.cannot_say(&new_key("second")).await;
        }
        assert_eq!(log.count("WARN roster_api::identity"), outage);
        assert_eq!(log.count("cannot be fetched"), outage);
        assert_eq!(
            log.count(&format!("{}/.well-known/openid-configuration answers 503", trusted.provider.issuer())),
            outage
        );

        trusted.provider.answer(Answers::Well);
        trusted.roster.pass(TimeDelta::seconds(10));
        assert!(!trusted.takes(&new_key("second")).await);
        assert_eq!(log.count("are fetched again"), outage);
    }
}
