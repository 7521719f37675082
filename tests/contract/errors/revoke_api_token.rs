//! `revokeApiToken`: nobody takes away what can do more than they can.

use roster_entity::{ApiTokenId, Permission, Permissions};
use roster_tests::{On, Roster, noon};
use rstest::rstest;

use crate::refusal::Refused;

/// What Ada's group grants: to look, and to manage API tokens.
const MANAGER: [&str; 2] = ["MEMBERS_READ", "API_TOKENS_MANAGE"];

fn may(permissions: &[Permission]) -> Option<Permissions> {
    Some(permissions.iter().copied().collect())
}

#[rstest]
#[tokio::test]
async fn a_token_that_can_do_more_is_revoked_by_somebody_who_can_do_as_much(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let managers = acme.group("Managers", &MANAGER).await;
    let ada = acme.member_as("Ada", "MEMBER", &[&managers]).await;
    let token =
        acme.api_token_with(&acme.owner, may(&[Permission::MembersRead, Permission::MembersRemove])).await;
    let refused = acme.unchanged_by(ada.revoke_token(&token)).await;
    refused
        .refuses_with("PERMISSION_ABOVE_YOURS")
        .at("input")
        .about(&acme.owner)
        .says(&["The API token Olivia's script can do more than you.", "Ask an owner to revoke it."]);
    let harmless = acme.api_token_with(&acme.owner, may(&[Permission::MembersRead])).await;
    ada.revoke_token(&harmless).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn what_a_token_can_do_is_what_its_owner_still_may(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let managers = acme.group("Managers", &MANAGER).await;
    let ada = acme.member_as("Ada", "MEMBER", &[&managers]).await;
    let bob = acme.member_as("Bob", "ADMIN", &[]).await;
    let token = acme.api_token_of(&bob).await;
    acme.unchanged_by(ada.revoke_token(&token)).await.refuses_with("PERMISSION_ABOVE_YOURS").about(&bob);
    acme.owner.change_role(&bob, "MEMBER").await.succeeds();
    ada.revoke_token(&token).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_script_revokes_no_token_that_can_do_more_than_the_script_but_itself(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let script = acme.api_token_with(&acme.owner, may(&[Permission::ApiTokensManage])).await;
    for owner in [&ada, &acme.owner] {
        let token = acme.api_token_of(owner).await;
        let refused = acme.unchanged_by(script.revoke_token(&token)).await;
        refused.refuses_with("PERMISSION_ABOVE_YOURS").at("input").about(owner);
        owner.revoke_token(&token).await.succeeds();
    }
    script.revoke_token(&script).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_token_of_another_organization_is_as_unknown_as_one_that_does_not_exist(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let globex = roster.organization_of("Gwen", "Globex").await;
    let mut token = globex.api_token_of(&globex.owner).await;
    let foreign = globex.unchanged_by(acme.unchanged_by(acme.owner.revoke_token(&token))).await;
    foreign.is_refused("NOT_FOUND", &["no such API token", "no access"]);
    token.id = ApiTokenId::generate(noon()).to_string();
    assert_eq!(foreign.answer.0, acme.owner.revoke_token(&token).await.answer.0);
    token.id = acme.owner.id.clone();
    acme.owner.revoke_token(&token).await.is_refused("BAD_USER_INPUT", &["apitoken_", "begins with member_"]);
}
