//! The first answer again, whatever has happened since.

use chrono::TimeDelta;
use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

use super::{is_replayed, remove, said};

#[rstest]
#[tokio::test]
async fn a_removal_is_answered_as_before_though_somebody_was_invited_again_meanwhile(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, dana) = (acme.member("Bob").await, acme.invited("Dana").await);
    let list = [&bob, &acme.owner, &dana, &bob];
    let first = remove(&acme, &acme.owner, &list, "tuesday").await;
    assert_eq!(first.outcomes(), ["done", "CANNOT_REMOVE_SELF", "done", "DUPLICATE_IN_REQUEST"]);
    assert!(!is_replayed(&first));

    let again = acme.member("Bob").await;
    let mails = (roster.mails_to(&bob).await.len(), roster.mails_to(&dana).await.len());
    roster.pass(TimeDelta::hours(23));
    let replay = acme.unchanged_by(remove(&acme, &acme.owner, &list, "tuesday")).await;
    assert!(is_replayed(&replay));
    similar_asserts::assert_eq!(format!("{:#}", said(&replay)), format!("{:#}", said(&first)));
    assert_eq!(replay.message(), "2 people were removed from Acme; 2 could not be removed.");
    // What it shows of him is not of before.
    assert_eq!(replay.payload()["results"][0]["member"], json!({ "id": bob.id, "status": "ACTIVE" }));
    assert_eq!((roster.mails_to(&bob).await.len(), roster.mails_to(&dana).await.len()), mails);
    assert_eq!(acme.rights_of(&again).await, "MEMBERS_READ");
}

#[rstest]
#[tokio::test]
async fn the_refusal_of_a_whole_list_is_an_answer_too(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    let kim = acme.member_as("Kim", "ADMIN", &[&keys]).await;
    let bob = acme.member("Bob").await;
    let members = json!([{ "memberId": bob.id }, { "memberId": acme.owner.id }]);
    let input = json!({ "members": members, "mode": "ATOMIC", "idempotencyKey": "tuesday" });
    let first = acme.unchanged_by(kim.remove_all_with(&acme, input.clone())).await;
    assert_eq!(first.outcomes(), ["unchanged", "LAST_OWNER"]);

    // Now both could be removed.
    acme.member_as("Otto", "OWNER", &[]).await;
    let replay = acme.unchanged_by(kim.remove_all_with(&acme, input)).await;
    assert!(is_replayed(&replay) && !is_replayed(&first));
    assert_eq!(said(&replay), said(&first));
}

#[rstest]
#[tokio::test]
async fn invitations_and_changes_of_a_group_are_answered_as_before(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let (bob, carla) = (acme.member("Bob").await, acme.member("Carla").await);
    let people = json!([{ "email": "dana@example.com" }, { "email": "bob@example.com" }]);
    let calls = [
        ("inviteMembers", json!({ "organizationId": acme.id, "people": people, "idempotencyKey": "1" })),
        (
            "addGroupMembers",
            json!({ "groupId": design, "memberIds": [bob.id, carla.id], "idempotencyKey": "2" }),
        ),
        ("removeGroupMembers", json!({ "groupId": design, "memberIds": [bob.id], "idempotencyKey": "3" })),
    ];
    let fields =
        "changed replayed message results { changed member { status } error { code message path memberId } }";
    let mut answers = Vec::new();
    for (mutation, input) in &calls {
        answers.push(acme.owner.mutate(mutation, input.clone(), fields).await);
    }
    let outcomes: Vec<_> = answers.iter().map(|answer| answer.outcomes()).collect();
    assert_eq!(outcomes, [vec!["done", "ALREADY_MEMBER"], vec!["done", "done"], vec!["done"]]);

    roster.person("Dana").decline(&roster.link_token("dana@example.com").await).await.succeeds();
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.take_out_of_group(&design, &[&carla]).await.succeeds();
    for ((mutation, input), first) in calls.iter().zip(&answers) {
        let replay = acme.unchanged_by(acme.owner.mutate(mutation, input.clone(), fields)).await;
        assert!(is_replayed(&replay) && !is_replayed(first));
        assert_eq!(said(&replay), said(first));
    }
    assert_eq!(roster.mails_to_address("dana@example.com").await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn after_a_day_it_is_a_new_request(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    remove(&acme, &acme.owner, &[&bob], "tuesday").await.succeeds();
    acme.member("Bob").await;
    let before = roster.mails_to(&bob).await.len();

    roster.pass(TimeDelta::hours(24) - TimeDelta::seconds(1));
    let replay = acme.unchanged_by(remove(&acme, &acme.owner, &[&bob], "tuesday")).await;
    assert!(is_replayed(&replay));
    // A replay does not make it last longer.
    roster.pass(TimeDelta::seconds(1));
    let new = remove(&acme, &acme.owner, &[&bob], "tuesday").await;
    new.succeeds();
    assert!(!is_replayed(&new));
    assert_eq!(acme.rights_of(&bob).await, "refused: NOT_FOUND");
    assert_eq!(roster.mails_to(&bob).await.len(), before + 1);
    assert!(is_replayed(&remove(&acme, &acme.owner, &[&bob], "tuesday").await));
}
