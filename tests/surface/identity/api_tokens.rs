//! API tokens: a script's access to one organization, as the member who owns the token.

use chrono::TimeDelta;
use roster_entity::{Permission, Permissions, api_token};
use roster_tests::{ApiToken, On, Organization, Roster};
use rstest::rstest;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{refused, stored::everything_in_the_database, who_is};

async fn row(token: &ApiToken) -> api_token::Model {
    let id: roster_entity::ApiTokenId = token.id.parse().unwrap();
    api_token::Entity::find_by_id(id).one(token.roster.parts().database.write()).await.unwrap().unwrap()
}

#[rstest]
#[tokio::test]
async fn a_token_acts_as_its_owner_in_its_organization_and_nowhere_else(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let (acme, other) = (roster.organization("Acme").await, roster.organization("Other").await);
    let script = acme.api_token_of(&acme.owner).await;
    let bob = other.member("Bob").await;

    acme.invite_by(&script, "carol@example.com", "MEMBER", &[]).await.succeeds();
    assert_eq!(acme.members(json!({})).await, ["carol@example.com: INVITED", "Olivia: ACTIVE"]);
    let answer = script.query("{ viewer { user { name } organizations { nodes { name } } } }").await;
    assert_eq!(answer.at("/viewer/organizations/nodes"), &json!([{ "name": "Acme" }]));
    assert_eq!(answer.text("/viewer/user/name"), "Olivia");

    assert_eq!(other.seen_by(&script, "name").await.error_code(), "NOT_FOUND");
    let by_slug = "query ($slug: String) { organization(slug: $slug) { id } }";
    assert_eq!(script.graphql(by_slug, json!({ "slug": other.slug })).await.error_code(), "NOT_FOUND");
    let node = "query ($id: ID!) { node(id: $id) { id } }";
    assert_eq!(script.graphql(node, json!({ "id": bob.id })).await.error_code(), "NOT_FOUND");
    script.remove(&bob).await.is_refused_with("NOT_FOUND");
    other.invite_by(&script, "eve@example.com", "MEMBER", &[]).await.is_refused_with("NOT_FOUND");
    assert_eq!(other.members(json!({})).await, ["Bob: ACTIVE", "Olivia: ACTIVE"]);
}

#[rstest]
#[tokio::test]
async fn a_token_answers_no_invitations_leaves_nothing_and_creates_nothing(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let script = acme.api_token_of(&acme.owner).await;
    let zeta = roster.organization_of("Zed", "Zeta").await;
    let invitation = roster.person("Olivia");
    zeta.invite_by(&zeta.owner, &invitation.address, "MEMBER", &[]).await.succeeds();
    let link = roster.link_token(&invitation.address).await;

    script.accept(&link).await.is_refused_with("NOT_PERMITTED");
    script.decline(&link).await.is_refused_with("NOT_PERMITTED");
    let created = script.mutate("createOrganization", json!({ "name": "Mine" }), "message").await;
    created.is_refused_with("NOT_PERMITTED");
    script.leave(&acme.id).await.is_refused_with("NOT_PERMITTED");
    assert_eq!(acme.members(json!({})).await, ["Olivia: ACTIVE"]);
    assert_eq!(zeta.members(json!({ "status": ["INVITED"] })).await, ["olivia@example.com: INVITED"]);
}

#[rstest]
#[tokio::test]
async fn a_token_may_do_no_more_than_it_was_given_and_no_more_than_its_owner(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let adam = acme.member_as("Adam", "ADMIN", &[]).await;
    let only_read = Permissions::from_iter([Permission::MembersRead]);
    let (reader, all) = (acme.api_token_with(&adam, Some(only_read)).await, acme.api_token_of(&adam).await);

    let refused = acme.invite_by(&reader, "bob@example.com", "MEMBER", &[]).await;
    refused.is_refused_with("NOT_PERMITTED");
    assert_eq!(rights(&acme, &reader).await, json!(["MEMBERS_READ"]));

    acme.owner.change_role(&adam, "MEMBER").await.succeeds();
    assert_eq!(rights(&acme, &all).await, json!(["MEMBERS_READ"]));
    acme.invite_by(&all, "bob@example.com", "MEMBER", &[]).await.is_refused_with("NOT_PERMITTED");
}

