//! Permissions that depend on what is asked for in a list of removals, or in one.

use roster_tests::On;
use rstest::rstest;
use serde_json::json;

use super::world::World;
use crate::refusal::Refused;

#[rstest]
#[tokio::test]
async fn revoking_the_invitations_of_a_removed_member_needs_the_permission_to_invite_too(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let script = world.script_without("MEMBERS_INVITE").await;
    let input = json!({ "memberId": world.things.member, "revokeSentInvitations": true });
    let refused = world.acme.unchanged_by(script.remove_with(input.clone())).await;
    refused.is_refused("NOT_PERMITTED", &["You need the MEMBERS_INVITE permission in Acme."]);
    world.acme.owner.remove_with(input).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_list_of_removals_with_their_invitations_needs_the_permission_to_invite_too(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let script = world.script_without("MEMBERS_INVITE").await;
    let input = json!({ "members": [{ "memberId": world.things.member }], "revokeSentInvitations": true });
    let refused = world.acme.unchanged_by(script.remove_all_with(&world.acme, input)).await;
    refused.is_refused("NOT_PERMITTED", &["You need the MEMBERS_INVITE permission in Acme."]);
}
