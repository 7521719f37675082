//! Removed and restored, again and again.

use chrono::TimeDelta;
use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn each_removal_and_each_restoring_counts_for_itself(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (design, lab) = (acme.group("Design", &[]).await, acme.group("Lab", &[]).await);
    let bob = acme.member_as("Bob", "MEMBER", &[&design]).await;
    let restored_at =
        async || acme.member_seen_by(&acme.owner, &bob, "restoredAt").await["restoredAt"].clone();

    acme.owner.remove(&bob).await.succeeds();
    roster.pass(TimeDelta::days(1));
    acme.owner.restore(&bob).await.succeeds();
    assert_eq!(restored_at().await, "2026-11-22T12:00:00+00:00");

    // He is more and somewhere else when he is removed for the second time.
    acme.owner.change_role(&bob, "ADMIN").await.succeeds();
    acme.owner.add_to_group(&lab, &[&bob]).await.succeeds();
    acme.owner.take_out_of_group(&design, &[&bob]).await.succeeds();
    // The window of the first removal is long over.
    roster.pass(TimeDelta::days(40));
    acme.owner.remove(&bob).await.succeeds();
    assert_eq!(restored_at().await, json!(null));
    assert_eq!(acme.rights_of(&bob).await, "refused: NOT_FOUND");
    roster.pass(TimeDelta::days(1));
    let restored = acme.owner.restore(&bob).await;
    let member = &restored.succeeds()["member"];
    assert_eq!((&member["role"], &member["groups"]), (&json!("ADMIN"), &json!([{ "name": "Lab" }])));
    assert_eq!(restored_at().await, "2027-01-02T12:00:00+00:00");

    let subjects: Vec<_> = roster.mails_to(&bob).await.iter().map(|mail| mail.subject()).collect();
    let (gone, back) = ("You have been removed from Acme", "You are a member of Acme again");
    assert_eq!(subjects[1..], [gone, back, "Your role in Acme is now admin", gone, back]);
}

/// What was restored is nothing special any more when somebody joins anew.
#[rstest]
#[tokio::test]
async fn who_comes_back_by_an_invitation_was_not_restored(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.restore(&bob).await.succeeds();
    acme.unchanged_by(acme.owner.restore(&bob)).await.changes_nothing();
    acme.owner.remove(&bob).await.succeeds();
    acme.member("Bob").await;
    acme.unchanged_by(acme.owner.restore(&bob)).await.fails_with("NOT_REMOVED");
    assert_eq!(acme.member_seen_by(&acme.owner, &bob, "restoredAt").await, json!({ "restoredAt": null }));
}
