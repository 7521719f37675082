//! Many at one time: whatever becomes of one, the others do not notice.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use roster_entity::notification::Status;
use sea_orm::ConnectionTrait;
use tokio::{sync::Semaphore, time::timeout};

use super::*;
use crate::{
    mail::TransportKind,
    testing::{
        invitation,
        office::Office,
        removed,
        smtp_server::{Answer, SmtpServer, polite},
    },
};

/// Longer than anything takes here.
const PATIENCE: Duration = Duration::from_secs(30);

/// A batch of these, of which each has a slot.
async fn batch(ids: &[NotificationId]) -> Batch {
    let slots = Arc::new(Semaphore::new(ids.len()));
    Batch { ids: ids.to_vec(), slots: slots.acquire_many_owned(ids.len() as u32).await.unwrap() }
}

async fn notified(office: &Office, count: usize) -> Vec<NotificationId> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(office.notify(removed()).await);
    }
    ids
}

async fn update(office: &Office, id: NotificationId, set: &str) {
    let sql = format!("UPDATE notifications SET {set} WHERE id = x'{}'", id.0.simple());
    assert_eq!(office.db.execute_unprepared(&sql).await.unwrap().rows_affected(), 1);
}

/// Where each stands, and how often it was begun.
async fn rows(office: &Office, ids: &[NotificationId]) -> Vec<(Status, i32)> {
    let mut rows = Vec::new();
    for id in ids {
        let row = office.row(*id).await;
        rows.push((row.status, row.attempts));
    }
    rows
}

/// Takes an email when it is released, one after the other.
async fn holding() -> SmtpServer {
    SmtpServer::start(|n, line| match line {
        "." => Answer::Hold("250 ok"),
        _ => polite(n, line),
    })
    .await
}

fn emails(server: &SmtpServer) -> usize {
    server.heard().concat().iter().filter(|line| *line == ".").count()
}

#[tokio::test]
async fn all_are_claimed_with_one_statement_and_marked_with_few() {
    let mut office = Office::open().await;
    let statements = Arc::<Mutex<Vec<String>>>::default();
    let seen = statements.clone();
    office.db.set_metric_callback(move |info| seen.lock().unwrap().push(info.statement.sql.clone()));
    let ids = notified(&office, 40).await;
    let before = statements.lock().unwrap().len();
    let server = SmtpServer::start(polite).await;
    let courier = office.courier_to(TransportKind::Smtp, server.port);
    assert!(courier.deliver_all(batch(&ids).await, &Interruption::none()).await.is_empty());
    let seen = statements.lock().unwrap().split_off(before);
    let claims = seen.iter().filter(|sql| sql.contains("\"attempts\" + ")).count();
    assert_eq!(claims, 1, "{seen:#?}");
    assert_eq!(rows(&office, &ids).await, [(Status::Sent, 1); 40]);
    assert_eq!(emails(&server), 40);
}

#[tokio::test]
async fn one_that_cannot_be_read_one_that_is_canceled_and_one_that_is_gone_keep_nobody_from_their_email() {
    let office = Office::open().await;
    let (courier, mut ids) = (office.courier(), notified(&office, 5).await);
    update(&office, ids[0], "snapshot = json_set(snapshot, '$.event', 'PROMOTED')").await;
    update(&office, ids[1], "status = 'CANCELED'").await;
    ids.insert(2, NotificationId::generate(office.clock.now()));
    assert!(courier.deliver_all(batch(&ids).await, &Interruption::none()).await.is_empty());
    ids.remove(2);
    update(&office, ids[0], "snapshot = json_set(snapshot, '$.event', 'REMOVED')").await;
    let (sent, queued) = ((Status::Sent, 1), (Status::Queued, 1));
    assert_eq!(rows(&office, &ids).await, [queued, (Status::Canceled, 0), sent, sent, sent]);
    assert!(office.row(ids[0]).await.last_error.unwrap().contains("cannot read"));
    assert_eq!(office.emails(), 3);
}

#[tokio::test]
async fn one_that_panics_keeps_nobody_from_their_email_and_gives_its_slot_back() {
    let office = Office::open().await;
    let (courier, ids) = (office.courier(), notified(&office, 3).await);
    let slots = Arc::new(Semaphore::new(3));
    let batch = Batch { ids: ids.clone(), slots: slots.clone().acquire_many_owned(3).await.unwrap() };
    let bad = ids[1];
    let not_begun = each_alone(batch, |id| {
        let courier = courier.clone();
        async move {
            assert_ne!(id, bad, "on purpose");
            courier.deliver(id).await
        }
    });
    assert_eq!(not_begun.await, []);
    assert_eq!(slots.available_permits(), 3);
    let sent = (Status::Sent, 1);
    assert_eq!(rows(&office, &ids).await, [sent, (Status::Queued, 0), sent]);
}

#[tokio::test]
async fn what_was_begun_before_is_delivered_when_it_is_due_among_what_is_new() {
    let office = Office::open().await;
    let (courier, ids) = (office.courier(), notified(&office, 4).await);
    update(&office, ids[0], "attempts = 1").await;
    update(&office, ids[1], "attempts = 1, available_at = '2099-01-01T00:00:00+00:00'").await;
    let invitation = office.notify(invitation()).await;
    let all = [ids.clone(), vec![invitation, invitation]].concat();
    assert!(courier.deliver_all(batch(&all).await, &Interruption::none()).await.is_empty());
    let sent = (Status::Sent, 1);
    assert_eq!(rows(&office, &ids).await, [(Status::Sent, 2), (Status::Queued, 1), sent, sent]);
    assert_eq!(rows(&office, &[invitation]).await, [sent], "it is there twice");
    assert_eq!(office.emails(), 4);
}

