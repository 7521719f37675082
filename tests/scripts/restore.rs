//! `roster members restore`.

use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

use crate::{Script, seed};

const RESTORE: [&str; 4] = ["members", "restore", "--organization", "acme"];

#[rstest]
#[tokio::test]
async fn removed_members_come_back_and_those_who_cannot_are_named(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let globex = roster.organization("Globex").await;
    let design = acme.group("Design", &[]).await;
    let bob = acme.member_as("Bob", "ADMIN", &[&design]).await;
    let (ada, lea, zoe) = (acme.member("Ada").await, acme.member("Lea").await, acme.member("Zoe").await);
    let other = globex.member("Sam").await;
    for (organization, member) in [(&acme, &bob), (&acme, &ada), (&globex, &other)] {
        organization.owner.remove(member).await.succeeds();
    }
    lea.leave(&acme.id).await.succeeds();
    // Olivia owns Globex too, and calls as herself: only what is in Acme is restored.
    let script = Script::with_token_of(&acme.owner);
    let people =
        ["bob@example.com", &ada.id, "lea@example.com", &zoe.id, &other.id, "nobody@example.com", "member_x"];

    let dry = script.run(&[&RESTORE[..], &people, &["--dry-run"]].concat()).await;
    assert_eq!(acme.members(json!({})).await, ["Olivia: ACTIVE", "Zoe: ACTIVE"]);
    let restored = script.run(&[&RESTORE[..], &people].concat()).await;

    assert_eq!(dry.results(1), restored.results(1));
    assert_eq!(
        restored.results(1),
        [
            "bob@example.com: changed",
            "ada@example.com: changed",
            "lea@example.com: LEFT_VOLUNTARILY",
            "zoe@example.com: NOT_REMOVED",
            &format!("{}: MEMBER_NOT_FOUND", other.id),
            "nobody@example.com: MEMBER_NOT_FOUND",
            "member_x: BAD_USER_INPUT",
        ]
    );
    assert_eq!(restored.json(1)["message"], "2 restored, 5 refused.");
    assert_eq!(
        acme.members(json!({})).await,
        ["Ada: ACTIVE", "Bob: ACTIVE", "Olivia: ACTIVE", "Zoe: ACTIVE"]
    );
    assert_eq!(acme.members(json!({ "groupIds": [design] })).await, ["Bob: ACTIVE"]);
    assert_eq!(globex.members(json!({})).await, ["Olivia: ACTIVE"]);
}

/// More than the API takes in one document.
#[rstest]
#[tokio::test]
async fn many_are_restored(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let addresses = seed::members(&acme, 45).await;
    let script = Script::of(&acme).await;
    let list = addresses.join("\n");
    let from = ["--organization", "acme", "--from", "-"];
    script.run_with_input(&[&["members", "remove"][..], &from].concat(), &list).await.json(0);
    assert_eq!(acme.members(json!({})).await, ["Olivia: ACTIVE"]);

    let restored = script.run_with_input(&[&["members", "restore"][..], &from].concat(), &list).await;
    assert_eq!(restored.json(0)["message"], "45 restored.");
    assert_eq!(acme.members(json!({})).await.len(), 46);
}

/// A group that is gone does not keep a member away.
#[rstest]
#[tokio::test]
async fn what_could_not_be_restored_is_a_warning(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&design]).await;
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.delete_group(&design).await.succeeds();

    let restored = Script::of(&acme).await.run(&[&RESTORE[..], &["bob@example.com"]].concat()).await;
    let report = restored.json(0);
    let warnings = report["results"][0]["warnings"].as_array().unwrap();
    assert!(warnings.len() == 1 && warnings[0].as_str().unwrap().contains("Design"), "{report:#}");
}
