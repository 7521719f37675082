//! `roster members remove`.

use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use crate::Script;

const REMOVE: [&str; 4] = ["members", "remove", "--organization", "acme"];

#[rstest]
#[tokio::test]
async fn people_are_removed_by_address_and_by_id_and_those_who_are_refused_are_named(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let globex = roster.organization_of("Greta", "Globex").await;
    let (bob, zoe, ada) = (acme.member("Bob").await, acme.member("Zoe").await, acme.member("Ada").await);
    acme.invited("Dana").await;
    acme.owner.remove(&ada).await.succeeds();
    let stranger = globex.member("Sam").await;
    let script = Script::of(&acme).await;

    let people = [
        "BOB@example.com",
        &zoe.id,
        "dana@example.com",
        "ada@example.com",
        "nobody@example.com",
        &stranger.id,
        "sam@example.com",
        "olivia@example.com",
        "bob",
        "bob@",
    ];
    let removed = script.run(&[&REMOVE[..], &people, &["--note", "Thank you!"]].concat()).await;

    assert_eq!(
        removed.results(1),
        [
            "bob@example.com: changed",
            "zoe@example.com: changed",
            "dana@example.com: changed",
            "ada@example.com: unchanged",
            "nobody@example.com: MEMBER_NOT_FOUND",
            &format!("{}: MEMBER_NOT_FOUND", stranger.id),
            "sam@example.com: MEMBER_NOT_FOUND",
            "olivia@example.com: CANNOT_REMOVE_SELF",
            "bob: BAD_USER_INPUT",
            "bob@: INVALID_EMAIL",
        ]
    );
    let report = removed.json(1);
    assert_eq!(report["message"], "3 removed, 1 unchanged, 6 refused.");
    assert_eq!((&report["changed"], &report["complete"]), (&json!(true), &json!(true)));
    assert_eq!(report["idempotencyKey"], removed.key());
    assert_eq!(report["results"][0]["member"], bob.id);
    assert_eq!(report["results"][0]["message"], "Bob was removed from Acme.");
    // The sentences of those who were refused are told beside the results too.
    let sentence = "roster: olivia@example.com: You cannot remove yourself from Acme.";
    assert!(removed.stderr.contains(sentence), "{removed:#?}");

    let gone = ["Ada: REMOVED", "Bob: REMOVED", "dana@example.com: REMOVED", "Zoe: REMOVED"];
    assert_eq!(acme.members(json!({ "status": ["REMOVED"] })).await, gone);
    assert_eq!(globex.rights_of(&stranger).await, "MEMBERS_READ");
    assert_eq!(acme.invitations().await.iter().filter(|line| line.contains("REVOKED")).count(), 1);
    let mail = roster.last_mail_to(&bob).await;
    assert!(mail.text().contains("Thank you!"), "{}", mail.text());
}

#[rstest]
#[tokio::test]
async fn a_list_of_people_is_read_from_a_file_or_from_standard_input(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    for name in ["Ada", "Bob", "Zoe"] {
        acme.member(name).await;
    }
    let script = Script::of(&acme).await;
    let file = script.file("leavers.txt", "# since May\r\nbob@example.com\r\n\r\n");

    let removed = script.run(&[&REMOVE[..], &["--from", file.to_str().unwrap()]].concat()).await;
    assert_eq!(removed.results(0), ["bob@example.com: changed"]);
    let removed = script
        .run_with_input(&[&REMOVE[..], &["ada@example.com", "--from", "-"]].concat(), "zoe@example.com")
        .await;
    assert_eq!(removed.results(0), ["ada@example.com: changed", "zoe@example.com: changed"]);
    assert_eq!(acme.members(json!({})).await, ["Olivia: ACTIVE"]);

    // A nightly list that happens to be empty is no mistake.
    let nothing = script.run_with_input(&[&REMOVE[..], &["--from", "-"]].concat(), "# nobody today\n").await;
    assert_eq!(nothing.results(0), [""; 0]);
    assert_eq!(nothing.json(0)["message"], "0 removed.");
}

#[rstest]
#[tokio::test]
async fn a_dry_run_says_what_would_be_and_changes_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.member("Bob").await;
    let script = Script::of(&acme).await;
    let (log, emails) = (acme.activities().await, acme.notifications().await);

    let arguments = [&REMOVE[..], &["--dry-run", "bob@example.com", "olivia@example.com"]].concat();
    let dry = script.run(&arguments).await;

    assert_eq!(dry.results(1), ["bob@example.com: changed", "olivia@example.com: CANNOT_REMOVE_SELF"]);
    let report = dry.json(1);
    assert_eq!(report["message"], "Dry run, nothing was done. It would be: 1 removed, 1 refused.");
    assert_eq!((&report["dryRun"], &report["idempotencyKey"]), (&json!(true), &Value::Null));
    assert_eq!(acme.members(json!({})).await, ["Bob: ACTIVE", "Olivia: ACTIVE"]);
    assert_eq!((acme.activities().await, acme.notifications().await), (log, emails));
}

#[rstest]
#[tokio::test]
async fn atomic_removes_all_or_nobody(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.member("Bob").await;
    acme.member("Zoe").await;
    let script = Script::of(&acme).await;
    let atomic = [&REMOVE[..], &["--atomic", "bob@example.com", "zoe@example.com"]].concat();

    // Whether it is the server that refuses somebody, or nobody is found.
    for (other, code) in [("olivia@example.com", "CANNOT_REMOVE_SELF"), ("x@example.com", "MEMBER_NOT_FOUND")]
    {
        let refused = script.run(&[&atomic[..], &[other]].concat()).await;
        let expected =
            ["bob@example.com: unchanged", "zoe@example.com: unchanged", &format!("{other}: {code}")];
        assert_eq!(refused.results(1), expected);
        assert_eq!(acme.members(json!({})).await, ["Bob: ACTIVE", "Olivia: ACTIVE", "Zoe: ACTIVE"]);
    }

    assert_eq!(
        script.run(&atomic).await.results(0),
        ["bob@example.com: changed", "zoe@example.com: changed"]
    );
    assert_eq!(acme.members(json!({})).await, ["Olivia: ACTIVE"]);
}

#[rstest]
#[tokio::test]
async fn invitations_that_somebody_has_sent_are_revoked_on_request(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    acme.invite_by(&ada, "dana@example.com", "MEMBER", &[]).await.succeeds();

    let arguments = [&REMOVE[..], &["--revoke-sent-invitations", "ada@example.com"]].concat();
    Script::of(&acme).await.run(&arguments).await.results(0);
    assert!(acme.invitations().await.contains(&"dana@example.com REVOKED".to_owned()));
}

#[rstest]
#[tokio::test]
async fn results_in_a_table_are_for_people(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.member("Bob").await;

    let people = ["bob@example.com", "nobody@example.com"];
    let arguments = [&REMOVE[..], &people, &["--output", "table", "--idempotency-key", "may"]].concat();
    let removed = Script::of(&acme).await.run(&arguments).await;

    assert_eq!((removed.code, removed.key()), (Some(1), "may"));
    similar_asserts::assert_eq!(
        removed.stdout,
        "\
PERSON              RESULT            MESSAGE
bob@example.com     removed           Bob was removed from Acme.
nobody@example.com  MEMBER_NOT_FOUND  The organization has no such member.

1 removed, 1 refused.
"
    );
}
