//! Groups: what they are, and who is in them.

use roster_tests::{On, Organization, Person, Roster};
use rstest::rstest;
use serde_json::{Value, json};

/// The groups of an organization, in the order of the list.
async fn groups(acme: &Organization) -> Value {
    let fields =
        "groups(first: 9) { nodes { name description permissions members(first: 9) { nodes { id } } } }";
    acme.seen_by(&acme.owner, fields).await.at("/organization/groups/nodes").clone()
}

async fn create(acme: &Organization, person: &Person, mut input: Value) -> roster_tests::Payload {
    input["organizationId"] = acme.id.as_str().into();
    person.mutate("createGroup", input, "message group { id name description permissions }").await
}

#[rstest]
#[tokio::test]
async fn a_group_is_created_changed_and_deleted(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.group("zebras", &[]).await;
    let input =
        json!({ "name": " On-call ", "description": "Who is woken up.", "permissions": ["MEMBERS_INVITE"] });
    let created = create(&acme, &acme.owner, input).await;
    assert_eq!(created.succeeds()["message"], "The group On-call was created.");
    let id = created.payload()["group"]["id"].as_str().unwrap();
    let bob = acme.member_as("Bob", "MEMBER", &[id]).await;

    let zebras =
        json!({ "name": "zebras", "description": "", "permissions": [], "members": { "nodes": [] } });
    let on_call = json!({
        "name": "On-call", "description": "Who is woken up.", "permissions": ["MEMBERS_INVITE"],
        "members": { "nodes": [{ "id": bob.id }] },
    });
    assert_eq!(groups(&acme).await, json!([on_call, zebras]));

    // What is not given stays as it is.
    let changed = acme.owner.update_group(id, json!({ "name": "Zzz" })).await;
    assert_eq!(
        changed.succeeds()["group"],
        json!({ "id": id, "name": "Zzz", "description": "Who is woken up.", "permissions": ["MEMBERS_INVITE"] })
    );
    assert_eq!(groups(&acme).await[1]["name"], "Zzz");

    let deleted = acme.owner.delete_group(id).await;
    assert_eq!(deleted.succeeds()["deletedGroupId"], id);
    assert_eq!(groups(&acme).await, json!([zebras]));
    assert_eq!(
        acme.rights_of(&bob).await,
        "MEMBERS_READ",
        "Bob is still a member, and has lost what it granted"
    );
    acme.unchanged_by(acme.owner.delete_group(id)).await.is_refused_with("NOT_FOUND");
}

#[rstest]
#[tokio::test]
async fn changing_a_group_to_what_it_is_changes_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let hiring = acme.group("Hiring", &["MEMBERS_INVITE"]).await;
    let same = json!({ "name": "Hiring", "description": "", "permissions": ["MEMBERS_INVITE"] });
    for changes in [json!({}), same] {
        acme.unchanged_by(acme.owner.update_group(&hiring, changes)).await.changes_nothing();
    }
}

#[rstest]
#[tokio::test]
async fn a_name_is_taken_once_in_an_organization_in_any_case(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (design, lab) = (acme.group("Design", &[]).await, acme.group("Lab", &[]).await);
    acme.unchanged_by(async {
        create(&acme, &acme.owner, json!({ "name": "dESIGN" })).await.fails_with("NAME_TAKEN");
        acme.owner.update_group(&lab, json!({ "name": "DESIGN" })).await.fails_with("NAME_TAKEN");
    })
    .await;
    // Its own name in other letters is free, and so is every name elsewhere.
    acme.owner.update_group(&design, json!({ "name": "DESIGN" })).await.succeeds();
    roster.organization_of("Gina", "Globex").await.group("Design", &[]).await;
}

#[rstest]
#[tokio::test]
async fn members_go_in_and_out(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let (bob, dana) = (acme.member("Bob").await, acme.invited("Dana").await);

    let added = acme.owner.add_to_group(&design, &[&bob, &dana]).await;
    assert_eq!(added.succeeds()["message"], "2 members were added to the group Design.");
    let both = ["Bob: ACTIVE", "dana@example.com: INVITED"];
    assert_eq!(acme.members(json!({ "groupIds": [design] })).await, both);
    acme.unchanged_by(acme.owner.add_to_group(&design, &[&dana, &bob])).await.changes_nothing();

    let taken_out = acme.owner.take_out_of_group(&design, &[&bob]).await;
    assert_eq!(taken_out.succeeds()["message"], "1 member was taken out of the group Design.");
    assert_eq!(acme.members(json!({ "groupIds": [design] })).await, ["dana@example.com: INVITED"]);
    acme.unchanged_by(acme.owner.take_out_of_group(&design, &[&bob])).await.changes_nothing();
}

#[rstest]
#[tokio::test]
async fn who_cannot_be_added_does_not_keep_the_others_from_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let stranger = roster.organization_of("Gina", "Globex").await.owner;
    let design = acme.group("Design", &[]).await;
    let (bob, carla, rita) =
        (acme.member("Bob").await, acme.member("Carla").await, acme.member("Rita").await);
    acme.owner.remove(&rita).await.succeeds();
    acme.owner.add_to_group(&design, &[&carla]).await.succeeds();

    let added = acme.owner.add_to_group(&design, &[&rita, &bob, &stranger, &carla, &bob]).await;
    let results = added.payload()["results"].as_array().unwrap();
    let said: Vec<_> = results.iter().map(|r| (&r["changed"], &r["error"]["code"])).collect();
    let (yes, no, fine) = (json!(true), json!(false), Value::Null);
    assert_eq!(
        said,
        [
            (&no, &json!("ALREADY_REMOVED")),
            (&yes, &fine),
            (&no, &json!("MEMBER_NOT_FOUND")),
            (&no, &fine),
            (&no, &json!("DUPLICATE_IN_REQUEST")),
        ]
    );
    assert_eq!(acme.members(json!({ "groupIds": [design] })).await, ["Bob: ACTIVE", "Carla: ACTIVE"]);
}

#[rstest]
#[tokio::test]
async fn a_group_of_another_organization_is_not_found(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let (acme, globex) = (roster.organization("Acme").await, roster.organization_of("Gina", "Globex").await);
    let lab = globex.group("Lab", &[]).await;
    let bob = acme.member("Bob").await;

    globex
        .unchanged_by(async {
            acme.owner.add_to_group(&lab, &[&bob]).await.is_refused_with("NOT_FOUND");
            acme.owner.take_out_of_group(&lab, &[&globex.owner]).await.is_refused_with("NOT_FOUND");
            acme.owner.update_group(&lab, json!({ "name": "Ours" })).await.is_refused_with("NOT_FOUND");
            acme.owner.delete_group(&lab).await.is_refused_with("NOT_FOUND");
        })
        .await;
}
