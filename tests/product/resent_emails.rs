//! Sending an email again: one that was given up, or one that was sent and is asked for once more.

use chrono::TimeDelta;
use roster_tests::{On, Organization, Roster, smtp_server::Stage};
use rstest::rstest;
use serde_json::{Value, json};

const NO_SUCH_USER: &str = "550 5.1.1 No such user";

/// The newest email: where its delivery stands, after how many attempts and resends, and why it is not sent.
async fn stands(acme: &Organization) -> Value {
    let fields = "notifications(first: 1) { nodes { status attempts resends lastError } }";
    acme.seen_by(&acme.owner, fields).await.at("/organization/notifications/nodes/0").clone()
}

async fn last_id(acme: &Organization) -> String {
    acme.last_notification().await["id"].as_str().unwrap().to_owned()
}

#[rstest]
#[tokio::test]
async fn an_email_that_was_given_up_is_sent_with_the_text_that_it_had(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&design]).await;
    roster.smtp().refuse_recipient(&bob.address, NO_SUCH_USER);
    acme.owner.remove(&bob).await.succeeds();
    roster.deliver().await;
    let given_up = json!({ "status": "FAILED", "attempts": 1, "resends": 0, "lastError": NO_SUCH_USER });
    assert_eq!(stands(&acme).await, given_up);
    let id = last_id(&acme).await;

    // Much is different when somebody sees to it, and the server takes the email now.
    roster.pass(TimeDelta::days(3));
    acme.owner
        .update_organization(&acme, json!({ "name": "Anvils", "brandingLine": "New" }))
        .await
        .succeeds();
    acme.owner.delete_group(&design).await.succeeds();
    roster.smtp().heal();
    let resent = acme.owner.resend_notification(&id).await;
    let queued = json!({
        "id": id, "status": "QUEUED", "attempts": 0, "resends": 1, "lastError": null, "sentAt": null,
    });
    assert_eq!(resent.succeeds()["notification"], queued);
    assert_eq!(resent.message(), "The email to bob@example.com is sent again.");
    assert_eq!(
        acme.last_entry().await,
        json!({
            "action": "NOTIFICATION_RESENT", "actor": { "name": "Olivia" }, "member": { "id": bob.id },
            "before": { "notification": id, "status": "FAILED", "sentAt": null },
        })
    );

    let mail = roster.last_mail_to(&bob).await;
    assert_eq!(mail.subject(), "You have been removed from Acme");
    assert!(
        mail.text().contains("- Design") && mail.text().contains("on 21 November 2026"),
        "{}",
        mail.text()
    );
    assert!(!mail.text().contains("Anvils") && !mail.text().contains("New"), "{}", mail.text());
    let sent = json!({ "status": "SENT", "attempts": 1, "resends": 1, "lastError": null });
    assert_eq!(stands(&acme).await, sent);
    assert_eq!(acme.notifications().await.len(), 2, "it is the same email, not another one");
}

#[rstest]
#[tokio::test]
async fn an_email_that_was_sent_arrives_again_as_one_that_mailboxes_do_not_fold(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    let first = roster.last_mail_to(&bob).await;
    let id = last_id(&acme).await;

    let mut message_ids = vec![first.message_id()];
    for resends in 1..=3 {
        roster.pass(TimeDelta::minutes(1));
        acme.owner.resend_notification(&id).await.succeeds();
        let mail = roster.last_mail_to(&bob).await;
        assert_eq!((mail.subject(), mail.text(), mail.html()), (first.subject(), first.text(), first.html()));
        assert!(!message_ids.contains(&mail.message_id()), "{message_ids:?} {}", mail.message_id());
        message_ids.push(mail.message_id());
        let sent = json!({ "status": "SENT", "attempts": 1, "resends": resends, "lastError": null });
        assert_eq!(stands(&acme).await, sent);
    }
    assert_eq!(roster.mails_to(&bob).await.len(), 1 + 4, "the invitation, and the removal four times");
}

#[rstest]
#[tokio::test]
async fn the_attempts_begin_anew(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start_with(on, |config| config.worker.attempts = 2).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let busy = || roster.smtp().answer_next(Stage::Rcpt, "451 4.3.2 Busy");
    let try_again = async || {
        roster.pass(TimeDelta::hours(1));
        roster.sweep().await;
    };
    busy();
    busy();
    roster.deliver().await;
    try_again().await;
    assert_eq!(
        (&stands(&acme).await["status"], &stands(&acme).await["attempts"]),
        (&json!("FAILED"), &json!(2))
    );

    acme.owner.resend_notification(&last_id(&acme).await).await.succeeds();
    busy();
    roster.deliver().await;
    let waits = json!({ "status": "QUEUED", "attempts": 1, "resends": 1, "lastError": "451 4.3.2 Busy" });
    assert_eq!(stands(&acme).await, waits);
    try_again().await;
    let sent = json!({ "status": "SENT", "attempts": 2, "resends": 1, "lastError": null });
    assert_eq!(stands(&acme).await, sent);
    // The Message-ID is the same at each attempt, so that copies fold, and another one than that of the email before.
    let mails = roster.mails_to(&bob).await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].message_id().contains(".1@"), "{}", mails[0].message_id());
}

