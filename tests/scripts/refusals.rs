//! What keeps a command from running at all: nothing on standard output, a sentence on standard error, exit code 2.

use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

use crate::{Script, seed};

const LIST: [&str; 4] = ["members", "list", "--organization", "acme"];
const REMOVE: [&str; 5] = ["members", "remove", "--organization", "acme", "bob@example.com"];

#[rstest]
#[tokio::test]
async fn a_bad_token_is_refused_and_not_shown(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let script = Script::new(roster.url(), Some("roster_secret"));
    for command in [&LIST[..], &REMOVE] {
        let refused = script.run(command).await;
        assert_eq!(refused.fails(), "There is no such API token.");
        assert!(!refused.stderr.contains("roster_secret"), "{refused:#?}");
    }
    let help = script.run(&["members", "list", "--help"]).await;
    assert!(help.stdout.contains("ROSTER_TOKEN") && !help.stdout.contains("roster_secret"), "{help:#?}");
}

#[tokio::test]
async fn without_a_token_the_command_says_where_to_put_one() {
    for token in [None, Some(""), Some(" ")] {
        let refused = Script::new("http://127.0.0.1:1", token).run(&LIST).await;
        assert!(refused.fails().contains("ROSTER_TOKEN"), "{refused:#?}");
    }
}

#[rstest]
#[tokio::test]
async fn an_organization_that_is_not_there_or_not_ones_own_is_not_found(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let globex = roster.organization_of("Greta", "Globex").await;
    globex.member("Bob").await;
    let script = Script::of(&acme).await;
    for name in ["nowhere", "globex", &globex.id] {
        for rest in [
            &["list"][..],
            &["remove", "bob@example.com"],
            &["invite", "eve@example.com"],
            &["restore", "bob@example.com"],
        ] {
            let refused = script.run(&[&["members"], rest, &["--organization", name]].concat()).await;
            assert_eq!(
                refused.fails(),
                "There is no such organization, or you have no access to it.",
                "{rest:?}"
            );
        }
    }
    assert_eq!(globex.members(json!({})).await, ["Bob: ACTIVE", "Greta: ACTIVE"]);
}

#[rstest]
#[tokio::test]
async fn who_lacks_a_permission_is_told_which(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let zoe = acme.member("Zoe").await;
    let refused =
        Script::with_token_of(&bob).run(&["members", "remove", "--organization", "acme", &zoe.id]).await;
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
    assert!(refused.stderr.contains("You need the MEMBERS_REMOVE permission in Acme."), "{refused:#?}");
    // There is nothing to go on with.
    assert!(!refused.stderr.contains("--idempotency-key"), "{refused:#?}");
}

/// It tries several times before it gives up.
#[tokio::test]
async fn a_server_that_cannot_be_reached_is_named() {
    let refused = Script::new("http://127.0.0.1:1", Some("token")).run(&LIST).await;
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
    assert_eq!(
        refused.stderr.matches("Roster at http://127.0.0.1:1 cannot be reached").count(),
        5,
        "{refused:#?}"
    );
    assert!(refused.stderr.ends_with("Is it running, and is --url right?\n"), "{refused:#?}");
}

#[rstest]
#[tokio::test]
async fn what_is_not_roster_is_told_from_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let script = Script::of(&acme).await.at(&format!("{}/graphql", roster.url()));
    let refused = script.run(&LIST).await;
    assert!(refused.fails().contains("does not answer as Roster's API does (404 Not Found)"), "{refused:#?}");
}

#[rstest]
#[tokio::test]
async fn wrong_usage_changes_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let people = seed::members(&acme, 3).await;
    let script = Script::of(&acme).await;
    let many = script.file("many.txt", &"x@example.com\n".repeat(1_001));
    let many = many.to_str().unwrap();
    let note = "n".repeat(1_001);
    let in_acme = |command: &[&'static str]| [&["members"], command, &["--organization", "acme"]].concat();
    for (arguments, problem) in [
        (in_acme(&["remove"]), "Nobody is named."),
        ([&in_acme(&["remove"])[..], &["--from", "missing.txt"]].concat(), "missing.txt cannot be read"),
        (
            [&in_acme(&["remove"])[..], &["--atomic", "--from", many]].concat(),
            "at most 1,000 people can be named; these are 1,001",
        ),
        (
            [&in_acme(&["invite"])[..], &["--atomic", "--from", many]].concat(),
            "at most 500 people can be named; these are 1,001",
        ),
        ([&in_acme(&["remove"])[..], &["--note", &note, &people[0]]].concat(), "at most"),
        (
            [&in_acme(&["remove"])[..], &["--url", "example.com", &people[0]]].concat(),
            "https://roster.example.com",
        ),
        (vec!["members", "remove", &people[0]], "--organization"),
        ([&in_acme(&["list"])[..], &["--status", "gone"]].concat(), "active, invited, removed"),
    ] {
        let refused = script.run(&arguments).await;
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused:#?}");
        assert!(refused.stderr.contains(problem), "{problem}: {refused:#?}");
    }
    assert_eq!(acme.members(json!({})).await.len(), 4);
    // Nothing but what the script wrote itself: no database, no settings.
    assert_eq!(script.files(), ["many.txt"]);
}
