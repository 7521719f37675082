//! A provider that cannot be reached.

use std::{
    io,
    sync::{Arc, LazyLock, Mutex},
};

use chrono::TimeDelta;
use jsonwebtoken::Algorithm;
use roster_tests::{Answers, On};

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

/// What the whole test process logs of identities: the test finds its own lines by the address of its provider.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// The one of the process. A subscriber of one thread only would miss what another thread has come by first.
    fn of_the_process() -> &'static Self {
        static LOG: LazyLock<Log> = LazyLock::new(|| {
            let log = Log::default();
            let writer = log.clone();
            let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false);
            subscriber.with_env_filter("roster_api::identity=info").init();
            log
        });
        &LOG
    }

    /// The lines that have all these words.
    fn count(&self, words: &[&str]) -> usize {
        let written = self.0.lock().unwrap();
        let lines = String::from_utf8_lossy(&written);
        lines.lines().filter(|line| words.iter().all(|word| line.contains(word))).count()
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

#[tokio::test]
async fn the_log_says_when_an_outage_begins_and_when_it_ends() {
    let log = Log::of_the_process();
    let trusted = Trusted::start().await;
    let address = trusted.provider.issuer();
    assert!(trusted.takes(&trusted.key).await);

    for outage in 1..=2 {
        trusted.provider.answer(Answers::Status(503));
        for _ in 0..5 {
            trusted.roster.pass(TimeDelta::seconds(10));
            trusted.cannot_say(&new_key("second")).await;
        }
        let reason = format!("{address}/.well-known/openid-configuration answers 503");
        assert_eq!(log.count(&["WARN", "cannot be fetched", &reason]), outage);

        trusted.provider.answer(Answers::Well);
        trusted.roster.pass(TimeDelta::seconds(10));
        assert!(!trusted.takes(&new_key("second")).await);
        assert_eq!(log.count(&["INFO", "are fetched again", address]), outage);
        assert_eq!(log.count(&[address]), 2 * outage);
    }
}
