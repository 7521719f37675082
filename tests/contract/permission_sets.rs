//! What the roles may do, and that what a members page shows about removing agrees with what removing answers.

use roster_entity::Permission;
use roster_tests::{Member, On, Organization, Person, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use crate::sdl::Sdl;

/// Sorted, as the schema sorts them.
async fn permissions(acme: &Organization, person: &Person) -> Vec<String> {
    let answer = acme.seen_by(person, "viewerPermissions viewerMember { permissions }").await;
    let list = |pointer: &str| -> Vec<String> { serde_json::from_value(answer.at(pointer).clone()).unwrap() };
    let mut permissions = list("/organization/viewerPermissions");
    if !person.token.as_ref().unwrap().starts_with("roster_") {
        assert_eq!(permissions, list("/organization/viewerMember/permissions"));
    }
    permissions.sort();
    permissions
}

fn all_but(missing: &[&str]) -> Vec<String> {
    let all = Sdl::of_repository().enum_values("Permission");
    all.into_iter().filter(|permission| !missing.contains(&permission.as_str())).collect()
}

#[rstest]
#[tokio::test]
async fn an_owner_may_everything_an_admin_everything_but_to_manage_owners_and_a_member_may_look(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let (admin, plain) = (acme.member_as("Ada", "ADMIN", &[]).await, acme.member("Bob").await);
    assert_eq!(permissions(&acme, &acme.owner).await, all_but(&[]));
    assert_eq!(permissions(&acme, &admin).await, all_but(&["OWNERS_MANAGE"]));
    assert_eq!(permissions(&acme, &plain).await, ["MEMBERS_READ"]);
}

#[rstest]
#[tokio::test]
async fn groups_add_to_what_a_role_permits_and_a_script_may_no_more_than_its_owner_and_its_token(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let crew = acme.group("Crew", &["MEMBERS_REMOVE", "MEMBERS_READ", "API_TOKENS_MANAGE"]).await;
    let audit = acme.group("Audit", &["ACTIVITIES_READ"]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&crew, &audit]).await;
    let all = ["ACTIVITIES_READ", "API_TOKENS_MANAGE", "MEMBERS_READ", "MEMBERS_REMOVE"];
    assert_eq!(permissions(&acme, &bob).await, all);
    let some = [Permission::MembersRemove, Permission::ActivitiesRead];
    let script = acme.api_token_with(&bob, Some(some.into_iter().collect())).await;
    assert_eq!(permissions(&acme, &script).await, ["ACTIVITIES_READ", "MEMBERS_REMOVE"]);
    // What its owner loses, the script loses; what its owner gets back, it has again; what is new is not for it.
    acme.owner.take_out_of_group(&audit, &[&bob]).await.succeeds();
    assert_eq!(permissions(&acme, &script).await, ["MEMBERS_REMOVE"]);
    acme.owner.change_role(&bob, "ADMIN").await.succeeds();
    assert_eq!(permissions(&acme, &script).await, ["ACTIVITIES_READ", "MEMBERS_REMOVE"]);
    acme.owner.change_role(&bob, "MEMBER").await.succeeds();
    acme.owner.delete_group(&crew).await.succeeds();
    assert_eq!(permissions(&acme, &bob).await, ["MEMBERS_READ"]);
    assert!(permissions(&acme, &script).await.is_empty());
}

/// Whom somebody tries to remove, one after the other; Olivia comes last of the owners.
const PEOPLE: [&str; 9] = [
    "a member",
    "an admin",
    "a member with OWNERS_MANAGE",
    "an invited member",
    "an invited owner",
    "another owner",
    "Olivia",
    "somebody removed before",
    "themselves",
];

const YES: &str = "yes";
const SELF: &str = "CANNOT_REMOVE_SELF";
const ABOVE: &str = "ROLE_ABOVE_YOURS";
const LAST: &str = "LAST_OWNER";
const NOT_PERMITTED: &str = "NOT_PERMITTED";
const DONE: &str = "changed: false";

#[rstest]
#[case::an_owner("OWNER", &[], [YES, YES, YES, YES, YES, YES, YES, DONE, SELF])]
#[case::an_admin("ADMIN", &[], [YES, YES, ABOVE, YES, ABOVE, ABOVE, ABOVE, DONE, SELF])]
#[case::an_admin_who_manages_owners("ADMIN", &["Keys"], [YES, YES, YES, YES, YES, YES, LAST, DONE, SELF])]
#[case::a_member("MEMBER", &[], [
    NOT_PERMITTED, NOT_PERMITTED, NOT_PERMITTED, NOT_PERMITTED, NOT_PERMITTED, NOT_PERMITTED, NOT_PERMITTED,
    NOT_PERMITTED, SELF,
])]
#[case::a_member_who_may_remove("MEMBER", &["Crew"], [YES, ABOVE, ABOVE, YES, ABOVE, ABOVE, ABOVE, DONE, SELF])]
#[tokio::test]
async fn what_a_members_page_shows_about_removing_is_what_removing_answers(
    #[case] role: &str,
    #[case] groups: &[&str],
    #[case] expected: [&str; 9],
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    let crew = acme.group("Crew", &["MEMBERS_REMOVE"]).await;
    let groups: Vec<_> =
        groups.iter().map(|name| if *name == "Keys" { keys.as_str() } else { crew.as_str() }).collect();
    let viewer = acme.member_as("Vera", role, &groups).await;
    let removed = acme.member("Ruth").await;
    acme.owner.remove(&removed).await.succeeds();
    let targets = [
        acme.member("Bob").await,
        acme.member_as("Ada", "ADMIN", &[]).await,
        acme.member_as("Kay", "MEMBER", &[&keys]).await,
        acme.invited("Iris").await,
        acme.invited_as("Ivan", "OWNER", &[]).await,
        acme.member_as("Oscar", "OWNER", &[]).await,
        acme.owner.clone(),
        removed,
        viewer.clone(),
    ];
    for ((target, who), expected) in targets.iter().zip(PEOPLE).zip(expected) {
        assert_eq!(try_to_remove(&acme, &viewer, target).await, expected, "{who}");
    }
}

/// What removing comes to, which must be what the member's fields said before.
async fn try_to_remove(acme: &Organization, viewer: &Person, target: &Member) -> String {
    let fields = "id viewerCanRemove viewerCannotRemoveBecause { code message path memberId }";
    let all = "members(filter: { status: [INVITED, ACTIVE, REMOVED] })";
    let query = format!("member(id: \"{}\") {{ {fields} }} {all} {{ nodes {{ {fields} }} }}", target.id);
    let seen = acme.seen_by(viewer, &query).await;
    let shown = seen.at("/organization/member");
    let (can, because) = (&shown["viewerCanRemove"], &shown["viewerCannotRemoveBecause"]);
    assert!(seen.at("/organization/members/nodes").as_array().unwrap().contains(shown), "{:#}", seen.0);

    let answer = viewer.remove(target).await;
    if answer.answer.0.get("errors").is_some() {
        assert_eq!((can, because), (&json!(false), &Value::Null));
        return answer.answer.error_code().to_owned();
    }
    let payload = answer.payload();
    match payload["errors"].as_array().unwrap().as_slice() {
        [] if payload["changed"] == true => {
            assert_eq!((can, because), (&json!(true), &Value::Null));
            YES.to_owned()
        }
        [] => {
            assert_eq!((can, because), (&json!(false), &Value::Null));
            DONE.to_owned()
        }
        [error] => {
            assert_eq!((can, because), (&json!(false), error));
            error["code"].as_str().unwrap().to_owned()
        }
        errors => panic!("{errors:?}"),
    }
}
