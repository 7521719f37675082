//! Inside an organization: no way leads around a permission through the objects that one may see.

use roster_tests::On;
use rstest::rstest;
use serde_json::{Value, json};

use super::world::World;
use crate::refusal::Refused;

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
