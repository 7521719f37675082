//! An email's way to the mail server: its row says how it stands, and an attempt that failed is made again.

use chrono::{DateTime, TimeDelta, Utc};
use roster_tests::{On, Organization, Roster, smtp_server::Stage};
use rstest::rstest;
use serde_json::{Value, json};

/// The pause after the first attempt.
const PAUSE: TimeDelta = TimeDelta::seconds(30);

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap_or_else(|| panic!("{value} is no time")).parse().unwrap()
}

/// The newest email must wait for its next attempt, after so many; why.
async fn waits(acme: &Organization, attempts: u32) -> String {
    let email = acme.last_notification().await;
    assert_eq!(email["status"], "QUEUED", "{email:#}");
    assert_eq!(email["attempts"], attempts, "{email:#}");
    assert!(time(&email["nextAttemptAt"]) > acme.owner.roster.now(), "{email:#}");
    assert_eq!(email["sentAt"], Value::Null, "{email:#}");
    email["lastError"].as_str().unwrap_or_else(|| panic!("no reason: {email:#}")).to_owned()
}

/// The newest email must be sent, with the last of so many attempts.
async fn is_sent(acme: &Organization, attempts: u32) {
    let email = acme.last_notification().await;
    assert_eq!(email["status"], "SENT", "{email:#}");
    assert_eq!(email["attempts"], attempts, "{email:#}");
    assert_eq!(time(&email["sentAt"]), acme.owner.roster.now(), "{email:#}");
    assert_eq!((&email["lastError"], &email["nextAttemptAt"]), (&Value::Null, &Value::Null), "{email:#}");
}

/// The newest email must be given up, after so many attempts; why.
async fn is_given_up(acme: &Organization, attempts: u32) -> String {
    let email = acme.last_notification().await;
    assert_eq!(email["status"], "FAILED", "{email:#}");
    assert_eq!(email["attempts"], attempts, "{email:#}");
    assert_eq!((&email["sentAt"], &email["nextAttemptAt"]), (&Value::Null, &Value::Null), "{email:#}");
    email["lastError"].as_str().unwrap_or_else(|| panic!("no reason: {email:#}")).to_owned()
}

#[rstest]
#[tokio::test]
async fn an_email_is_queued_until_the_mail_server_has_taken_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;

    let email = acme.last_notification().await;
    assert_eq!(email["kind"], "INVITATION");
    assert_eq!(email["recipient"], bob.address);
    assert_eq!((&email["status"], &email["attempts"]), (&json!("QUEUED"), &json!(0)));
    assert_eq!((&email["sentAt"], &email["lastError"]), (&Value::Null, &Value::Null));
    assert_eq!(time(&email["createdAt"]), roster.now());
    assert_eq!(time(&email["nextAttemptAt"]), roster.now());

    roster.pass(TimeDelta::seconds(3));
    roster.deliver().await;
    is_sent(&acme, 1).await;
}

/// At every point of the dialogue.
#[rstest]
#[tokio::test]
async fn an_email_that_the_mail_server_does_not_want_now_is_sent_after_a_pause(
    #[values(On::Sqlite, On::Postgres)] on: On,
    #[values(Stage::Connect, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::EndOfData)] stage: Stage,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;

    roster.smtp().answer_next(stage, "451 4.7.1 Greylisted, try again later");
    roster.deliver().await;
    assert_eq!(waits(&acme, 1).await, "451 4.7.1 Greylisted, try again later");

    roster.pass(PAUSE - TimeDelta::seconds(1));
    roster.sweep().await;
    waits(&acme, 1).await;

    roster.pass(TimeDelta::seconds(1));
    roster.sweep().await;
    is_sent(&acme, 2).await;
    assert_eq!(roster.smtp().mails_to(&bob.address).len(), 1);
}

#[rstest]
#[tokio::test]
async fn an_email_waits_while_nobody_answers_at_the_address_of_the_mail_server(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let nobody = |config: &mut roster_api::config::Config| config.mail.smtp.port = 1;
    let roster = Roster::start_with(on, nobody).await;
    let acme = roster.organization("Acme").await;
    acme.invited("Bob").await;
    roster.deliver().await;
    let why = waits(&acme, 1).await;
    assert!(why.contains("No connection to the mail server") && why.contains("refused"), "{why}");
}

#[rstest]
#[tokio::test]
async fn an_email_waits_while_the_mail_server_listens_and_says_nothing(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start_with(on, |config| config.mail.smtp.connect_timeout_seconds = 1).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;

    roster.smtp().stay_silent();
    roster.deliver().await;
    let why = waits(&acme, 1).await;
    assert!(why.contains("No connection to the mail server within"), "{why}");

    roster.smtp().heal();
    roster.pass(PAUSE);
    roster.sweep().await;
    is_sent(&acme, 2).await;
    assert_eq!(roster.smtp().mails_to(&bob.address).len(), 1);
}