async fn rights(organization: &Organization, token: &ApiToken) -> Value {
    let answer = organization.seen_by(token, "viewerPermissions").await;
    answer.at("/organization/viewerPermissions").clone()
}

#[rstest]
#[tokio::test]
async fn what_a_script_did_is_logged_with_its_token(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let script = acme.api_token_of(&acme.owner).await;
    acme.invite_by(&script, "bob@example.com", "MEMBER", &[]).await.succeeds();

    let fields = "activities(first: 2) { nodes { action apiTokenId actor { name } } }";
    let log = acme.seen_by(&acme.owner, fields).await;

    let expected = json!([
        { "action": "MEMBER_INVITED", "apiTokenId": script.id, "actor": { "name": "Olivia" } },
        { "action": "API_TOKEN_CREATED", "apiTokenId": null, "actor": { "name": "Olivia" } },
    ]);
    assert_eq!(log.at("/organization/activities/nodes"), &expected);
}

#[rstest]
#[tokio::test]
async fn a_token_stops_when_its_owner_is_removed_and_stays_so_when_they_come_back(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let adam = acme.member_as("Adam", "ADMIN", &[]).await;
    let script = acme.api_token_of(&adam).await;
    let secret = script.token.clone().unwrap();
    who_is(&roster, &format!("Bearer {secret}")).await.answer().data();

    acme.owner.remove(&adam).await.succeeds();

    assert!(refused(&roster, &secret).await.contains("was revoked"));
    acme.invite_by(&acme.owner, &adam.address, "ADMIN", &[]).await.succeeds();
    adam.accept(&roster.link_token(&adam.address).await).await.succeeds();
    assert!(refused(&roster, &secret).await.contains("was revoked"));
}

#[rstest]
#[tokio::test]
async fn a_wrong_unknown_or_cut_token_is_refused(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let script = acme.api_token_of(&acme.owner).await;
    let secret = script.token.clone().unwrap();
    assert!(secret.starts_with("roster_"), "{secret}");

    for wrong in [
        "roster_",
        "roster_x",
        &secret[..secret.len() - 1],
        &format!("{secret}A"),
        &format!("roster_{}", "A".repeat(43)),
        &format!("roster_{}", "A".repeat(100_000)),
        &secret.replace("roster_", "roster_roster_"),
    ] {
        assert_eq!(refused(&roster, wrong).await, "There is no such API token.");
    }
    for wrong in [secret.to_uppercase(), secret.replace("roster_", ""), script.id.clone()] {
        refused(&roster, &wrong).await;
    }
}

#[rstest]
#[tokio::test]
async fn only_the_hash_of_a_token_is_kept(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let script = acme.api_token_of(&acme.owner).await;
    script.query("{ viewer { user { id } } }").await.data();
    let secret = script.token.clone().unwrap();
    let random = secret.trim_start_matches("roster_");

    let everything = everything_in_the_database(&roster).await;

    assert!(everything.contains("s script"), "the tokens are among what was searched");
    assert!(!everything.contains(random));
    assert_eq!(row(&script).await.secret_hash.len(), 32);
}

#[rstest]
#[tokio::test]
async fn when_a_token_was_last_used_is_kept_to_the_minute(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let script = acme.api_token_of(&acme.owner).await;
    let used = || async {
        script.query("{ viewer { user { id } } }").await.data();
        row(&script).await.last_used_at
    };
    assert_eq!(row(&script).await.last_used_at, None);

    let first = roster.now();
    assert_eq!(used().await, Some(first));
    roster.pass(TimeDelta::seconds(59));
    assert_eq!(used().await, Some(first));
    roster.pass(TimeDelta::seconds(1));
    assert_eq!(used().await, Some(roster.now()));
    // The token of somebody who was removed is not used, only tried.
    roster.pass(TimeDelta::hours(1));
    refused(&roster, "roster_x").await;
    assert_eq!(row(&script).await.last_used_at, Some(roster.now() - TimeDelta::hours(1)));
}
