//! An API token acts as its owner: it never may more than they, and stops with them. Who may revoke whose.

use roster_entity::{Permission, Permissions};
use roster_tests::{ApiToken, Member, On, Organization, Roster};
use rstest::rstest;
use serde_json::json;

const UNUSABLE: &str = "refused: UNAUTHENTICATED";

/// Somebody who may manage API tokens and invite by a group, its id, and a token that may do all that they may.
async fn with_a_script(acme: &Organization, name: &str) -> (Member, String, ApiToken) {
    let group = acme.group(&format!("{name}'s"), &["API_TOKENS_MANAGE", "MEMBERS_INVITE"]).await;
    let member = acme.member_as(name, "MEMBER", &[&group]).await;
    let script = acme.api_token_of(&member).await;
    assert_eq!(acme.rights_of(&script).await, "MEMBERS_READ MEMBERS_INVITE API_TOKENS_MANAGE");
    (member, group, script)
}

#[rstest]
#[tokio::test]
async fn a_token_shrinks_at_once_with_the_groups_and_the_role_of_its_owner(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, group, script) = with_a_script(&acme, "Bob").await;

    // The group grants less; the owner is not in it any more, and in it again; the group is gone.
    let less = json!({ "permissions": ["API_TOKENS_MANAGE"] });
    acme.owner.update_group(&group, less).await.succeeds();
    assert_eq!(acme.rights_of(&script).await, "MEMBERS_READ API_TOKENS_MANAGE");
    acme.invite_by(&script, "eve@example.com", "MEMBER", &[]).await.is_refused_with("NOT_PERMITTED");
    acme.owner.take_out_of_group(&group, &[&bob]).await.succeeds();
    assert_eq!(acme.rights_of(&script).await, "MEMBERS_READ");
    acme.owner.add_to_group(&group, &[&bob]).await.succeeds();
    assert_eq!(acme.rights_of(&script).await, "MEMBERS_READ API_TOKENS_MANAGE");
    acme.owner.delete_group(&group).await.succeeds();
    assert_eq!(acme.rights_of(&script).await, "MEMBERS_READ");

    // A greater role gives the token what it was given, and no more.
    acme.owner.change_role(&bob, "OWNER").await.succeeds();
    assert_eq!(acme.rights_of(&script).await, "MEMBERS_READ MEMBERS_INVITE API_TOKENS_MANAGE");
    acme.owner.change_role(&bob, "MEMBER").await.succeeds();
    assert_eq!(acme.rights_of(&script).await, "MEMBERS_READ");
}

#[rstest]
#[tokio::test]
async fn all_tokens_of_somebody_who_was_removed_stop_at_once_and_undoing_brings_none_back(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, _, first) = with_a_script(&acme, "Bob").await;
    let (second, others) = (acme.api_token_of(&bob).await, acme.api_token_of(&acme.owner).await);

    acme.owner.remove(&bob).await.succeeds();
    assert_eq!(acme.rights_of(&first).await, UNUSABLE);
    let revoked = acme.unchanged_by(acme.owner.revoke_token(&first)).await;
    assert_eq!(revoked.changes_nothing()["apiToken"]["status"], "REVOKED");

    let restored = acme.owner.restore(&bob).await;
    let warning = "Their 2 API tokens were revoked with the removal and stay so.";
    assert_eq!(restored.succeeds()["warnings"], json!([warning]));
    assert_eq!(acme.rights_of(&bob).await, "MEMBERS_READ MEMBERS_INVITE API_TOKENS_MANAGE");
    for script in [&first, &second] {
        assert_eq!(acme.rights_of(script).await, UNUSABLE);
    }
    // A new one works, and nobody else's was touched.
    let new = acme.api_token_of(&bob).await;
    for script in [&new, &others] {
        assert!(acme.rights_of(script).await.starts_with("MEMBERS_READ"));
    }
}

#[rstest]
#[tokio::test]
async fn the_tokens_of_somebody_who_leaves_stop_at_once_and_only_there(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let globex = roster.organization_of("Gina", "Globex").await;
    let (bob, _, script) = with_a_script(&acme, "Bob").await;
    let (_, _, elsewhere) = with_a_script(&globex, "Bob").await;

    bob.leave(&acme.id).await.succeeds();
    assert_eq!(acme.rights_of(&script).await, UNUSABLE);
    assert_eq!(globex.rights_of(&elsewhere).await, "MEMBERS_READ MEMBERS_INVITE API_TOKENS_MANAGE");
}

#[rstest]
#[tokio::test]
async fn nobody_revokes_a_token_that_can_do_more_than_they(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, _, of_bob) = with_a_script(&acme, "Bob").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let (of_ada, of_owner) = (acme.api_token_of(&ada).await, acme.api_token_of(&acme.owner).await);
    let only_read: Permissions = [Permission::MembersRead].into_iter().collect();
    let small = acme.api_token_with(&acme.owner, Some(only_read)).await;

    for (who, token) in [(&bob, &of_ada), (&bob, &of_owner), (&ada, &of_owner)] {
        let refused = acme.unchanged_by(who.revoke_token(token)).await;
        let name = format!("{}'s script", token.name);
        let sentence = format!("The API token {name} can do more than you. Ask an owner to revoke it.");
        assert_eq!(refused.fails_with("PERMISSION_ABOVE_YOURS"), sentence);
    }
    // It counts what the token can do, not what its owner can; and what it can do now, not when it was made.
    bob.revoke_token(&small).await.succeeds();
    acme.owner.change_role(&ada, "MEMBER").await.succeeds();
    bob.revoke_token(&of_ada).await.succeeds();
    // Admins revoke what is below them, and everybody what is theirs.
    acme.owner.change_role(&ada, "ADMIN").await.succeeds();
    ada.revoke_token(&of_bob).await.succeeds();
    acme.owner.revoke_token(&of_owner).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_script_revokes_itself_and_none_of_its_owner_that_can_do_more(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let all = acme.api_token_of(&acme.owner).await;
    let manages: Permissions = [Permission::ApiTokensManage].into_iter().collect();
    let small = acme.api_token_with(&acme.owner, Some(manages)).await;

    let refused = acme.unchanged_by(small.revoke_token(&all)).await;
    refused.fails_with("PERMISSION_ABOVE_YOURS");
    small.revoke_token(&small).await.succeeds();
    assert_eq!(acme.rights_of(&small).await, UNUSABLE);
    let entry = acme.last_entry().await;
    assert_eq!((&entry["action"], &entry["apiTokenId"]), (&json!("API_TOKEN_REVOKED"), &json!(small.id)));
    assert!(acme.rights_of(&all).await.contains("OWNERS_MANAGE"));
}
