//! The queue carries ids and nothing else. It may lose them, repeat them or be away: the rows in the database are the
//! truth, and each email arrives once.

use std::net::TcpListener;

use chrono::TimeDelta;
use roster_entity::{NotificationId, notification};
use roster_tests::{On, Organization, Roster};
use roster_worker::{Outcome, queue::Queue};
use rstest::rstest;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use tokio::{sync::watch, task::JoinSet};

/// How long the sweep leaves a new email to the queue.
const GRACE: TimeDelta = TimeDelta::seconds(10);
/// Nobody listens here.
const NOBODY: &str = "redis://127.0.0.1:1";

async fn id_of_last_email(acme: &Organization) -> NotificationId {
    acme.last_notification().await["id"].as_str().unwrap().parse().unwrap()
}

/// As a Redis does that is started anew.
async fn lose_all_ids(roster: &Roster) {
    let lost = roster.parts().queue.pop(100).await.unwrap();
    assert!(!lost.is_empty(), "there was nothing to lose");
}

#[rstest]
#[tokio::test]
async fn what_the_queue_has_lost_the_sweep_finds(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, zoe) = (acme.member("Bob").await, acme.member("Zoe").await);
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.remove(&zoe).await.succeeds();
    lose_all_ids(&roster).await;

    roster.pass(GRACE - TimeDelta::seconds(1));
    roster.sweep().await;
    assert_eq!(roster.smtp().mails_to(&bob.address).len(), 1, "only the invitation");

    roster.pass(TimeDelta::seconds(1));
    roster.sweep().await;
    for person in [&bob, &zoe] {
        let mails = roster.smtp().mails_to(&person.address);
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[1].subject(), "You have been removed from Acme");
    }
}

#[rstest]
#[tokio::test]
async fn what_the_queue_loses_again_the_sweep_finds_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    lose_all_ids(&roster).await;
    roster.pass(GRACE);
    roster.parts().courier().unwrap().sweep(&roster.parts().queue).await.unwrap();
    lose_all_ids(&roster).await;
    roster.pass(TimeDelta::minutes(1));
    roster.sweep().await;
    assert_eq!(roster.smtp().mails_to(&bob.address).len(), 1);
}

#[rstest]
#[tokio::test]
async fn an_id_that_is_in_the_queue_three_times_is_one_email(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let id = id_of_last_email(&acme).await;
    roster.parts().queue.push(&[id, id]).await.unwrap();
    assert_eq!(roster.parts().queue.len().await.unwrap(), 3);
    assert_eq!(roster.mails_to(&bob).await.len(), 1);
    assert_eq!(acme.last_notification().await["attempts"], 1);
}

#[rstest]
#[tokio::test]
async fn two_workers_with_the_same_id_send_one_email(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let id = id_of_last_email(&acme).await;
    let worker = || roster.parts().courier().unwrap();
    let (one, other) = (worker(), worker());
    let (one, other) = tokio::join!(one.deliver(id), other.deliver(id));
    let mut outcomes = [one.unwrap(), other.unwrap()];
    outcomes.sort_by_key(|outcome| *outcome == Outcome::Sent);
    assert_eq!(outcomes, [Outcome::NotDue, Outcome::Sent]);
    assert_eq!(roster.mails_to(&bob).await.len(), 1);
}

/// Waits for a worker's end.
fn stopped(stop: &watch::Sender<bool>) -> impl Future<Output = ()> + Send + 'static {
    let mut stop = stop.subscribe();
    async move {
        stop.wait_for(|stop| *stop).await.unwrap();
    }
}

/// Both take them in batches, in another order, and one of them has some twice.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_workers_with_the_same_ids_send_each_email_once(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start_with(on, |config| config.queue.capacity = 1_000).await;
    let acme = roster.organization("Acme").await;
    let addresses: Vec<_> = (0..100).map(|n| format!("p{n}@example.com")).collect();
    let people: Vec<_> = addresses.iter().map(|address| json!({ "email": address })).collect();
    acme.invite_people(&acme.owner, json!(people)).await.succeeds();
    let ids = roster.parts().queue.pop(1_000).await.unwrap();
    assert_eq!(ids.len(), 100);

    let stop = watch::Sender::new(false);
    let mut workers = JoinSet::new();
    for ids in [ids.clone(), ids.iter().rev().chain(&ids[20..40]).copied().collect()] {
        let queue = Queue::connect(&roster.parts().config.queue).unwrap();
        queue.push(&ids).await.unwrap();
        let courier = roster.parts().courier().unwrap();
        workers.spawn(roster_worker::run(courier, queue, stopped(&stop)));
    }
    for _ in &ids {
        roster.smtp().next_mail().await;
    }
    stop.send_replace(true);
    workers.join_all().await;
    for address in addresses {
        assert_eq!(roster.smtp().mails_to(&address).len(), 1, "{address}");
    }
    let sent = notification::Entity::find()
        .filter(notification::Column::Status.eq(notification::Status::Sent))
        .filter(notification::Column::Attempts.eq(1));
    assert_eq!(sent.count(roster.parts().database.write()).await.unwrap(), 100);
}