/// The mail server has one connection.
#[tokio::test]
async fn a_stop_lets_what_is_being_sent_end_and_gives_back_what_waits_for_a_connection() {
    let (office, server) = (Office::open().await, holding().await);
    let (courier, ids) = (office.courier_to(TransportKind::Smtp, server.port), notified(&office, 3).await);
    let interruption = Interruption::none();
    let (batch, stop) = (batch(&ids).await, interruption.stop.clone());
    let stopped = async {
        server.rung(1).await;
        stop.cancel();
        server.release(3);
    };
    let (not_begun, ()) = tokio::join!(courier.deliver_all(batch, &interruption), stopped);
    assert_eq!(not_begun.len(), 2);
    assert_eq!(emails(&server), 1);
    for id in ids {
        let expected = if not_begun.contains(&id) { (Status::Queued, 0) } else { (Status::Sent, 1) };
        assert_eq!(rows(&office, &[id]).await, [expected]);
    }
    for id in not_begun {
        assert_eq!(courier.deliver(id).await.unwrap(), Outcome::Sent, "it is due at once");
    }
}

#[tokio::test]
async fn when_the_mail_server_goes_away_those_that_wait_for_a_connection_lose_no_attempt() {
    let office = Office::open().await;
    let server = SmtpServer::start(|n, line| match line {
        "MAIL FROM:<roster@example.com>" => Answer::Say("530 log in first"),
        _ => polite(n, line),
    })
    .await;
    let (courier, ids) = (office.courier_to(TransportKind::Smtp, server.port), notified(&office, 3).await);
    let interruption = Interruption::none();
    let not_begun = courier.deliver_all(batch(&ids).await, &interruption).await;
    assert_eq!(not_begun.len(), 2);
    interruption.outage.begins().await;
    for id in ids {
        let attempts = i32::from(!not_begun.contains(&id));
        assert_eq!(rows(&office, &[id]).await, [(Status::Queued, attempts)]);
    }
}

/// A send may take 60 seconds, and the lease lasts 120.
#[tokio::test]
async fn what_could_not_end_before_its_lease_does_is_given_back() {
    let (office, server) = (Office::open().await, holding().await);
    let (courier, ids) = (office.courier_to(TransportKind::Smtp, server.port), notified(&office, 1).await);
    let smtp_is_busy = office.notify(removed()).await;
    let first = tokio::spawn({
        let courier = courier.clone();
        async move { courier.deliver(smtp_is_busy).await }
    });
    server.rung(1).await;
    let long_ago = Instant::now() - Duration::from_secs(60);
    let now = office.clock.now();
    let claim =
        row::claim(&office.db, ids[0], now, now + courier.config.lease_delta()).await.unwrap().unwrap();
    let none = Interruption::none();
    let late =
        timeout(PATIENCE, courier.deliver_claimed(claim, long_ago, &none)).await.expect("it is too late");
    assert_eq!(late.unwrap(), Outcome::NotBegun);
    assert_eq!(rows(&office, &ids).await, [(Status::Queued, 0)]);
    server.release(2);
    assert_eq!(first.await.unwrap().unwrap(), Outcome::Sent);
    assert_eq!(courier.deliver(ids[0]).await.unwrap(), Outcome::Sent);
}

#[tokio::test]
async fn what_was_sent_while_the_database_was_away_is_written_down_later_and_not_sent_again() {
    let (office, server) = (Office::open().await, holding().await);
    let (courier, ids) = (office.courier_to(TransportKind::Smtp, server.port), notified(&office, 3).await);
    let batch = batch(&ids).await;
    let away = async {
        server.rung(1).await;
        office.db.execute_unprepared("ALTER TABLE notifications RENAME TO gone").await.unwrap();
        server.release(3);
        server.rung(2).await;
        office.db.execute_unprepared("ALTER TABLE gone RENAME TO notifications").await.unwrap();
    };
    let interruption = Interruption::none();
    let (not_begun, ()) = tokio::join!(courier.deliver_all(batch, &interruption), away);
    assert!(not_begun.is_empty());
    assert_eq!(rows(&office, &ids).await, [(Status::Sent, 1); 3]);
    assert_eq!(emails(&server), 3);
}

#[tokio::test]
async fn one_that_is_canceled_while_it_is_sent_stays_so_and_the_others_are_marked() {
    let (office, server) = (Office::open().await, holding().await);
    let (courier, ids) = (office.courier_to(TransportKind::Smtp, server.port), notified(&office, 3).await);
    let batch = batch(&ids).await;
    let canceled = async {
        server.rung(1).await;
        update(&office, ids[1], "status = 'CANCELED'").await;
        server.release(3);
    };
    let interruption = Interruption::none();
    tokio::join!(courier.deliver_all(batch, &interruption), canceled);
    let sent = (Status::Sent, 1);
    assert_eq!(rows(&office, &ids).await, [sent, (Status::Canceled, 1), sent]);
}

#[tokio::test]
async fn two_workers_with_the_same_ids_send_each_email_once() {
    let office = Office::open().await;
    let ids = notified(&office, 9).await;
    let server = SmtpServer::start(polite).await;
    let courier = || office.courier_to(TransportKind::Smtp, server.port);
    let (one, other, none) = (courier(), courier(), Interruption::none());
    tokio::join!(one.deliver_all(batch(&ids).await, &none), other.deliver_all(batch(&ids[3..]).await, &none));
    assert_eq!(rows(&office, &ids).await, [(Status::Sent, 1); 9]);
    assert_eq!(emails(&server), 9);
}
