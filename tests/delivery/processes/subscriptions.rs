//! Subscriptions in production: several processes, and Redis between them.

use roster_tests::{
    Api, Installation, NOBODY, Over, Process, RedisServer, Socket, Watcher, smtp_server::SmtpServer,
};
use rstest::rstest;
use serde_json::json;
use tokio::task::JoinSet;

const FIELDS: &str = "member { id } notification { status recipient }";

/// An API process with an organization in it.
struct Office {
    roster: Installation,
    process: Process,
    api: Api,
    olivia: String,
    acme: String,
}

impl Office {
    async fn open(roster: Installation) -> Self {
        let (process, api) = roster.serve().await;
        let olivia = roster.token("olivia@acme.example", "Olivia").await;
        let acme = api.create_acme(&olivia).await;
        Self { roster, process, api, olivia, acme }
    }

    async fn watched(&self, over: Over, api: &Api) -> Watcher {
        Watcher::start(over, &api.url, Some(&self.olivia), &self.acme, FIELDS).await
    }

    /// Invites an address; the id of the member.
    async fn invite(&self, address: &str) -> String {
        let invited = self.api.invite(&self.olivia, &self.acme, &[address], &[]).await;
        invited["results"][0]["member"]["id"].as_str().unwrap().to_owned()
    }
}

#[rstest]
#[tokio::test]
async fn what_one_process_does_is_told_by_another(#[values(Over::Socket, Over::EventStream)] over: Over) {
    let smtp = SmtpServer::start().await;
    let office = Office::open(Installation::migrated(&smtp).await).await;
    let (other_process, other) = office.roster.serve().await;
    let mut here = office.watched(over, &office.api).await;
    let mut there = office.watched(over, &other).await;

    let bob = office.invite("bob@example.com").await;
    for watcher in [&mut here, &mut there] {
        assert_eq!(watcher.is_told("MEMBER_INVITED").await["member"]["id"], bob);
    }
    let worker = office.roster.start(&["worker"]);
    for watcher in [&mut here, &mut there] {
        let told = watcher.is_told("NOTIFICATION_DELIVERED").await;
        assert_eq!(told["member"]["id"], bob);
        assert_eq!(told["notification"], json!({ "status": "SENT", "recipient": "bob@example.com" }));
    }
    for process in [worker, office.process, other_process] {
        process.stop().await;
    }
}

#[tokio::test]
async fn nothing_but_ids_goes_through_redis() {
    let smtp = SmtpServer::start().await;
    let redis = RedisServer::start().await;
    let roster = Installation::migrated(&smtp).await.with("ROSTER_QUEUE__URL", redis.url());
    let channel = roster.setting("ROSTER_EVENTS__CHANNEL").unwrap().to_owned();
    let mut heard = redis.hear(&channel).await;
    let office = Office::open(roster).await;
    let worker = office.roster.start(&["worker"]);
    let bob = office.invite("bob.secret@example.com").await;
    for kind in ["MEMBER_INVITED", "NOTIFICATION_DELIVERED"] {
        let message = heard.next().await;
        assert!(
            message.contains(kind) && message.contains(&bob) && message.contains(&office.acme),
            "{message}"
        );
        for word in ["bob.secret", "example.com", "Olivia", "Acme"] {
            assert!(!message.contains(word), "{message}");
        }
    }
    worker.stop().await;
}

#[tokio::test]
async fn who_watches_is_told_that_redis_was_away_and_goes_on() {
    let smtp = SmtpServer::start().await;
    let mut redis = RedisServer::start().await;
    let office =
        Office::open(Installation::migrated(&smtp).await.with("ROSTER_QUEUE__URL", redis.url())).await;
    let mut watchers = [
        office.watched(Over::Socket, &office.api).await,
        office.watched(Over::EventStream, &office.api).await,
    ];
    redis.kill().await;
    office.process.says("cannot hear events").await;
    office.invite("lost@example.com").await;
    // Somebody who comes while it is away is let in, and told too.
    let mut late = office.watched(Over::Socket, &office.api).await;
    redis.start_again().await;
    late.is_told("EVENTS_MISSED").await;
    for watcher in &mut watchers {
        watcher.is_told("EVENTS_MISSED").await;
    }
    let bob = office.invite("bob@example.com").await;
    for watcher in watchers.iter_mut().chain([&mut late]) {
        assert_eq!(watcher.is_told("MEMBER_INVITED").await["member"]["id"], bob);
    }
    office.process.stop().await;
}

