//! `updateOrganization`: what is asked of the settings.

use roster_tests::{On, Organization, Payload, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use crate::refusal::Refused;

async fn change(acme: &Organization, settings: Value) -> Payload {
    acme.owner.update_organization(acme, settings).await
}

/// Tries to change settings, which must come to nothing.
async fn try_to_change(acme: &Organization, settings: Value) -> Payload {
    acme.unchanged_by(change(acme, settings)).await
}

#[rstest]
#[case::empty("", &["name is empty", "at least one letter"])]
#[case::too_long(&"é".repeat(101), &["101 characters", "at most 100 characters"])]
#[tokio::test]
async fn an_organization_has_a_name_that_can_be_shown(
    #[case] name: &str,
    #[case] words: &[&str],
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let refused = try_to_change(&acme, json!({ "name": name, "revocationEmail": false })).await;
    refused.refuses_with("INVALID_NAME").at("input.name").about_nobody().says(words);
}

#[rstest]
#[tokio::test]
async fn a_slug_fits_into_an_address_and_belongs_to_one_organization(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let globex = acme.owner.roster.organization_of("Gwen", "Globex").await;
    let refused = try_to_change(&acme, json!({ "slug": "Acme!" })).await;
    refused.refuses_with("INVALID_SLUG").at("input.slug").says(&["1 to 40 lower case letters"]);
    let refused = globex.unchanged_by(try_to_change(&acme, json!({ "slug": "globex" }))).await;
    refused
        .refuses_with("SLUG_TAKEN")
        .at("input.slug")
        .says(&["Another organization has the slug globex", "Choose another one."]);
    change(&acme, json!({ "slug": "globex-2" })).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn addresses_of_an_organization_are_such_that_mail_can_be_sent_to_them(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    for field in ["contactEmail", "replyToEmail"] {
        let refused = try_to_change(&acme, json!({ field: "help" })).await;
        refused
            .refuses_with("INVALID_EMAIL")
            .at(&format!("input.{field}"))
            .says(&["not a valid email address", "name@example.com"]);
    }
}

#[rstest]
#[tokio::test]
async fn the_line_under_every_email_has_at_most_a_hundred_characters(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let refused = try_to_change(&acme, json!({ "brandingLine": "é".repeat(101) })).await;
    refused
        .refuses_with("TEXT_TOO_LONG")
        .at("input.brandingLine")
        .says(&["101 characters", "at most 100 characters"]);
    change(&acme, json!({ "brandingLine": "é".repeat(100) })).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn what_is_no_domain_of_addresses_is_refused_by_its_place_in_the_list(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    for domain in ["", "example", "@example.com", "bob@example.com", "https://example.com", "*.example.com"] {
        let refused = try_to_change(&acme, json!({ "allowedEmailDomains": ["example.com", domain] })).await;
        refused.refuses_with("INVALID_DOMAIN").at("input.allowedEmailDomains.1").says(&[
            domain,
            "not a domain of email addresses",
            "example.com, without an @",
        ]);
    }
}

#[rstest]
#[tokio::test]
async fn a_list_of_domains_is_not_endless(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let domains = |count| (0..count).map(|n| format!("d{n}.example.com")).collect::<Vec<_>>();
    let refused = try_to_change(&acme, json!({ "allowedEmailDomains": domains(101) })).await;
    refused.is_refused("TOO_MANY_ITEMS", &["too long", "at most 100"]);
    change(&acme, json!({ "allowedEmailDomains": domains(100) })).await.succeeds();
    change(&acme, json!({ "allowedEmailDomains": [] })).await.succeeds();
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
    let acme = Roster::start(on).await.organization("Acme").await;
    for days in [i32::MIN, -1, least - 1, 366, i32::MAX] {
        let refused = try_to_change(&acme, json!({ field: days })).await;
        refused.is_refused("BAD_USER_INPUT", &[field, &format!("between {least} and 365")]);
    }
    for days in [least, 365] {
        change(&acme, json!({ field: days })).await.succeeds();
    }
}

#[rstest]
#[tokio::test]
async fn one_setting_that_is_refused_keeps_the_others_from_being_changed(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let settings = json!({
        "name": "Acme Works", "contactEmail": "help@example.com", "restoreWindowDays": 7,
        "allowedEmailDomains": ["example"],
    });
    try_to_change(&acme, settings).await.refuses_with("INVALID_DOMAIN");
}
