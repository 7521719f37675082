//! The commands of the README's section "For scripts", as they stand there.

use std::process::Stdio;

use roster_tests::{On, Organization, Roster, binary};
use rstest::rstest;
use secrecy::ExposeSecret;
use serde_json::json;

use crate::{Script, script::finished};

/// Where the README says that Roster is.
const README_URL: &str = "http://127.0.0.1:8080";

#[rstest]
#[tokio::test]
async fn the_commands_of_the_readme_do_what_it_says(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let owner = roster.person_with_address("Olivia", "owner@example.com");
    let acme = Organization::create_with(owner, json!({ "name": "Acme" })).await;
    let design = acme.group("Design", &[]).await;
    let (bob, zoe, max) = (acme.member("Bob").await, acme.member("Zoe").await, acme.member("Max").await);
    roster.deliver().await;

    // As a folder on the PATH has the binary; the operator's settings are those of this Roster.
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", binary().parent().unwrap().display());
    let database = roster.parts().config.database.url.expose_secret();
    let script = Script::new(roster.url(), None);
    let mut shell = script.command("sh");
    shell
        .args(["-eu", "-c", &blocks().replace(README_URL, roster.url())])
        .env_remove("ROSTER_CONFIG")
        .env_remove("ROSTER_HTTP__LISTEN")
        .envs([("PATH", path.as_str()), ("ROSTER_DATABASE__URL", database)])
        .envs([("ORGANIZATION", &acme.id), ("MEMBER", &max.id)])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let done = finished(shell.spawn().unwrap()).await;

    assert_eq!(done.code, Some(0), "{done:#?}");
    for part in [
        &format!("\"id\":\"{}\"", bob.id),
        "Dry run, nothing was done. It would be: 2 removed.",
        "\"message\": \"2 removed.\"",
        "\"message\": \"1 restored.\"",
        "\"message\": \"2 invited.\"",
        "\"message\":\"Max was removed from Acme.\"",
    ] {
        assert!(done.stdout.contains(part), "{part}: {done:#?}");
    }
    let here = ["dana@example.com: INVITED", "eve@example.com: INVITED", "Olivia: ACTIVE", "Zoe: ACTIVE"];
    assert_eq!(acme.members(json!({})).await, here);
    assert_eq!(acme.members(json!({ "groupIds": [design] })).await, here[..2]);
    assert_eq!(acme.members(json!({ "status": ["REMOVED"] })).await, ["Bob: REMOVED", "Max: REMOVED"]);
    assert!(roster.last_mail_to(&bob).await.text().contains("Thank you!"));
    let mail = roster.last_mail_to(&zoe).await;
    assert!(mail.subject().ends_with("a member of Acme again"), "{}", mail.subject());

    assert_eq!(script.files(), ["activities.jsonl", "joiners.txt", "leavers.txt", "members.csv"]);
    let members = script.read("members.csv");
    assert!(members.contains("bob@example.com") && !members.contains("dana@example.com"), "{members}");
    let actions = script.read("activities.jsonl");
    let first: serde_json::Value = serde_json::from_str(actions.lines().next().unwrap()).unwrap();
    assert!(first.is_object() && actions.contains("MEMBER_RESTORED"), "{actions}");
}

/// The `sh` blocks of the section, one after the other.
fn blocks() -> String {
    let readme = include_str!("../../README.md");
    let section = readme.split_once("\n## For scripts\n").expect("the section").1;
    let section = section.split_once("\n## ").expect("another section follows").0;
    let blocks: Vec<_> =
        section.split("```sh\n").skip(1).map(|rest| rest.split_once("```").expect("an end").0).collect();
    assert_eq!(blocks.len(), 3, "{section}");
    blocks.concat()
}
