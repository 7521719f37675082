//! From a change to the email that told of it: from the removed member, from the activity log, and how many emails have
//! not arrived.

use chrono::TimeDelta;
use roster_tests::{Member, On, Organization, Roster, smtp_server::Stage};
use rstest::rstest;
use serde_json::{Value, json};

/// The email that told a member of the removal, as their page shows it.
async fn removal_email(acme: &Organization, member: &Member) -> Value {
    let fields = "removalNotification { id kind status recipient member { id } createdAt }";
    acme.member_seen_by(&acme.owner, member, fields).await["removalNotification"].clone()
}

/// What the newest entries of the log say, with the email that went with each.
async fn log_with_emails(acme: &Organization, count: usize) -> Value {
    let fields =
        format!("activities(first: {count}) {{ nodes {{ action notification {{ kind recipient }} }} }}");
    acme.seen_by(&acme.owner, &fields).await.at("/organization/activities/nodes").clone()
}

async fn undelivered(acme: &Organization) -> Value {
    let seen = acme.seen_by(&acme.owner, "undeliveredNotificationCount").await;
    seen.at("/organization/undeliveredNotificationCount").clone()
}

#[rstest]
#[tokio::test]
async fn the_email_of_a_removal_is_reached_from_the_member(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, carla) = (acme.member("Bob").await, acme.invited("Carla").await);
    for member in [&bob, &carla] {
        assert_eq!(removal_email(&acme, member).await, Value::Null);
    }
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.revoke_invitation_of(&carla).await.succeeds();
    roster.deliver().await;

    for (member, kind) in [(&bob, "REMOVED"), (&carla, "INVITATION_REVOKED")] {
        let email = removal_email(&acme, member).await;
        let expected = json!({
            "id": email["id"], "kind": kind, "status": "SENT", "recipient": member.address,
            "member": { "id": member.id }, "createdAt": "2026-11-21T12:00:00+00:00",
        });
        assert_eq!(email, expected);
        // The list shows the same as the page.
        let list = "members(filter: { status: [REMOVED] }) { nodes { id removalNotification { id } } }";
        let list = acme.seen_by(&acme.owner, list).await;
        let in_list = json!({ "id": member.id, "removalNotification": { "id": email["id"] } });
        assert!(
            list.at("/organization/members/nodes").as_array().unwrap().contains(&in_list),
            "{:#}",
            list.0
        );
    }
}

#[rstest]
#[tokio::test]
async fn of_somebody_who_was_removed_twice_it_is_the_newest(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    let first = removal_email(&acme, &bob).await;

    roster.pass(TimeDelta::hours(1));
    acme.owner.restore(&bob).await.succeeds();
    assert_eq!(removal_email(&acme, &bob).await, Value::Null, "a member who is back was not removed");
    roster.pass(TimeDelta::hours(1));
    acme.owner.remove(&bob).await.succeeds();
    let second = removal_email(&acme, &bob).await;
    assert_ne!(first["id"], second["id"]);
    assert_eq!(second["createdAt"], "2026-11-21T14:00:00+00:00");

    // What was said before is not about an end of which no email tells.
    roster.pass(TimeDelta::hours(1));
    acme.owner.restore(&bob).await.succeeds();
    roster.pass(TimeDelta::hours(1));
    bob.leave(&acme.id).await.succeeds();
    assert_eq!(removal_email(&acme, &bob).await, Value::Null);
    acme.owner.update_organization(&acme, json!({ "revocationEmail": false })).await.succeeds();
    let again = acme.invited("Bob").await;
    roster.pass(TimeDelta::hours(1));
    acme.owner.revoke_invitation_of(&again).await.succeeds();
    assert_eq!(removal_email(&acme, &bob).await, Value::Null);
}

#[rstest]
#[tokio::test]
async fn an_entry_of_the_log_has_the_email_that_went_with_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, carla) = (acme.member("Bob").await, acme.invited("Carla").await);
    let entry = |action: &str, kind: &str, to: &Member| json!({ "action": action, "notification": { "kind": kind, "recipient": to.address } });
    let without = |action: &str| json!({ "action": action, "notification": null });

    acme.owner.change_role(&bob, "ADMIN").await.succeeds();
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.restore(&bob).await.succeeds();
    let expected = [
        entry("MEMBER_RESTORED", "RESTORED", &bob),
        entry("MEMBER_REMOVED", "REMOVED", &bob),
        entry("MEMBER_ROLE_CHANGED", "ROLE_CHANGED", &bob),
        entry("MEMBER_INVITED", "INVITATION", &carla),
        without("INVITATION_ACCEPTED"),
        entry("MEMBER_INVITED", "INVITATION", &bob),
        without("ORGANIZATION_CREATED"),
    ];
    assert_eq!(log_with_emails(&acme, 9).await, json!(expected));

    roster.pass(TimeDelta::hours(1));
    // Nobody is told that the role in their invitation is another one: the invitation tells when it is sent again.
    acme.owner.change_role(&carla, "ADMIN").await.succeeds();
    acme.owner.resend_invitation_of(&carla).await.succeeds();
    acme.owner.revoke_invitation_of(&carla).await.succeeds();
    bob.leave(&acme.id).await.succeeds();
    let expected = [
        without("MEMBER_LEFT"),
        entry("INVITATION_REVOKED", "INVITATION_REVOKED", &carla),
        entry("INVITATION_RESENT", "INVITATION", &carla),
        without("MEMBER_ROLE_CHANGED"),
    ];
    assert_eq!(log_with_emails(&acme, 4).await, json!(expected));
    // One entry by its id says the same as the list.
    let fields = "activities(first: 2) { nodes { id notification { id kind recipient } } }";
    let entries = acme.seen_by(&acme.owner, fields).await.at("/organization/activities/nodes").clone();
    for entry in entries.as_array().unwrap() {
        let node = "query ($id: ID!) { node(id: $id) { ... on Activity { id notification { id kind recipient } } } }";
        assert_eq!(acme.owner.graphql(node, json!({ "id": entry["id"] })).await.at("/node"), entry);
    }
}

