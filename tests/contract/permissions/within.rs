//! Inside an organization: no way leads around a permission through the objects that one may see.

use roster_tests::{On, Person};
use rstest::rstest;
use serde_json::{Value, json};

use super::world::World;
use crate::refusal::{Refused, says};

#[rstest]
#[tokio::test]
async fn a_plain_member_sees_members_without_their_invitations(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let fields = "members(filter: { status: [INVITED] }) { nodes { invitation { id } } }";
    let invitations = async |person| {
        let answer = world.acme.seen_by(person, fields).await;
        let nodes = answer.at("/organization/members/nodes").as_array().unwrap().clone();
        nodes.into_iter().map(|node| node["invitation"]["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(invitations(&world.plain.person).await, [Value::Null, Value::Null]);
    assert!(invitations(&world.acme.owner.person).await.contains(&json!(world.ids.invitation)));
}

#[rstest]
#[tokio::test]
async fn a_script_that_may_not_read_members_does_not_read_them_through_a_group(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let add = json!({ "groupId": world.ids.group, "memberIds": [world.acme.owner.id] });
    world.acme.owner.mutate("addGroupMembers", add, "changed").await.succeeds();
    let fields = "viewerMember { groups { name members { nodes { user { email } } } } }";
    let answer = world.acme.seen_by(&world.script_without("MEMBERS_READ").await, fields).await;
    assert_eq!(answer.error_code(), "NOT_PERMITTED");
    assert!(!answer.0.to_string().contains("bob@example.com"), "{:#}", answer.0);
    let answer = world.acme.seen_by(&world.script_with_only("MEMBERS_READ").await, fields).await;
    assert!(answer.data().to_string().contains("bob@example.com"), "{:#}", answer.0);
}

#[rstest]
#[tokio::test]
async fn a_script_that_may_not_read_members_does_not_see_them_in_the_log_or_the_emails(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let fields = "activities { nodes { member { id } } } notifications { nodes { member { id } } }";
    let members = async |person| {
        let answer = world.acme.seen_by(person, fields).await;
        let lists =
            ["activities", "notifications"].map(|list| answer.at("/organization")[list]["nodes"].clone());
        lists.map(|nodes| nodes.as_array().unwrap().iter().filter(|node| !node["member"].is_null()).count())
    };
    let blind = world.script_without("MEMBERS_READ").await;
    assert_eq!(members(&blind).await, [0, 0]);
    assert!(members(&world.acme.owner.person).await.iter().all(|count| *count > 0));
}

#[rstest]
#[tokio::test]
async fn the_note_of_a_removal_is_for_those_who_remove_or_read_the_log(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let input = json!({ "memberId": world.ids.member, "note": "Thank you, Bob." });
    world.acme.owner.remove_with(input).await.succeeds();
    let fields = format!("member(id: \"{}\") {{ removalReason removalNote }}", world.ids.member);
    let note = async |person| {
        world.acme.seen_by(person, &fields).await.at("/organization/member/removalNote").clone()
    };
    assert_eq!(note(&world.plain.person).await, Value::Null);
    assert_eq!(note(&world.acme.owner.person).await, "Thank you, Bob.");
}

#[rstest]
#[tokio::test]
async fn revoking_the_invitations_of_a_removed_member_needs_the_permission_to_invite_too(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let script = world.script_without("MEMBERS_INVITE").await;
    let input = json!({ "memberId": world.ids.member, "revokeSentInvitations": true });
    let refused = world.acme.unchanged_by(script.remove_with(input.clone())).await;
    refused.is_refused("NOT_PERMITTED", &["You need the MEMBERS_INVITE permission in Acme."]);
    world.acme.owner.remove_with(input).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn what_is_to_be_reviewed_before_a_removal_is_for_those_who_remove(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let fields = format!("member(id: \"{}\") {{ role removalPreview {{ fingerprint }} }}", world.ids.member);
    for caller in [&*world.plain, &world.script_without("MEMBERS_REMOVE").await] {
        let answer = world.acme.seen_by(caller, &fields).await;
        assert_eq!(answer.error_code(), "NOT_PERMITTED");
        says(answer.error_message(), &["You need the MEMBERS_REMOVE permission in Acme."]);
        let member = &answer.0["data"]["organization"]["member"];
        assert_eq!(member, &json!({ "role": "MEMBER", "removalPreview": null }));
    }
    let remover = world.script_with(&["MEMBERS_READ", "MEMBERS_REMOVE"]).await;
    world.acme.seen_by(&remover, &fields).await.text("/organization/member/removalPreview/fingerprint");
}

#[rstest]
#[tokio::test]
async fn the_email_of_a_removal_is_for_those_who_read_notifications(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let id = &world.ids.removed;
    let fields = format!(
        "member(id: \"{id}\") {{ removalNotification {{ id }} }}
        members(filter: {{ status: [REMOVED] }}) {{ nodes {{ removalNotification {{ id }} }} }}
        activities(filter: {{ actions: [MEMBER_REMOVED] }}) {{ nodes {{ notification {{ id }} }} }}"
    );
    let emails = async |person: &Person| {
        let answer = world.acme.seen_by(person, &fields).await;
        let at = |pointer: &str| answer.at(&format!("/organization/{pointer}")).clone();
        [
            at("member/removalNotification"),
            at("members/nodes/0/removalNotification"),
            at("activities/nodes/0/notification"),
        ]
    };
    let reader = world.script_with(&["MEMBERS_READ", "ACTIVITIES_READ", "NOTIFICATIONS_READ"]).await;
    let email = json!({ "id": world.ids.notification });
    assert_eq!(emails(&reader).await, [email.clone(), email.clone(), email]);
    let blind = world.script_without("NOTIFICATIONS_READ").await;
    assert_eq!(emails(&blind).await, [Value::Null, Value::Null, Value::Null]);
}

#[rstest]
#[tokio::test]
async fn whose_an_api_token_is_shows_to_those_who_read_members(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let node = format!("node(id: \"{}\") {{ ... on ApiToken {{ member {{ id }} }} }}", world.ids.api_token);
    let list = format!(
        "organization(id: \"{}\") {{ apiTokens {{ nodes {{ id member {{ id }} }} }} }}",
        world.acme.id
    );
    let members = async |person: &Person| {
        let answer = person.query(&format!("{{ {node} {list} }}")).await;
        let tokens = answer.at("/organization/apiTokens/nodes").as_array().unwrap().clone();
        let listed = tokens.into_iter().find(|token| token["id"] == world.ids.api_token.as_str()).unwrap();
        [answer.at("/node/member").clone(), listed["member"].clone()]
    };
    let owner = json!({ "id": world.acme.owner.id });
    let reader = world.script_with(&["MEMBERS_READ", "API_TOKENS_MANAGE"]).await;
    assert_eq!(members(&reader).await, [owner.clone(), owner]);
    let blind = world.script_without("MEMBERS_READ").await;
    assert_eq!(members(&blind).await, [Value::Null, Value::Null]);
}

#[rstest]
#[tokio::test]
async fn a_list_of_removals_with_their_invitations_needs_the_permission_to_invite_too(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let script = world.script_without("MEMBERS_INVITE").await;
    let input = json!({ "members": [{ "memberId": world.ids.member }], "revokeSentInvitations": true });
    let refused = world.acme.unchanged_by(script.remove_all_with(&world.acme, input)).await;
    refused.is_refused("NOT_PERMITTED", &["You need the MEMBERS_INVITE permission in Acme."]);
}
