//! Delivery against a database, with a clock that the tests move.

use std::{cell::Cell, future::ready};

use chrono::TimeDelta;
use roster_entity::notification::Status;
use sea_orm::ConnectionTrait;

use super::*;
use crate::{
    mail::TransportKind,
    testing::{
        evening, invitation,
        office::Office,
        removed,
        smtp_server::{Answer, SmtpServer, polite},
    },
};

fn after(seconds: i64) -> DateTime<Utc> {
    evening() + TimeDelta::seconds(seconds)
}

/// Makes the transport `files` fail, by a file where its folder should be.
fn block(office: &Office) {
    std::fs::write(&office.outbox, "").unwrap();
}

fn unblock(office: &Office) {
    std::fs::remove_file(&office.outbox).unwrap();
}

#[tokio::test]
async fn an_email_is_sent_once() {
    let office = Office::open().await;
    let (courier, id) = (office.courier(), office.notify(removed()).await);
    office.pass(1);
    assert_eq!(office.deliver(&courier, id).await, Outcome::Sent);
    assert_eq!(office.deliver(&courier, id).await, Outcome::NotDue);
    let row = office.row(id).await;
    assert_eq!(
        (row.status, row.attempts, row.sent_at, row.last_error),
        (Status::Sent, 1, Some(after(1)), None)
    );
    assert_eq!(office.emails(), 1);
}

#[tokio::test]
async fn an_id_without_a_row_and_a_canceled_email_come_to_nothing() {
    let office = Office::open().await;
    let (courier, id) = (office.courier(), office.notify(invitation()).await);
    office.db.execute_unprepared("UPDATE notifications SET status = 'CANCELED'").await.unwrap();
    assert_eq!(office.deliver(&courier, id).await, Outcome::NotDue);
    let unknown = NotificationId::generate(office.clock.now());
    assert_eq!(office.deliver(&courier, unknown).await, Outcome::NotDue);
    assert_eq!(office.emails(), 0);
}

#[tokio::test]
async fn what_is_in_the_way_is_tried_again_after_a_growing_pause() {
    let office = Office::open().await;
    let (courier, id) = (office.courier(), office.notify(removed()).await);
    block(&office);
    assert_eq!(office.deliver(&courier, id).await, Outcome::Outage(after(30)));
    let row = office.row(id).await;
    assert_eq!(
        (row.status, row.attempts, row.available_at, row.sweep_at),
        (Status::Queued, 1, after(30), after(30))
    );
    assert!(row.last_error.unwrap().contains("mail.directory"));

    office.pass(29);
    assert_eq!(office.deliver(&courier, id).await, Outcome::NotDue);
    office.pass(1);
    assert_eq!(office.deliver(&courier, id).await, Outcome::Outage(after(30 + 60)));

    unblock(&office);
    office.pass(60);
    assert_eq!(office.deliver(&courier, id).await, Outcome::Sent);
    let row = office.row(id).await;
    assert_eq!((row.status, row.attempts, row.last_error), (Status::Sent, 3, None));
}

#[tokio::test]
async fn after_the_last_attempt_it_is_given_up_with_the_last_error() {
    let office = Office::open().await;
    let (courier, id) = (office.courier(), office.notify(removed()).await);
    block(&office);
    for _ in 0..2 {
        assert!(matches!(office.deliver(&courier, id).await, Outcome::Outage(_)));
        office.pass(6 * 60 * 60);
    }
    assert_eq!(office.deliver(&courier, id).await, Outcome::Failed);
    let row = office.row(id).await;
    assert_eq!((row.status, row.attempts), (Status::Failed, 3));
    assert!(row.last_error.unwrap().contains("mail.directory"));
    unblock(&office);
    office.pass(6 * 60 * 60);
    assert_eq!(office.deliver(&courier, id).await, Outcome::NotDue);
}

#[tokio::test]
async fn what_the_server_refuses_for_good_is_given_up_at_once_in_its_words() {
    let office = Office::open().await;
    let server = SmtpServer::start(|n, line| match line {
        "RCPT TO:<bob@example.com>" => Answer::Say("550 5.1.1 <bob@example.com>: no\tsuch user"),
        _ => polite(n, line),
    })
    .await;
    let (courier, id) = (office.courier_to(TransportKind::Smtp, server.port), office.notify(removed()).await);
    assert_eq!(office.deliver(&courier, id).await, Outcome::Failed);
    let row = office.row(id).await;
    assert_eq!((row.status, row.attempts), (Status::Failed, 1));
    assert_eq!(row.last_error.unwrap(), "550 5.1.1 <bob@example.com>: no such user");
}

#[tokio::test]
async fn a_sender_that_the_server_refuses_waits_for_better_settings() {
    let office = Office::open().await;
    let server = SmtpServer::start(|n, line| match line {
        "MAIL FROM:<roster@example.com>" => Answer::Say("553 not your address"),
        _ => polite(n, line),
    })
    .await;
    let (courier, id) = (office.courier_to(TransportKind::Smtp, server.port), office.notify(removed()).await);
    assert_eq!(office.deliver(&courier, id).await, Outcome::Outage(after(30)));
}

