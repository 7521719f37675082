//! The groups of somebody who is restored: those of before, as far as they are there.

use chrono::TimeDelta;
use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn a_group_that_was_deleted_is_named_in_a_warning_and_in_the_email(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (design, lab) = (acme.group("Design", &[]).await, acme.group("Lab", &[]).await);
    let bob = acme.member_as("Bob", "MEMBER", &[&design, &lab]).await;
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.delete_group(&lab).await.succeeds();
    // Another one of this name is another one.
    acme.group("Lab", &["MEMBERS_INVITE"]).await;

    let restored = acme.owner.restore(&bob).await;
    let payload = restored.succeeds();
    assert_eq!(payload["warnings"], json!(["The group Lab does not exist any more."]));
    assert_eq!(payload["member"]["groups"], json!([{ "name": "Design" }]));
    assert_eq!(acme.rights_of(&bob).await, "MEMBERS_READ");
    let text = roster.last_mail_to(&bob).await.text();
    let (again, lost) = text.split_once("This group does not exist any more:").unwrap();
    assert!(again.contains("- Design") && lost.contains("- Lab") && !again.contains("Lab"), "{text}");
}

#[rstest]
#[tokio::test]
async fn a_group_with_another_name_is_still_the_same_group(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&design]).await;
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.update_group(&design, json!({ "name": "Brand" })).await.succeeds();

    let restored = acme.owner.restore(&bob).await;
    assert_eq!(restored.succeeds()["warnings"], json!([]));
    assert_eq!(restored.payload()["member"]["groups"], json!([{ "name": "Brand" }]));
    let text = roster.last_mail_to(&bob).await.text();
    assert!(text.contains("- Brand") && !text.contains("Design"), "{text}");
}

#[rstest]
#[tokio::test]
async fn a_group_that_grants_more_by_now_is_not_given_by_somebody_with_less(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let crew = acme.group("Crew", &[]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&crew]).await;
    ada.remove(&bob).await.succeeds();
    acme.owner.update_group(&crew, json!({ "permissions": ["OWNERS_MANAGE"] })).await.succeeds();

    acme.unchanged_by(ada.restore(&bob)).await.fails_with("ROLE_ABOVE_YOURS");
    assert_eq!(acme.rights_of(&bob).await, "refused: NOT_FOUND");
    acme.owner.restore(&bob).await.succeeds();
    assert_eq!(acme.rights_of(&bob).await, "MEMBERS_READ OWNERS_MANAGE");
}

/// The groups of the last removal count, not those of an earlier one.
#[rstest]
#[tokio::test]
async fn groups_that_they_had_left_before_are_not_joined_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (design, lab) = (acme.group("Design", &[]).await, acme.group("Lab", &[]).await);
    let bob = acme.member_as("Bob", "MEMBER", &[&design]).await;
    acme.owner.remove(&bob).await.succeeds();
    roster.pass(TimeDelta::days(1));
    acme.member_as("Bob", "ADMIN", &[&lab]).await;
    acme.owner.remove(&bob).await.succeeds();
    let restored = acme.owner.restore(&bob).await;
    let member = &restored.succeeds()["member"];
    assert_eq!((&member["role"], &member["groups"]), (&json!("ADMIN"), &json!([{ "name": "Lab" }])));
}