#[rstest]
#[tokio::test]
async fn an_email_to_an_address_that_does_not_exist_is_given_up_and_the_others_are_sent(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let zoe = acme.invited("Zoe").await;
    let bob = acme.invited("Bob").await;

    roster.smtp().refuse_recipient(&bob.address, "550 5.1.1 No such user here");
    roster.deliver().await;
    assert_eq!(is_given_up(&acme, 1).await, "550 5.1.1 No such user here");
    assert_eq!(roster.mails_to(&zoe).await.len(), 1);

    // It stays so, even when the address exists later.
    roster.smtp().heal();
    roster.pass(TimeDelta::days(3));
    roster.sweep().await;
    is_given_up(&acme, 1).await;
    assert!(roster.smtp().mails_to(&bob.address).is_empty());
}

#[rstest]
#[tokio::test]
async fn an_email_is_given_up_when_its_attempts_are_used_up(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start_with(on, |config| config.worker.attempts = 3).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;

    roster.smtp().refuse_recipient(&bob.address, "452 4.2.2 Mailbox full");
    roster.deliver().await;
    assert_eq!(waits(&acme, 1).await, "452 4.2.2 Mailbox full");
    roster.pass(PAUSE);
    roster.sweep().await;
    waits(&acme, 2).await;
    roster.pass(PAUSE * 2);
    roster.sweep().await;
    assert_eq!(is_given_up(&acme, 3).await, "452 4.2.2 Mailbox full");

    roster.smtp().heal();
    roster.pass(TimeDelta::days(3));
    roster.sweep().await;
    assert!(roster.smtp().mails_to(&bob.address).is_empty());
}

/// Both copies have the same Message-ID, by which mailboxes fold them into one.
#[rstest]
#[tokio::test]
async fn an_email_whose_receipt_is_lost_is_sent_again_as_the_same_email(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();

    roster.smtp().close_after_data();
    roster.deliver().await;
    waits(&acme, 1).await;
    roster.smtp().heal();
    roster.pass(PAUSE);
    roster.sweep().await;
    is_sent(&acme, 2).await;

    let mails = roster.smtp().mails_to(&bob.address);
    let [_invitation, first, second] = mails.as_slice() else { panic!("{mails:#?}") };
    assert_eq!(first.message_id(), second.message_id());
    for header in ["Subject", "Date"] {
        assert_eq!(first.header(header), second.header(header));
    }
    assert_eq!((first.text(), first.html()), (second.text(), second.html()));
}

#[rstest]
#[tokio::test]
async fn an_email_whose_worker_has_died_is_sent_by_another_when_the_lease_has_run_out(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start_with(on, |config| config.worker.lease_seconds = 90).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;

    roster.die_while_sending().await;
    let email = acme.last_notification().await;
    assert_eq!((&email["status"], &email["attempts"]), (&json!("QUEUED"), &json!(1)), "{email:#}");

    roster.pass(TimeDelta::seconds(89));
    roster.sweep().await;
    assert!(roster.smtp().mails_to(&bob.address).is_empty(), "it may still be on its way");
    roster.pass(TimeDelta::seconds(1));
    roster.sweep().await;
    is_sent(&acme, 2).await;
    assert_eq!(roster.smtp().mails_to(&bob.address).len(), 1);
}

#[rstest]
#[tokio::test]
async fn an_invitation_that_expires_before_it_can_be_sent_is_given_up(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    roster.pass(TimeDelta::days(7));
    roster.sweep().await;
    assert_eq!(is_given_up(&acme, 1).await, "The invitation expired before the email could be sent.");
    assert!(roster.smtp().mails_to(&bob.address).is_empty());
}

/// Only the newest link is valid, so only the newest email is sent.
#[rstest]
#[tokio::test]
async fn an_invitation_that_is_sent_again_before_its_first_email_left_arrives_once(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    roster.smtp().answer_next(Stage::Connect, "421 4.3.2 Shutting down");
    roster.deliver().await;
    roster.pass(TimeDelta::minutes(2));
    acme.owner.resend_invitation_of(&bob).await.succeeds();
    roster.sweep().await;
    assert_eq!(
        acme.notifications().await,
        ["INVITATION bob@example.com SENT", "INVITATION bob@example.com CANCELED"]
    );
    assert_eq!(roster.smtp().mails_to(&bob.address).len(), 1);
    let token = roster.link_token(&bob.address).await;
    bob.accept(&token).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn an_invitation_that_is_revoked_before_its_email_left_does_not_arrive(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    acme.owner.revoke_invitation_of(&bob).await.succeeds();
    let subjects: Vec<_> = roster.mails_to(&bob).await.iter().map(|mail| mail.subject()).collect();
    assert_eq!(subjects, ["Your invitation to Acme was withdrawn"]);
}
