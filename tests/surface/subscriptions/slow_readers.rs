//! Who reads slowly holds up nobody, and is told of what they have missed, or shown out.

use std::time::Duration;

use roster_api::config::Config;
use roster_tests::{On, Organization, Over, Roster, Socket, Watcher};
use rstest::rstest;
use serde_json::json;
use tokio::time::{interval, timeout};

/// More than the buffers of a connection hold: of each event, kilobytes are asked for.
const MANY: usize = 100;

/// With places for two, one of whom is asleep.
async fn acme(on: On) -> Organization {
    // Its buffer holds all messages, so that who does not read has more to read than a connection holds.
    let settings = |config: &mut Config| {
        config.streams.send_timeout_seconds = 1;
        config.streams.connections = 2;
    };
    Roster::start_with(on, settings).await.organization("Acme").await
}

/// Waits until there is a place for one more: nothing else shows who does not read that they were shown out. Busy machines
/// take a while to fill a connection.
async fn is_shown_out(url: &str) {
    let mut tries = interval(Duration::from_millis(100));
    let place = async {
        loop {
            tries.tick().await;
            let opened = Socket::open_with(url, &[("sec-websocket-protocol", "graphql-transport-ws")]).await;
            match opened {
                Ok(socket) => return drop(socket),
                Err(status) => assert_eq!(status, 503),
            }
        }
    };
    timeout(Duration::from_secs(300), place).await.expect("it is shown out in time");
}

/// A document whose answer is large: the same again and again.
fn large() -> String {
    (0..50).map(|n| format!(" a{n}: activity {{ id action createdAt actor {{ id displayName }} }}")).collect()
}

/// Long lists of invitations, each of which is several messages.
async fn invite_many(acme: &Organization) {
    for list in 0..8 {
        let person = |n: usize| json!({ "email": format!("p{list}-{n}@example.com"), "role": "MEMBER" });
        let people: Vec<_> = (0..MANY * 4).map(person).collect();
        acme.invite_people(&acme.owner, json!(people)).await.succeeds();
    }
}

/// Hears what is told, as fast as it comes, and tells how many were invited.
async fn count(mut watcher: Watcher) -> (usize, bool) {
    let (mut invited, mut missed) = (0, false);
    loop {
        match watcher.event().await["kind"].as_str().unwrap() {
            "MEMBER_INVITED" => invited += 1,
            "EVENTS_MISSED" => missed = true,
            "MEMBER_REMOVED" => return (invited, missed),
            other => panic!("{other}"),
        }
    }
}

/// Of a socket, what is not taken in time closes it; an event stream ends without `complete`. Both come again, and read again.
#[rstest]
#[tokio::test]
async fn who_does_not_read_is_shown_out_and_others_are_told_everything_meanwhile(
    #[values(On::Sqlite, On::Postgres)] on: On,
    #[values(Over::Socket, Over::EventStream)] over: Over,
) {
    let acme = acme(on).await;
    let mut asleep = acme.watched_by(&acme.owner, over, &large()).await;
    let mut awake = acme.watched_by(&acme.owner, Over::Socket, "").await;
    invite_many(&acme).await;
    for _ in 0..8 * MANY * 4 {
        awake.is_told("MEMBER_INVITED").await;
    }
    is_shown_out(acme.owner.roster.url()).await;
    // Now it reads what had been written, and comes to an end that is none.
    match over {
        Over::Socket => asleep.socket().is_gone().await,
        Over::EventStream => asleep.breaks_off().await,
    }
}

/// Slow, and then quick: there are messages that were never for it.
#[rstest]
#[tokio::test]
async fn who_comes_too_late_is_told_so_once_and_goes_on(#[values(On::Sqlite, On::Postgres)] on: On) {
    let settings = |config: &mut Config| config.events.buffer = 1;
    let acme = Roster::start_with(on, settings).await.organization("Acme").await;
    let watcher = acme.watched_by(&acme.owner, Over::Socket, "").await;
    let counted = tokio::spawn(count(watcher));
    invite_many(&acme).await;
    let bob = acme.invited("Bob").await;
    acme.owner.revoke_invitation_of(&bob).await.succeeds();
    let (invited, missed) = counted.await.unwrap();
    assert!(missed && invited < 8 * MANY * 4, "{invited}");
}
