//! Inside an organization: no way leads around a permission through the objects that one may see.

use roster_tests::On;
use rstest::rstest;
use serde_json::{Value, json};

use super::world::World;

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