/// Whoever has it may cancel it, so that it is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn an_email_that_somebody_is_changing_holds_up_no_other_one() {
    let roster = Roster::start(On::Postgres).await;
    let acme = roster.organization("Acme").await;
    let people = json!([{ "email": "ada@example.com" }, { "email": "bob@example.com" }, { "email": "cleo@example.com" }]);
    acme.invite_people(&acme.owner, people).await.succeeds();
    let change = roster.parts().database.begin().await.unwrap();
    let cancel = "UPDATE notifications SET status = 'CANCELED' WHERE recipient_email = 'ada@example.com'";
    change.execute_unprepared(cancel).await.unwrap();

    let stop = watch::Sender::new(false);
    let (courier, queue) = (roster.parts().courier().unwrap(), roster.parts().queue.clone());
    let worker = tokio::spawn(roster_worker::run(courier, queue, stopped(&stop)));
    for _ in 0..2 {
        roster.smtp().next_mail().await;
    }
    change.commit().await.unwrap();
    stop.send_replace(true);
    worker.await.unwrap();
    assert!(roster.smtp().mails_to("ada@example.com").is_empty());
    assert_eq!(
        acme.notifications().await,
        [
            "INVITATION cleo@example.com SENT",
            "INVITATION bob@example.com SENT",
            "INVITATION ada@example.com CANCELED"
        ]
    );
}

#[rstest]
#[tokio::test]
async fn an_id_that_means_nothing_keeps_nobody_from_their_email(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    roster.parts().queue.push(&[NotificationId::generate(roster.now())]).await.unwrap();
    let bob = acme.invited("Bob").await;
    assert_eq!(roster.mails_to(&bob).await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn what_the_queue_has_no_room_for_waits_in_the_database(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start_with(on, |config| config.queue.capacity = 1).await;
    let acme = roster.organization("Acme").await;
    let people = json!([{ "email": "ada@example.com" }, { "email": "bob@example.com" }]);
    acme.invite_people(&acme.owner, people).await.succeeds();
    assert_eq!(roster.parts().queue.len().await.unwrap(), 1);
    roster.deliver().await;
    roster.pass(GRACE);
    roster.sweep().await;
    for address in ["ada@example.com", "bob@example.com"] {
        assert_eq!(roster.smtp().mails_to(address).len(), 1, "{address}");
    }
}

/// Emails are for what has happened.
#[rstest]
#[tokio::test]
async fn a_removal_that_is_refused_leaves_no_email(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let before = acme.notifications().await;
    acme.owner.remove(&acme.owner).await.fails_with("CANNOT_REMOVE_SELF");
    bob.remove(&acme.owner).await.is_refused_with("NOT_PERMITTED");
    roster.pass(GRACE);
    roster.sweep().await;
    assert_eq!(acme.notifications().await, before);
    assert!(roster.smtp().mails_to(&acme.owner.address).is_empty());
    assert_eq!(roster.smtp().mails_to(&bob.address).len(), 1, "the invitation");
}

/// Membership, groups, log and email are one commit: if the email cannot be written, nothing else is.
#[rstest]
#[tokio::test]
async fn a_removal_whose_email_cannot_be_written_does_not_happen(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let (activities, members) = (acme.activities().await, acme.members(json!({})).await);
    let sql = async |sql| roster.parts().database.write().execute_unprepared(sql).await.unwrap();

    sql("ALTER TABLE notifications RENAME TO gone").await;
    acme.owner.remove(&bob).await.is_refused_with("INTERNAL_SERVER_ERROR");
    sql("ALTER TABLE gone RENAME TO notifications").await;
    assert_eq!(acme.members(json!({})).await, members);
    assert_eq!(acme.activities().await, activities);

    acme.owner.remove(&bob).await.succeeds();
    assert_eq!(roster.last_mail_to(&bob).await.subject(), "You have been removed from Acme");
}

/// The API does what it is asked, and the emails come as soon as there is a Redis.
#[rstest]
#[tokio::test]
async fn a_removal_succeeds_while_redis_is_away_and_its_email_is_sent_when_there_is_one(
    #[values(true, false)] something_listens: bool,
) {
    // It takes connections, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let redis = match something_listens {
        true => format!("redis://{}", silent.local_addr().unwrap()),
        false => NOBODY.to_owned(),
    };
    let without = Roster::start_with(On::Postgres, |config| config.queue.url = redis.into()).await;
    let database = without.parts().config.database.url.clone();
    let with = Roster::start_with(On::Postgres, |config| config.database.url = database).await;

    let acme = without.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    with.pass(GRACE);
    with.sweep().await;
    let token = with.link_token(&bob.address).await;
    bob.accept(&token).await.succeeds();
    acme.owner.remove(&bob).await.succeeds();
    assert_eq!(acme.members(json!({ "status": "REMOVED" })).await, ["Bob: REMOVED"]);

    with.sweep().await;
    let subjects: Vec<_> = with.smtp().mails_to(&bob.address).iter().map(|mail| mail.subject()).collect();
    assert_eq!(subjects, ["Olivia invited you to join Acme", "You have been removed from Acme"]);
}
