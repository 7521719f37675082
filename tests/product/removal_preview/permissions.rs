//! What a member may do, and where each permission comes from.

use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

use super::preview;

#[rstest]
#[tokio::test]
async fn each_permission_comes_from_the_role_or_from_groups_or_from_both(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let hiring = acme.group("Hiring", &["MEMBERS_INVITE"]).await;
    let crew = acme.group("Crew", &["MEMBERS_READ", "MEMBERS_INVITE"]).await;
    let design = acme.group("Design", &[]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&hiring, &crew, &design]).await;

    let fields = "role groups { name } permissions { permission role groups { name } }";
    assert_eq!(
        preview(&acme, &acme.owner, &bob, fields).await,
        json!({
            "role": "MEMBER",
            "groups": [{ "name": "Crew" }, { "name": "Design" }, { "name": "Hiring" }],
            "permissions": [
                { "permission": "MEMBERS_READ", "role": "MEMBER", "groups": [{ "name": "Crew" }] },
                {
                    "permission": "MEMBERS_INVITE",
                    "role": null,
                    "groups": [{ "name": "Crew" }, { "name": "Hiring" }],
                },
            ],
        })
    );
}

#[rstest]
#[tokio::test]
async fn of_somebody_who_is_only_invited_it_shows_what_they_will_be_able_to_do(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE", "ROLES_MANAGE"]).await;
    let dana = acme.invited_as("Dana", "ADMIN", &[&keys]).await;

    let seen =
        preview(&acme, &acme.owner, &dana, "role permissions { permission role groups { name } }").await;
    assert_eq!(seen["role"], "ADMIN");
    let permissions = seen["permissions"].as_array().unwrap();
    let names: Vec<_> = permissions.iter().map(|p| p["permission"].as_str().unwrap()).collect();
    assert_eq!(names.join(" "), acme.rights_of(&acme.owner).await, "all that an owner may");
    let from = |name: &str| permissions.iter().find(|p| p["permission"] == name).unwrap().clone();
    let keys = json!([{ "name": "Keys" }]);
    assert_eq!((&from("OWNERS_MANAGE")["role"], &from("OWNERS_MANAGE")["groups"]), (&json!(null), &keys));
    assert_eq!((&from("ROLES_MANAGE")["role"], &from("ROLES_MANAGE")["groups"]), (&json!("ADMIN"), &keys));
    assert_eq!(
        (&from("MEMBERS_READ")["role"], &from("MEMBERS_READ")["groups"]),
        (&json!("ADMIN"), &json!([]))
    );
}
