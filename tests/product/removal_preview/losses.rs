//! What a member would lose or leave behind: invitations, API tokens, the organization without an owner.

use chrono::TimeDelta;
use roster_tests::{Member, On, Organization, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use super::preview;

/// What the preview says of the member's invitations, newest first: `address STATUS`.
async fn sent_invitations(acme: &Organization, member: &Member) -> Vec<String> {
    let fields = "sentInvitations(first: 9) { nodes { email status } }";
    let seen = preview(acme, &acme.owner, member, fields).await;
    let line =
        |node: &Value| format!("{} {}", node["email"].as_str().unwrap(), node["status"].as_str().unwrap());
    seen["sentInvitations"]["nodes"].as_array().unwrap().iter().map(line).collect()
}

/// The names of the member's API tokens in the preview, newest first.
async fn api_tokens(acme: &Organization, member: &Member) -> Vec<String> {
    let seen = preview(acme, &acme.owner, member, "apiTokens(first: 9) { nodes { name } }").await;
    let name = |node: &Value| node["name"].as_str().unwrap().to_owned();
    seen["apiTokens"]["nodes"].as_array().unwrap().iter().map(name).collect()
}

async fn warnings(acme: &Organization, member: &Member) -> Value {
    preview(acme, &acme.owner, member, "warnings").await["warnings"].clone()
}

#[rstest]
#[tokio::test]
async fn the_invitations_that_they_have_sent_here_and_that_are_still_open(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let (acme, globex) = (roster.organization("Acme").await, roster.organization_of("Gina", "Globex").await);
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    globex.member_as("Ada", "ADMIN", &[]).await;
    let invite = async |organization: &Organization, name: &str| {
        organization.invite_by(&ada, &roster.person(name).address, "MEMBER", &[]).await.succeeds();
        let address = &roster.person(name).address;
        roster.link_token(address).await
    };
    invite(&acme, "Hal").await;
    roster.pass(TimeDelta::days(8));
    let emil = invite(&acme, "Emil").await;
    roster.person("Emil").accept(&emil).await.succeeds();
    let gus = invite(&acme, "Gus").await;
    roster.person("Gus").decline(&gus).await.succeeds();
    invite(&acme, "Dana").await;
    invite(&globex, "Gert").await;
    acme.invited("Ivo").await;

    assert_eq!(sent_invitations(&acme, &ada).await, ["dana@example.com PENDING", "hal@example.com EXPIRED"]);
    let sentence = "2 invitations that Ada sent are still open. They stay valid unless you revoke them too.";
    assert_eq!(warnings(&acme, &ada).await, json!([sentence]));

    let dana = acme.all("members", "filter: { search: \"dana\" }", "id").await[0]["id"].clone();
    acme.owner.remove_with(json!({ "memberId": dana })).await.succeeds();
    assert_eq!(sent_invitations(&acme, &ada).await, ["hal@example.com EXPIRED"]);
    let sentence = "An invitation that Ada sent is still open. It stays valid unless you revoke it too.";
    assert_eq!(warnings(&acme, &ada).await, json!([sentence]));
}

#[rstest]
#[tokio::test]
async fn the_api_tokens_of_this_organization_that_can_be_used(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let (acme, globex) = (roster.organization("Acme").await, roster.organization_of("Gina", "Globex").await);
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    globex.member_as("Ada", "ADMIN", &[]).await;
    let create = async |organization: &Organization, name: &str, expires_at: Value| {
        let input = json!({
            "organizationId": organization.id, "name": name, "permissions": [], "expiresAt": expires_at,
        });
        let created = ada.mutate("createApiToken", input, "apiToken { id }").await;
        created.succeeds()["apiToken"]["id"].clone()
    };
    create(&acme, "Sync", json!(null)).await;
    create(&acme, "Until tomorrow", json!("2026-11-22T12:00:00Z")).await;
    create(&globex, "Elsewhere", json!(null)).await;
    let lost = create(&acme, "Lost", json!(null)).await;
    acme.owner.mutate("revokeApiToken", json!({ "apiTokenId": lost }), "changed").await.succeeds();
    acme.api_token_of(&acme.owner).await;

    assert_eq!(api_tokens(&acme, &ada).await, ["Until tomorrow", "Sync"]);
    assert_eq!(warnings(&acme, &ada).await, json!(["2 API tokens of Ada will stop working."]));
    roster.pass(TimeDelta::days(1) - TimeDelta::seconds(1));
    assert_eq!(api_tokens(&acme, &ada).await, ["Until tomorrow", "Sync"]);
    roster.pass(TimeDelta::seconds(1));
    assert_eq!(api_tokens(&acme, &ada).await, ["Sync"]);
    assert_eq!(warnings(&acme, &ada).await, json!(["One API token of Ada will stop working."]));
}

#[rstest]
#[tokio::test]
async fn whether_the_organization_would_be_left_without_an_owner(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let last_owner =
        async |member: &Member| preview(&acme, &acme.owner, member, "isLastOwner warnings").await;
    let only = json!({
        "isLastOwner": true, "warnings": ["Olivia is the last owner. Make somebody else an owner first."],
    });
    assert_eq!(last_owner(&acme.owner).await, only);

    // An owner who has not joined is none yet.
    let otto = acme.invited_as("Otto", "OWNER", &[]).await;
    let shown = last_owner(&acme.owner).await;
    assert_eq!((&shown["isLastOwner"], &shown["warnings"][0]), (&only["isLastOwner"], &only["warnings"][0]));
    let nothing = json!({ "isLastOwner": false, "warnings": [] });
    assert_eq!(last_owner(&otto).await, nothing);

    otto.accept(&roster.link_token(&otto.address).await).await.succeeds();
    assert_eq!(last_owner(&acme.owner).await, nothing);
    assert_eq!(last_owner(&otto).await, nothing);
}

#[rstest]
#[tokio::test]
async fn who_may_not_see_invitations_and_tokens_is_told_how_many_there_are(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let removers = acme.group("Removers", &["MEMBERS_REMOVE"]).await;
    let viewer = acme.member_as("Vera", "MEMBER", &[&removers]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    acme.api_token_of(&ada).await;
    acme.invite_by(&ada, "dana@example.com", "MEMBER", &[]).await.succeeds();

    let fields = "warnings sentInvitations { nodes { email } } apiTokens { nodes { name } }";
    assert_eq!(
        preview(&acme, &viewer, &ada, fields).await,
        json!({
            "warnings": [
                "An invitation that Ada sent is still open. It stays valid unless you revoke it too.",
                "One API token of Ada will stop working.",
            ],
            "sentInvitations": null, "apiTokens": null,
        })
    );
}
