//! `createApiToken`: no token can do more than who creates it, and none is created that has expired.

use chrono::TimeDelta;
use roster_tests::{On, Organization, Payload, Person, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use crate::refusal::Refused;

/// Asks for a token with these changes to a good input.
async fn create(acme: &Organization, person: &Person, changes: Value) -> Payload {
    let mut input =
        json!({ "organizationId": acme.id, "name": "Sync", "permissions": ["API_TOKENS_MANAGE"] });
    for (field, value) in changes.as_object().unwrap() {
        input[field] = value.clone();
    }
    person.mutate("createApiToken", input, "message secret apiToken { id name expiresAt permissions }").await
}

/// The same, which must come to nothing.
async fn try_to_create(acme: &Organization, person: &Person, changes: Value) -> Payload {
    let answer = acme.unchanged_by(create(acme, person, changes)).await;
    if answer.answer.0.get("errors").is_none() {
        assert_eq!(answer.payload()["secret"], Value::Null);
        assert_eq!(answer.payload()["apiToken"], Value::Null);
    }
    answer
}

#[rstest]
#[tokio::test]
async fn a_token_can_do_nothing_that_its_creator_cannot(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let managers = acme.group("Managers", &["API_TOKENS_MANAGE"]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&managers]).await;
    for (person, more) in [(&ada, "OWNERS_MANAGE"), (&bob, "MEMBERS_INVITE")] {
        let permissions = json!({ "permissions": ["MEMBERS_READ", more] });
        let refused = try_to_create(&acme, person, permissions.clone()).await;
        refused
            .refuses_with("PERMISSION_ABOVE_YOURS")
            .at("input.permissions")
            .about_nobody()
            .says(&["cannot have permissions that you do not have", "Ask an owner."]);
        create(&acme, &acme.owner, permissions).await.succeeds();
    }
    create(&acme, &bob, json!({ "permissions": ["MEMBERS_READ", "API_TOKENS_MANAGE"] })).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_script_creates_no_tokens(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let script = acme.api_token_of(&acme.owner).await;
    let refused = try_to_create(&acme, &script, json!({})).await;
    refused.is_refused("NOT_PERMITTED", &["An API token cannot create API tokens.", "Sign in instead."]);
}

#[rstest]
#[case::empty("", &["name is empty", "at least one letter"])]
#[case::blank(" \u{200b}\n ", &["name is empty"])]
#[case::too_long(&"é".repeat(101), &["101 characters", "at most 100 characters"])]
#[tokio::test]
async fn a_token_has_a_name_that_can_be_shown(
    #[case] name: &str,
    #[case] words: &[&str],
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let refused = try_to_create(&acme, &acme.owner, json!({ "name": name })).await;
    refused.refuses_with("INVALID_NAME").at("input.name").says(words);
}

#[rstest]
#[tokio::test]
async fn a_token_expires_in_time_to_come(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let now = acme.owner.roster.now();
    for end in [now, now - TimeDelta::seconds(1), now - TimeDelta::days(10_000)] {
        let refused = try_to_create(&acme, &acme.owner, json!({ "expiresAt": end })).await;
        refused
            .refuses_with("INVALID_EXPIRY")
            .at("input.expiresAt")
            .says(&["would have expired already", "Choose a time in the future."]);
    }
    create(&acme, &acme.owner, json!({ "expiresAt": now + TimeDelta::seconds(1) })).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_time_that_no_calendar_has_or_no_database_keeps_is_bad_input(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    for year in ["1969", "+10000", "-0001"] {
        let end = format!("{year}-12-31T12:00:00Z");
        let refused = try_to_create(&acme, &acme.owner, json!({ "expiresAt": end })).await;
        refused.is_refused("BAD_USER_INPUT", &["expiresAt", "between the years 1970 and 9999"]);
    }
    create(&acme, &acme.owner, json!({ "expiresAt": "9999-12-31T12:00:00Z" })).await.succeeds();
}
