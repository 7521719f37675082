//! `createOrganization`: what is asked of a name, a slug and an address.

use roster_tests::{On, Organization, Payload, Person, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use crate::refusal::Refused;

/// Tries to create an organization, which must come to nothing; the answer.
async fn try_to_create(person: &Person, input: Value) -> Payload {
    let mine = "{ viewer { organizations { nodes { id } } } }";
    let before = person.query(mine).await.data().clone();
    let answer = person.mutate("createOrganization", input, "message organization { id }").await;
    assert_eq!(person.query(mine).await.data(), &before);
    answer
}

#[rstest]
#[tokio::test]
async fn who_has_not_verified_their_address_creates_no_organization(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let olivia = roster.person_with_claims("Olivia", |claims| claims.email_verified = false);
    let refused = try_to_create(&olivia, json!({ "name": "Acme" })).await;
    refused
        .refuses_with("EMAIL_NOT_VERIFIED")
        .at("input")
        .says(&["Verify your email address", "then create the organization"]);
}

#[rstest]
#[case::empty("", &["name is empty", "at least one letter"])]
#[case::blank(" \u{200b}\n ", &["name is empty"])]
#[case::too_long(&"é".repeat(101), &["101 characters", "at most 100 characters"])]
#[tokio::test]
async fn an_organization_has_a_name_that_can_be_shown(
    #[case] name: &str,
    #[case] words: &[&str],
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let refused = try_to_create(&roster.person("Olivia"), json!({ "name": name })).await;
    refused.refuses_with("INVALID_NAME").at("input.name").says(words);
}

#[rstest]
#[tokio::test]
async fn a_slug_fits_into_an_address(#[values(On::Sqlite, On::Postgres)] on: On) {
    let olivia = Roster::start(on).await.person("Olivia");
    for slug in ["", "Acme", "ac me", "-acme", "acme-", "acmé", "a/b", &"a".repeat(41)] {
        let refused = try_to_create(&olivia, json!({ "name": "Acme", "slug": slug })).await;
        refused
            .refuses_with("INVALID_SLUG")
            .at("input.slug")
            .says(&["1 to 40 lower case letters, digits and hyphens"]);
    }
}

#[rstest]
#[tokio::test]
async fn a_slug_belongs_to_one_organization(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let gwen = roster.person("Gwen");
    let refused = acme.unchanged_by(try_to_create(&gwen, json!({ "name": "Art", "slug": "acme" }))).await;
    refused
        .refuses_with("SLUG_TAKEN")
        .at("input.slug")
        .says(&["Another organization has the slug acme", "Choose another one."]);
    let namesake = Organization::create_with(gwen, json!({ "name": "Acme" })).await;
    assert_ne!(namesake.slug, acme.slug, "who asks for no slug gets one that is free");
}

#[rstest]
#[case::whom_to_ask("contactEmail", json!("help"), "INVALID_EMAIL", "input.contactEmail", "name@example.com")]
#[case::where_answers_go("replyToEmail", json!("help"), "INVALID_EMAIL", "input.replyToEmail", "name@example.com")]
#[case::the_line("brandingLine", json!("é".repeat(101)), "TEXT_TOO_LONG", "input.brandingLine", "at most 100")]
#[case::a_domain(
    "allowedEmailDomains",
    json!(["example.com", "@example.org"]),
    "INVALID_DOMAIN",
    "input.allowedEmailDomains.1",
    "@example.org is not a domain"
)]
#[tokio::test]
async fn settings_are_asked_for_the_same_as_when_they_are_changed(
    #[case] field: &str,
    #[case] value: Value,
    #[case] code: &str,
    #[case] path: &str,
    #[case] words: &str,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let olivia = Roster::start(on).await.person("Olivia");
    let refused = try_to_create(&olivia, json!({ "name": "Acme", field: value })).await;
    refused.refuses_with(code).at(path).about_nobody().says(&[words]);
}

#[rstest]
#[case::invitations("invitationLifetimeDays", 1)]
#[case::removals("restoreWindowDays", 0)]
#[tokio::test]
async fn days_are_at_most_a_year(
    #[case] field: &str,
    #[case] least: i32,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let olivia = Roster::start(on).await.person("Olivia");
    for days in [-1, least - 1, 366, i32::MAX] {
        let refused = try_to_create(&olivia, json!({ "name": "Acme", field: days })).await;
        refused.is_refused("BAD_USER_INPUT", &[field, &format!("between {least} and 365")]);
    }
    for days in [least, 365] {
        let input = json!({ "name": format!("Acme {days}"), field: days });
        Organization::create_with(olivia.clone(), input).await;
    }
}

#[rstest]
#[tokio::test]
async fn a_script_creates_no_organization(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let script = acme.api_token_of(&acme.owner).await;
    let refused = try_to_create(&script, json!({ "name": "Globex" })).await;
    refused.is_refused("NOT_PERMITTED", &["API token", "within one organization", "Sign in instead."]);
}
