//! What groups grant: from when, until when, and by whom.

use roster_entity::Permission;
use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn what_a_group_grants_begins_and_ends_with_being_in_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bouncers = acme.group("Bouncers", &["MEMBERS_REMOVE"]).await;
    let (bob, carla) = (acme.member("Bob").await, acme.member("Carla").await);
    bob.remove(&carla).await.is_refused_with("NOT_PERMITTED");

    acme.owner.add_to_group(&bouncers, &[&bob]).await.succeeds();
    assert_eq!(acme.rights_of(&bob).await, "MEMBERS_READ MEMBERS_REMOVE");
    bob.remove(&carla).await.succeeds();

    let dora = acme.member("Dora").await;
    acme.owner.take_out_of_group(&bouncers, &[&bob]).await.succeeds();
    assert_eq!(acme.rights_of(&bob).await, "MEMBERS_READ");
    bob.remove(&dora).await.is_refused_with("NOT_PERMITTED");
}

#[rstest]
#[tokio::test]
async fn what_a_group_grants_changes_and_ends_with_the_group(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let hiring = acme.group("Hiring", &["MEMBERS_INVITE"]).await;
    let other = acme.group("Auditors", &["ACTIVITIES_READ"]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&hiring, &other]).await;
    assert_eq!(acme.rights_of(&bob).await, "MEMBERS_READ MEMBERS_INVITE ACTIVITIES_READ");

    let changes = json!({ "permissions": ["MEMBERS_REMOVE", "ACTIVITIES_READ"] });
    acme.owner.update_group(&hiring, changes).await.succeeds();
    assert_eq!(acme.rights_of(&bob).await, "MEMBERS_READ MEMBERS_REMOVE ACTIVITIES_READ");

    // What the other group grants, too, stays.
    acme.owner.delete_group(&hiring).await.succeeds();
    assert_eq!(acme.rights_of(&bob).await, "MEMBERS_READ ACTIVITIES_READ");
}

#[rstest]
#[tokio::test]
async fn what_a_group_grants_begins_with_accepting_and_ends_with_the_membership(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let hiring = acme.group("Hiring", &["MEMBERS_INVITE"]).await;
    let dana = acme.invited("Dana").await;
    acme.owner.add_to_group(&hiring, &[&dana]).await.succeeds();
    let token = roster.link_token(&dana.address).await;

    let nothing_yet = acme.member_seen_by(&acme.owner, &dana, "permissions groups { name }").await;
    assert_eq!(nothing_yet, json!({ "permissions": [], "groups": [{ "name": "Hiring" }] }));
    assert_eq!(acme.rights_of(&dana).await, "refused: NOT_FOUND");
    dana.accept(&token).await.succeeds();
    assert_eq!(acme.rights_of(&dana).await, "MEMBERS_READ MEMBERS_INVITE");

    acme.owner.remove(&dana).await.succeeds();
    let nothing_left = acme.member_seen_by(&acme.owner, &dana, "permissions groups { name }").await;
    assert_eq!(nothing_left, json!({ "permissions": [], "groups": [] }));
    // What the group grants later does not come to who was in it once.
    acme.owner.update_group(&hiring, json!({ "permissions": ["MEMBERS_REMOVE"] })).await.succeeds();
    let back = acme.member("Dana").await;
    assert_eq!(acme.rights_of(&back).await, "MEMBERS_READ");
}

#[rstest]
#[tokio::test]
async fn nobody_grants_through_a_group_what_they_do_not_have(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let leads = acme.group("Leads", &["GROUPS_MANAGE", "MEMBERS_INVITE"]).await;
    let bouncers = acme.group("Bouncers", &["MEMBERS_REMOVE"]).await;
    let (bob, carla) = (
        acme.member_as("Bob", "MEMBER", &[&leads]).await,
        acme.member_as("Carla", "MEMBER", &[&bouncers]).await,
    );
    let create = |name, permissions: &[&str]| {
        let input = json!({ "organizationId": acme.id, "name": name, "permissions": permissions });
        bob.mutate("createGroup", input, "group { id }")
    };

    acme.unchanged_by(async {
        create("Mine", &["MEMBERS_INVITE", "ROLES_MANAGE"]).await.fails_with("PERMISSION_ABOVE_YOURS");
        // Neither by widening his own group, nor by narrowing, emptying or entering one above him.
        let more = json!({ "permissions": ["GROUPS_MANAGE", "MEMBERS_REMOVE"] });
        bob.update_group(&leads, more).await.fails_with("PERMISSION_ABOVE_YOURS");
        let less = json!({ "permissions": [] });
        bob.update_group(&bouncers, less).await.fails_with("PERMISSION_ABOVE_YOURS");
        bob.add_to_group(&bouncers, &[&bob]).await.fails_with("PERMISSION_ABOVE_YOURS");
        bob.take_out_of_group(&bouncers, &[&carla]).await.fails_with("PERMISSION_ABOVE_YOURS");
        bob.delete_group(&bouncers).await.fails_with("PERMISSION_ABOVE_YOURS");
    })
    .await;
    let mine = create("Mine", &["MEMBERS_INVITE"]).await;
    let mine = mine.succeeds()["group"]["id"].as_str().unwrap();
    bob.add_to_group(mine, &[&carla]).await.succeeds();
    assert_eq!(acme.rights_of(&carla).await, "MEMBERS_READ MEMBERS_INVITE MEMBERS_REMOVE");
}

#[rstest]
#[tokio::test]
async fn an_api_token_grants_no_more_than_it_has_itself(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bouncers = acme.group("Bouncers", &["MEMBERS_REMOVE"]).await;
    let bob = acme.member("Bob").await;
    let groups_only = [Permission::MembersRead, Permission::GroupsManage].into_iter().collect();
    let script = acme.api_token_with(&acme.owner, Some(groups_only)).await;

    acme.unchanged_by(async {
        script.add_to_group(&bouncers, &[&bob]).await.fails_with("PERMISSION_ABOVE_YOURS");
        acme.invite_by(&script, "dana@example.com", "MEMBER", &[]).await.is_refused_with("NOT_PERMITTED");
    })
    .await;
    let design = acme.group("Design", &[]).await;
    script.add_to_group(&design, &[&bob]).await.succeeds();
}
