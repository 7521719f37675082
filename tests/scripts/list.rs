//! `roster members list`.

use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

use crate::{Script, seed};

/// All fields of everybody, whatever the number of pages.
#[rstest]
#[tokio::test]
async fn a_list_has_everybody_on_all_pages(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let addresses = seed::members(&acme, 250).await;

    let listed = Script::of(&acme).await.run(&["members", "list", "--organization", "acme"]).await;

    let listed = listed.json(0);
    let emails: Vec<_> = listed.as_array().unwrap().iter().map(|m| m["email"].as_str().unwrap()).collect();
    let mut expected: Vec<_> = addresses.iter().map(String::as_str).collect();
    expected.insert(0, "olivia@example.com");
    assert_eq!(sorted(&emails), sorted(&expected));
}

fn sorted<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

#[rstest]
#[tokio::test]
async fn a_member_has_the_fields_that_a_script_needs(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (design, on_call) = (acme.group("Design", &[]).await, acme.group("On-call", &[]).await);
    let bob = acme.member_as("Bob", "ADMIN", &[&design, &on_call]).await;
    let dana = acme.invited("Dana").await;
    let zoe = acme.member("Zoe").await;
    acme.owner.remove(&zoe).await.succeeds();
    let script = Script::of(&acme).await;

    let all = ["members", "list", "--organization", "acme", "--status", "active,invited,removed"];
    let listed = script.run(&[&all[..], &["--search", "o"]].concat()).await;
    let named = |name: &str| {
        let listed = listed.json(0);
        listed.as_array().unwrap().iter().find(|member| member["name"] == name).unwrap().clone()
    };
    assert_eq!(
        named("Bob"),
        json!({
            "id": bob.id, "name": "Bob", "email": "bob@example.com", "role": "ADMIN", "status": "ACTIVE",
            "groups": ["Design", "On-call"], "joinedAt": "2026-11-21T12:00:00+00:00", "removedAt": null,
        })
    );
    assert_eq!(named("Zoe")["removedAt"], "2026-11-21T12:00:00+00:00");

    // By slug or by id, each filter by itself and all together.
    for (filter, expected) in [
        (&["--status", "invited"][..], vec![&dana.id]),
        (&["--status", "removed"], vec![&zoe.id]),
        (&["--role", "owner,admin"], vec![&bob.id, &acme.owner.id]),
        (&["--group", "design"], vec![&bob.id]),
        (&["--group", "Design", "--role", "member"], vec![]),
        (&["--search", "DANA@"], vec![&dana.id]),
        (&["--search", "nobody"], vec![]),
    ] {
        let arguments = [&["members", "list", "--organization", &acme.id][..], filter].concat();
        let listed = script.run(&arguments).await.json(0);
        let ids: Vec<_> = listed.as_array().unwrap().iter().map(|member| member["id"].clone()).collect();
        assert_eq!(json!(ids), json!(expected), "{filter:?}");
    }
}

#[rstest]
#[tokio::test]
async fn a_table_is_for_people(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&design]).await;
    let dana = acme.invited("Dana").await;

    let arguments = ["members", "list", "--organization", "acme", "--output", "table"];
    let listed = Script::of(&acme).await.run(&arguments).await;

    let (bob, dana, olivia) = (&bob.id, &dana.id, &acme.owner.id);
    let expected = format!(
        "\
NAME    EMAIL               ROLE    STATUS   SINCE       ID                                 GROUPS
Bob     bob@example.com     member  active   2026-11-21  {bob}  Design
        dana@example.com    member  invited              {dana}
Olivia  olivia@example.com  owner   active   2026-11-21  {olivia}
"
    );
    assert_eq!((listed.code, listed.stderr.as_str()), (Some(0), ""));
    similar_asserts::assert_eq!(listed.stdout, expected);
}