/// What was sent and not written down would be sent again.
#[tokio::test]
async fn what_the_database_does_not_take_is_written_down_later_if_the_lease_lasts() {
    let office = Office::open().await;
    let courier = office.courier();
    tokio::time::pause();
    let tries = Cell::new(0);
    let away_for = |failures| {
        let tries = &tries;
        tries.set(0);
        courier.insist(move || {
            tries.set(tries.get() + 1);
            ready(if tries.get() > failures { Ok(true) } else { Err(DbErr::Custom("away".to_owned())) })
        })
    };
    assert!(away_for(20).await.unwrap());
    let start = Instant::now();
    away_for(usize::MAX).await.unwrap_err();
    let lasted = start.elapsed();
    assert!(
        lasted <= courier.config.lease() && lasted > courier.config.lease() - LONGEST_PAUSE * 2,
        "{lasted:?}"
    );
}

#[tokio::test]
async fn when_a_worker_dies_another_one_takes_over_as_soon_as_the_lease_ends() {
    let office = Office::open().await;
    let (courier, id) = (office.courier(), office.notify(removed()).await);
    let now = office.clock.now();
    let claim = row::claim(&office.db, id, now, now + courier.config.lease_delta()).await.unwrap().unwrap();
    assert_eq!(claim.attempt, 1);
    assert_eq!(office.row(id).await.sweep_at, after(120));
    office.pass(119);
    assert_eq!(office.deliver(&courier, id).await, Outcome::NotDue);
    office.pass(1);
    assert_eq!(office.deliver(&courier, id).await, Outcome::Sent);
    assert_eq!(office.row(id).await.attempts, 2);
}

#[tokio::test]
async fn an_email_that_kills_every_worker_runs_out_of_attempts() {
    let office = Office::open().await;
    let (courier, id) = (office.courier(), office.notify(removed()).await);
    for _ in 0..3 {
        let now = office.clock.now();
        row::claim(&office.db, id, now, now + courier.config.lease_delta()).await.unwrap().unwrap();
        office.pass(120);
    }
    assert_eq!(office.deliver(&courier, id).await, Outcome::Failed);
    let row = office.row(id).await;
    assert_eq!((row.status, row.attempts), (Status::Failed, 3));
    assert!(row.last_error.unwrap().contains("ended unexpectedly"));
    assert_eq!(office.emails(), 0);
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_does_not_undo_what_its_successor_has_done() {
    let office = Office::open().await;
    let (courier, id) = (office.courier(), office.notify(removed()).await);
    let now = office.clock.now();
    let slow = row::claim(&office.db, id, now, now).await.unwrap().unwrap();
    row::claim(&office.db, id, now, after(120)).await.unwrap().unwrap();
    assert!(!row::postponed(&office.db, &slow, after(30), "too late").await.unwrap());
    assert!(!row::failed(&office.db, &slow, 1, "too late").await.unwrap());
    let row = office.row(id).await;
    assert_eq!((row.status, row.available_at, row.last_error), (Status::Queued, after(120), None));
    // But an email that was sent was sent.
    assert!(row::sent(&office.db, &slow, now).await.unwrap());
    assert_eq!(office.deliver(&courier, id).await, Outcome::NotDue);
}

#[tokio::test]
async fn a_worker_that_is_late_does_not_mark_an_email_that_was_ordered_again() {
    let office = Office::open().await;
    let (courier, id) = (office.courier(), office.notify(removed()).await);
    let now = office.clock.now();
    let slow = row::claim(&office.db, id, now, now).await.unwrap().unwrap();
    assert_eq!(office.deliver(&courier, id).await, Outcome::Sent);
    // As somebody orders it again. The new claim is the first attempt, as the slow one was.
    let again = "UPDATE notifications SET status = 'QUEUED', attempts = 0, resends = 1, available_at = created_at, sent_at = NULL";
    office.db.execute_unprepared(again).await.unwrap();
    let new = row::claim(&office.db, id, now, after(120)).await.unwrap().unwrap();
    assert_eq!((slow.attempt, new.attempt), (1, 1));

    assert!(!row::sent(&office.db, &slow, now).await.unwrap());
    assert!(!row::postponed(&office.db, &slow, after(30), "too late").await.unwrap());
    assert!(!row::failed(&office.db, &slow, 1, "too late").await.unwrap());
    let row = office.row(id).await;
    assert_eq!((row.status, row.available_at, row.last_error), (Status::Queued, after(120), None));
    assert!(row::sent(&office.db, &new, now).await.unwrap());
}

#[tokio::test]
async fn an_invitation_that_has_expired_is_not_sent_any_more() {
    let office = Office::open().await;
    let (courier, id) = (office.courier(), office.notify(invitation()).await);
    office.pass(7 * 24 * 60 * 60);
    assert_eq!(office.deliver(&courier, id).await, Outcome::Failed);
    assert!(office.row(id).await.last_error.unwrap().contains("expired"));
    assert_eq!(office.emails(), 0);
}

#[tokio::test]
async fn an_email_of_a_newer_version_waits_for_a_newer_worker() {
    let office = Office::open().await;
    let (courier, id) = (office.courier(), office.notify(removed()).await);
    let set = async |snapshot: &str| {
        let sql = format!("UPDATE notifications SET snapshot = {snapshot}");
        office.db.execute_unprepared(&sql).await.unwrap();
    };
    set("json_set(snapshot, '$.event', 'PROMOTED')").await;
    assert_eq!(office.deliver(&courier, id).await, Outcome::Postponed(after(30)));
    set("json_set(snapshot, '$.event', 'REMOVED')").await;
    assert!(office.row(id).await.last_error.unwrap().contains("cannot read"));
    office.pass(30);
    assert_eq!(office.deliver(&courier, id).await, Outcome::Sent);
}
