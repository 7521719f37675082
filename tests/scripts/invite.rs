//! `roster members invite`.

use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

use crate::Script;

const INVITE: [&str; 4] = ["members", "invite", "--organization", "acme"];

#[rstest]
#[tokio::test]
async fn people_are_invited_from_a_file_into_groups(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (design, on_call) = (acme.group("Design", &[]).await, acme.group("On-call", &[]).await);
    acme.member("Bob").await;
    let script = Script::of(&acme).await;
    let file =
        script.file("joiners.txt", "dana@example.com\nbob@example.com\nEve@example.com\nnot an address\n");

    let options =
        ["--role", "admin", "--group", "design", "--group", "On-call", "--from", file.to_str().unwrap()];
    let invited = script.run(&[&INVITE[..], &options].concat()).await;

    assert_eq!(
        invited.results(1),
        [
            "dana@example.com: changed",
            "bob@example.com: ALREADY_MEMBER",
            "Eve@example.com: changed",
            "not an address: INVALID_EMAIL",
        ]
    );
    let report = invited.json(1);
    assert_eq!(report["message"], "2 invited, 2 refused.");
    let filter = json!({ "groupIds": [design], "role": ["ADMIN"], "status": ["INVITED"] });
    let there = ["dana@example.com: INVITED", "Eve@example.com: INVITED"];
    assert_eq!(acme.members(filter).await, there);
    assert_eq!(acme.members(json!({ "groupIds": [on_call] })).await, there);
    assert_eq!(roster.mails_to_address("eve@example.com").await.len(), 1);
    let listed = script.run(&["members", "list", "--organization", "acme", "--status", "invited"]).await;
    assert_eq!(report["results"][0]["member"], listed.json(0)[0]["id"]);
}

#[rstest]
#[tokio::test]
async fn a_dry_run_invites_nobody(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let arguments = [&INVITE[..], &["--dry-run", "dana@example.com", "olivia@example.com"]].concat();
    let dry = Script::of(&acme).await.run(&arguments).await;

    assert_eq!(dry.results(1), ["dana@example.com: changed", "olivia@example.com: ALREADY_MEMBER"]);
    assert_eq!(dry.json(1)["results"][0]["member"], json!(null));
    assert_eq!(acme.members(json!({})).await, ["Olivia: ACTIVE"]);
    assert_eq!(roster.mails_to_address("dana@example.com").await.len(), 0);
}

#[rstest]
#[tokio::test]
async fn atomic_invites_all_or_nobody(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let script = Script::of(&acme).await;
    let arguments = [&INVITE[..], &["--atomic", "dana@example.com", "olivia@example.com"]].concat();

    let refused = script.run(&arguments).await;
    assert_eq!(refused.results(1), ["dana@example.com: unchanged", "olivia@example.com: ALREADY_MEMBER"]);
    assert_eq!(acme.members(json!({})).await, ["Olivia: ACTIVE"]);
}

#[rstest]
#[tokio::test]
async fn an_unknown_group_is_told_before_anybody_is_invited(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.group("Design", &[]).await;
    let arguments = [&INVITE[..], &["--group", "Design", "--group", "Desing", "dana@example.com"]].concat();

    let refused = Script::of(&acme).await.run(&arguments).await;
    assert_eq!(refused.fails(), "The organization has no group \"Desing\". Nothing was done.");
    assert_eq!(acme.members(json!({})).await, ["Olivia: ACTIVE"]);
}