#[tokio::test]
async fn without_redis_streams_begin_and_removals_work() {
    let smtp = SmtpServer::start().await;
    let nobody = format!("redis://{NOBODY}");
    let office = Office::open(Installation::migrated(&smtp).await.with("ROSTER_QUEUE__URL", nobody)).await;
    let watcher = office.watched(Over::Socket, &office.api).await;
    let bob = office.invite("bob@example.com").await;
    office.api.mutate(&office.olivia, "removeMember", json!({ "memberId": bob }), "changed").await;
    office.process.says("events could not be published").await;
    drop(watcher);
    office.process.stop().await;
}

/// Clients are told to come again, and the process does not wait for them.
#[tokio::test]
async fn a_process_that_is_stopped_ends_its_streams_so_that_their_clients_come_again() {
    let smtp = SmtpServer::start().await;
    let office = Office::open(Installation::migrated(&smtp).await).await;
    let mut idle = Socket::open_as(&office.api.url, Some(&office.olivia)).await;
    let mut silent = Socket::open(&office.api.url).await;
    let mut watcher = office.watched(Over::Socket, &office.api).await;
    let mut stream = office.watched(Over::EventStream, &office.api).await;
    office.process.terminate().await;
    for socket in [&mut idle, &mut silent, watcher.socket()] {
        assert_eq!(socket.is_closed().await.0, 1001);
    }
    stream.breaks_off().await;
    let said = office.process.stopped().await;
    assert!(!said.contains("stopped before all requests were answered"), "{said}");
}

/// What those that wait for events cost the process that serves them, in a debug build: a release needs less. The read buffer that a
/// WebSocket has if nobody says otherwise would be four times as much as all of it.
#[cfg(target_os = "linux")]
#[rstest]
#[tokio::test]
async fn a_thousand_idle_subscriptions_cost_little(
    #[values((Over::Socket, 38_000), (Over::EventStream, 70_000))] (over, kib_at_most): (Over, u64),
) {
    const COUNT: usize = 1_000;
    let smtp = SmtpServer::start().await;
    let many = (COUNT + 100).to_string();
    let roster = Installation::migrated(&smtp)
        .await
        .with("ROSTER_STREAMS__CONNECTIONS_PER_CALLER", many)
        // Nobody answers pings while the others are opened, which takes a minute on a busy machine.
        .with("ROSTER_STREAMS__KEEP_ALIVE_SECONDS", "600");
    let office = Office::open(roster).await;
    // What is there once, however many there are.
    let mut watchers = Vec::new();
    for _ in 0..20 {
        watchers.push(office.watched(over, &office.api).await);
    }
    let before = office.process.memory();
    let mut clients = JoinSet::new();
    for _ in 0..10 {
        let (url, token, acme) = (office.api.url.clone(), office.olivia.clone(), office.acme.clone());
        clients.spawn(async move {
            let mut watchers = Vec::new();
            for _ in 0..COUNT / 10 {
                watchers.push(Watcher::start(over, &url, Some(&token), &acme, FIELDS).await);
            }
            watchers
        });
    }
    watchers.extend(clients.join_all().await.into_iter().flatten());
    let after = office.process.memory();
    let kib = after.saturating_sub(before);
    eprintln!("{COUNT} over {over:?}: {kib} KiB, from {before} to {after}");
    assert!(kib < kib_at_most, "{kib} KiB");
    let bob = office.invite("bob@example.com").await;
    for watcher in &mut watchers {
        assert_eq!(watcher.is_told("MEMBER_INVITED").await["member"]["id"], bob);
    }
}

/// A query is not cut off by a stop that comes while it runs: what has begun is answered first.
#[tokio::test]
async fn an_operation_that_has_begun_is_answered_before_its_socket_ends() {
    let smtp = SmtpServer::start().await;
    let office = Office::open(Installation::migrated(&smtp).await).await;
    let mut socket = Socket::open_as(&office.api.url, Some(&office.olivia)).await;
    let people: String = (0..400).map(|n| format!("{{email: \"p{n}@example.com\"}} ")).collect();
    let invite = format!(
        "mutation {{ inviteMembers(input: {{organizationId: \"{}\", people: [{people}]}}) {{ message }} }}",
        office.acme
    );
    socket.subscribe("1", &invite).await;
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.hear().await["type"], "pong");
    office.process.terminate().await;
    let (told, code) = socket.to_the_end().await;
    let kinds: Vec<_> = told.iter().map(|message| message["type"].as_str().unwrap()).collect();
    assert_eq!((kinds, code), (vec!["next", "complete"], 1001));
    assert!(told[0]["payload"]["data"]["inviteMembers"]["message"].is_string(), "{told:#?}");
    office.process.stopped().await;
}
