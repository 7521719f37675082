//! The clock is moved forwards and backwards by a day: leases and pauses end, links and windows are what they say, and
//! what was done later counts, not what has the later time.

use chrono::TimeDelta;
use roster_tests::{Member, On, Organization, Roster, smtp_server::Stage};
use rstest::rstest;
use serde_json::{Value, json};

const DAY: TimeDelta = TimeDelta::days(1);
/// The lease of the tests' worker.
const LEASE: TimeDelta = TimeDelta::seconds(90);

async fn start(on: On) -> (Roster, Organization) {
    let roster = Roster::start_with(on, |config| config.worker.lease_seconds = 90).await;
    let acme = roster.organization("Acme").await;
    (roster, acme)
}

async fn status(acme: &Organization, member: &Member) -> Value {
    acme.member_seen_by(&acme.owner, member, "status role groups { name }").await
}

#[rstest]
#[tokio::test]
async fn the_lease_of_a_dead_worker_ends_also_when_the_clock_was_set_back(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (roster, acme) = start(on).await;
    let bob = acme.invited("Bob").await;
    roster.die_while_sending().await;

    roster.pass(-DAY);
    roster.sweep().await;
    assert!(roster.smtp().mails_to(&bob.address).is_empty(), "the worker may still be sending it");
    roster.pass(LEASE);
    roster.sweep().await;
    assert_eq!(roster.smtp().mails_to(&bob.address).len(), 1);
    assert_eq!(acme.last_notification().await["attempts"], 2);
}

#[rstest]
#[tokio::test]
async fn the_lease_of_a_dead_worker_has_ended_when_the_clock_was_set_forward(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (roster, acme) = start(on).await;
    let bob = acme.invited("Bob").await;
    roster.die_while_sending().await;
    roster.pass(DAY);
    roster.sweep().await;
    assert_eq!(roster.smtp().mails_to(&bob.address).len(), 1);
}

#[rstest]
#[tokio::test]
async fn an_email_that_waits_for_its_next_attempt_does_not_wait_a_day_longer(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (roster, acme) = start(on).await;
    let bob = acme.invited("Bob").await;
    roster.smtp().answer_next(Stage::Rcpt, "451 4.7.1 Greylisted");
    roster.deliver().await;
    roster.pass(-DAY);
    roster.sweep().await;
    roster.pass(LEASE);
    roster.sweep().await;
    assert_eq!(roster.smtp().mails_to(&bob.address).len(), 1);
}

/// The clock of one machine was wrong, and was set right after that.
#[rstest]
#[tokio::test]
async fn what_was_done_while_the_clock_was_a_day_ahead_is_told_at_once(
    #[values(On::Sqlite, On::Postgres)] on: On,
    #[values(false, true)] queue_loses_it: bool,
) {
    let (roster, acme) = start(on).await;
    let bob = acme.member("Bob").await;
    roster.pass(DAY);
    acme.owner.remove(&bob).await.succeeds();
    roster.pass(-DAY);
    if queue_loses_it {
        assert_eq!(roster.parts().queue.pop(9).await.unwrap().len(), 1);
        roster.sweep().await;
        roster.pass(LEASE);
        roster.sweep().await;
    }
    assert_eq!(roster.last_mail_to(&bob).await.subject(), "You have been removed from Acme");
    assert_eq!(acme.last_notification().await["status"], "SENT");
}

/// There is one truth about it: `expiresAt`.
#[rstest]
#[tokio::test]
async fn a_link_holds_until_the_time_that_it_says(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (roster, acme) = start(on).await;
    let bob = acme.invited("Bob").await;
    let token = roster.link_token(&bob.address).await;
    let at = |answer: roster_tests::Answer| answer.at("/invitation/status").clone();
    for (days, expected) in [(-1, "PENDING"), (2, "PENDING"), (6, "EXPIRED"), (-1, "PENDING"), (1, "EXPIRED")]
    {
        roster.pass(DAY * days);
        assert_eq!(at(bob.offer(&token).await), expected);
    }
    bob.accept(&token).await.fails_with("INVITATION_EXPIRED");
    roster.pass(-DAY);
    bob.accept(&token).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn an_invitation_can_be_sent_again_after_the_clock_was_set_back(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (roster, acme) = start(on).await;
    let bob = acme.invited("Bob").await;
    let old = roster.link_token(&bob.address).await;
    acme.owner.resend_invitation_of(&bob).await.fails_with("RESEND_TOO_SOON");
    roster.pass(-DAY);
    acme.owner.resend_invitation_of(&bob).await.succeeds();
    acme.owner.resend_invitation_of(&bob).await.fails_with("RESEND_TOO_SOON");
    let new = roster.link_token(&bob.address).await;
    bob.accept(&old).await.fails_with("INVITATION_NOT_FOUND");
    bob.accept(&new).await.succeeds();
}

/// The first removal has the later time.
#[rstest]
#[tokio::test]
async fn a_member_comes_back_as_they_were_at_the_last_removal_not_at_the_latest_time(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (roster, acme) = start(on).await;
    let (design, sales) = (acme.group("Design", &[]).await, acme.group("Sales", &[]).await);
    let bob = acme.member_as("Bob", "MEMBER", &[&design]).await;
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.restore(&bob).await.succeeds();
    roster.pass(-DAY);
    acme.owner.take_out_of_group(&design, &[&bob]).await.succeeds();
    acme.owner.add_to_group(&sales, &[&bob]).await.succeeds();
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.restore(&bob).await.succeeds();
    let expected = json!({ "status": "ACTIVE", "role": "MEMBER", "groups": [{ "name": "Sales" }] });
    assert_eq!(status(&acme, &bob).await, expected);
    let subjects: Vec<_> = roster.mails_to(&bob).await.iter().skip(1).map(|mail| mail.subject()).collect();
    let [removed, back] = ["You have been removed from Acme", "You are a member of Acme again"];
    assert_eq!(subjects, [removed, back, removed, back]);
}

#[rstest]
#[tokio::test]
async fn the_window_to_undo_a_removal_is_as_long_as_the_settings_say(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (roster, acme) = start(on).await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    roster.pass(DAY * 30);
    acme.owner.restore(&bob).await.fails_with("RESTORE_WINDOW_PASSED");
    roster.pass(-DAY);
    acme.owner.restore(&bob).await.succeeds();
}

/// A script that asks again is not surprised, whatever the clock does in between.
#[rstest]
#[tokio::test]
async fn a_key_is_not_carried_out_twice_while_the_clock_is_wrong(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (roster, acme) = start(on).await;
    let bob = acme.member("Bob").await;
    let remove = || {
        let input = json!({ "members": [{ "memberId": bob.id }], "idempotencyKey": "leavers" });
        acme.owner.remove_all_with(&acme, input)
    };
    assert_eq!(remove().await.succeeds()["replayed"], false);
    for jump in [-DAY, TimeDelta::hours(23), -DAY] {
        roster.pass(jump);
        assert_eq!(remove().await.succeeds()["replayed"], true);
    }
}