#[rstest]
#[tokio::test]
async fn who_may_not_see_emails_does_not_reach_them_from_elsewhere(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let auditors = acme.group("Auditors", &["ACTIVITIES_READ"]).await;
    let (audra, bob) = (acme.member_as("Audra", "MEMBER", &[&auditors]).await, acme.member("Bob").await);
    acme.owner.remove(&bob).await.succeeds();

    let fields = "members(filter: { status: [REMOVED] }) { nodes { status removalNotification { id } } }
        activities(first: 1) { nodes { action notification { id } } }";
    let seen = acme.seen_by(&audra, fields).await;
    let removed = json!([{ "status": "REMOVED", "removalNotification": null }]);
    assert_eq!(seen.at("/organization/members/nodes"), &removed);
    let entry = json!([{ "action": "MEMBER_REMOVED", "notification": null }]);
    assert_eq!(seen.at("/organization/activities/nodes"), &entry);
    assert_eq!(acme.seen_by(&audra, "undeliveredNotificationCount").await.error_code(), "NOT_PERMITTED");
    acme.owner.add_to_group(&acme.group("Post", &["NOTIFICATIONS_READ"]).await, &[&audra]).await.succeeds();
    let seen = acme.seen_by(&audra, &fields.replace("first: 1", "first: 3")).await;
    assert!(seen.at("/organization/members/nodes/0/removalNotification/id").is_string());
    assert!(seen.at("/organization/activities/nodes/2/notification/id").is_string());
}

#[rstest]
#[tokio::test]
async fn emails_count_as_undelivered_until_they_are_sent_or_overtaken(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let globex = roster.organization_of("Gina", "Globex").await;
    assert_eq!(undelivered(&acme).await, 0);
    let (bob, carla) = (acme.invited("Bob").await, acme.invited("Carla").await);
    assert_eq!(undelivered(&acme).await, 2);

    // One is sent, one is to be tried again, and then given up.
    roster.smtp().refuse_recipient(&carla.address, "451 4.3.2 Busy");
    roster.deliver().await;
    assert_eq!(undelivered(&acme).await, 1);
    roster.smtp().refuse_recipient(&carla.address, "550 5.1.1 No such user");
    roster.pass(TimeDelta::hours(1));
    roster.sweep().await;
    assert_eq!(
        acme.notifications().await,
        ["INVITATION carla@example.com FAILED", "INVITATION bob@example.com SENT"]
    );
    assert_eq!(undelivered(&acme).await, 1);

    // Sent again, it is on its way; overtaken, it is nobody's worry any more, whoever is told of that.
    acme.owner.update_organization(&acme, json!({ "revocationEmail": false })).await.succeeds();
    acme.owner.resend_notification(acme.last_notification().await["id"].as_str().unwrap()).await.succeeds();
    assert_eq!(undelivered(&acme).await, 1);
    acme.owner.revoke_invitation_of(&carla).await.succeeds();
    assert_eq!(undelivered(&acme).await, 0);
    assert_eq!(
        acme.notifications().await,
        ["INVITATION carla@example.com CANCELED", "INVITATION bob@example.com SENT"]
    );

    // Sent once and sent again.
    let of_bob = acme.seen_by(&acme.owner, "notifications(status: [SENT]) { nodes { id } }").await;
    acme.owner.resend_notification(&of_bob.text("/organization/notifications/nodes/0/id")).await.succeeds();
    assert_eq!(undelivered(&acme).await, 1);
    roster.smtp().answer_next(Stage::EndOfData, "554 5.7.1 Spam");
    roster.deliver().await;
    assert_eq!((undelivered(&acme).await, undelivered(&globex).await), (json!(1), json!(0)));
    assert!(!roster.mails_to(&bob).await.is_empty());
}