#[rstest]
#[tokio::test]
async fn an_email_that_was_sent_a_moment_ago_is_not_sent_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    roster.deliver().await;
    let id = last_id(&acme).await;

    for (seconds, left) in [(0, 60), (59, 1)] {
        roster.pass(TimeDelta::seconds(seconds));
        let refused = acme.unchanged_by(acme.owner.resend_notification(&id)).await;
        let sentence = format!(
            "The email to bob@example.com was sent a moment ago. Wait {left} seconds before you send it again."
        );
        assert_eq!(refused.fails_with("RESEND_TOO_SOON"), sentence);
    }
    roster.pass(TimeDelta::seconds(1));
    acme.owner.resend_notification(&id).await.succeeds();
    // Counted from when it left the last time.
    roster.deliver().await;
    acme.owner.resend_notification(&id).await.fails_with("RESEND_TOO_SOON");
}

#[rstest]
#[tokio::test]
async fn an_email_that_is_on_its_way_is_not_ordered_twice(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    let id = last_id(&acme).await;
    let changes_nothing = async || {
        let again = acme.unchanged_by(acme.owner.resend_notification(&id)).await;
        again.changes_nothing();
        assert_eq!(again.message(), "The email to bob@example.com is on its way already.");
    };

    // For the first time; waiting for the next attempt; and again.
    changes_nothing().await;
    roster.smtp().answer_next(Stage::Rcpt, "451 4.3.2 Busy");
    roster.deliver().await;
    changes_nothing().await;
    roster.pass(TimeDelta::minutes(1));
    roster.sweep().await;
    roster.pass(TimeDelta::minutes(1));
    acme.owner.resend_notification(&id).await.succeeds();
    changes_nothing().await;

    assert_eq!(roster.mails_to(&bob).await.len(), 1 + 2, "the invitation, the removal and the removal again");
}

#[rstest]
#[tokio::test]
async fn the_invitation_of_somebody_who_has_not_answered_is_sent_again_with_the_same_link(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let link = roster.link_token(&bob.address).await;
    roster.pass(TimeDelta::days(7) - TimeDelta::microseconds(1));

    acme.owner.resend_notification(&last_id(&acme).await).await.succeeds();

    let entry = acme.last_entry().await;
    let expected = (&json!("NOTIFICATION_RESENT"), &json!(bob.invitation_id));
    assert_eq!((&entry["action"], &entry["invitationId"]), expected);
    assert_eq!(roster.link_token(&bob.address).await, link);
    assert_eq!(roster.mails_to(&bob).await.len(), 2);
    bob.accept(&link).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn an_invitation_whose_link_no_longer_works_is_not_sent_again(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let mut emails = Vec::new();
    for name in ["Accepted", "Declined", "Revoked", "Removed", "Renewed", "Expired"] {
        let invited = acme.invited(name).await;
        let link = roster.link_token(&invited.address).await;
        emails.push((name, last_id(&acme).await, invited, link));
    }
    let [accepted, declined, revoked, removed, renewed, _] = &emails[..] else { unreachable!() };
    accepted.2.accept(&accepted.3).await.succeeds();
    declined.2.decline(&declined.3).await.succeeds();
    acme.owner.revoke_invitation_of(&revoked.2).await.succeeds();
    acme.owner.remove(&removed.2).await.succeeds();
    roster.pass(TimeDelta::days(1));
    acme.owner.resend_invitation_of(&renewed.2).await.succeeds();
    roster.deliver().await;
    roster.pass(TimeDelta::days(6));

    let answered = "The invitation in this email was answered or revoked.";
    let replaced = "The link in this email no longer works. Resend the invitation instead.";
    for (name, id, ..) in &emails {
        let refused = acme.unchanged_by(acme.owner.resend_notification(id)).await;
        let sentence = if matches!(*name, "Renewed" | "Expired") { replaced } else { answered };
        assert_eq!(refused.fails_with("NOTIFICATION_OVERTAKEN"), sentence, "{name}");
    }
    // The newer link of who was invited again does.
    let query = "notifications(first: 9) { nodes { id kind recipient } }";
    let newest = acme.seen_by(&acme.owner, query).await.at("/organization/notifications/nodes/0").clone();
    assert_eq!(
        (&newest["kind"], &newest["recipient"]),
        (&json!("INVITATION"), &json!("renewed@example.com"))
    );
    acme.owner.resend_notification(newest["id"].as_str().unwrap()).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn an_invitation_that_is_revoked_while_it_is_sent_again_does_not_arrive_again(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    roster.deliver().await;
    roster.pass(TimeDelta::hours(1));
    let id = last_id(&acme).await;
    acme.owner.resend_notification(&id).await.succeeds();
    acme.owner.update_organization(&acme, json!({ "revocationEmail": false })).await.succeeds();

    acme.owner.revoke_invitation_of(&bob).await.succeeds();

    assert_eq!(roster.mails_to(&bob).await.len(), 1);
    let canceled = json!({ "status": "CANCELED", "attempts": 0, "resends": 1, "lastError": null });
    assert_eq!(stands(&acme).await, canceled);
    acme.unchanged_by(acme.owner.resend_notification(&id)).await.fails_with("NOTIFICATION_OVERTAKEN");
}
