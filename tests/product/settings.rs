//! What can be set about an organization, and what the log says of it.

use chrono::TimeDelta;
use roster_tests::{On, Organization, Roster};
use rstest::rstest;
use serde_json::{Value, json};

/// All settings, as the owner sees them.
async fn settings(acme: &Organization) -> Value {
    let fields = "name slug contactEmail replyToEmail brandingLine revocationEmail invitationLifetimeDays
        restoreWindowDays allowedEmailDomains";
    acme.seen_by(&acme.owner, fields).await.at("/organization").clone()
}

/// What nobody has set.
fn defaults() -> Value {
    json!({
        "name": "Acme", "slug": "acme", "contactEmail": null, "replyToEmail": null, "brandingLine": null,
        "revocationEmail": true, "invitationLifetimeDays": 7, "restoreWindowDays": 30, "allowedEmailDomains": [],
    })
}

/// All settings, and none of them as it is by default.
fn others() -> Value {
    json!({
        "name": "Acme Ltd", "slug": "acme-ltd", "contactEmail": "office@acme.example",
        "replyToEmail": "help@acme.example", "brandingLine": "Acme · Anvils since 1949",
        "revocationEmail": false, "invitationLifetimeDays": 3, "restoreWindowDays": 0,
        "allowedEmailDomains": ["acme.example", "example.com"],
    })
}

/// The newest entry must say that Olivia has changed these settings from this to that.
async fn is_logged(acme: &Organization, before: Value, after: Value) {
    let entry = json!({
        "action": "ORGANIZATION_UPDATED", "actor": { "name": "Olivia" }, "before": before, "after": after,
    });
    assert_eq!(acme.last_entry().await, entry);
}

#[rstest]
#[tokio::test]
async fn each_setting_can_be_changed_by_itself(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let mut expected = settings(&acme).await;
    assert_eq!(expected, defaults());

    for (setting, value) in others().as_object().unwrap() {
        let change = json!({ setting.as_str(): value });
        let changed = acme.owner.update_organization(&acme, change.clone()).await;
        let before = json!({ setting.as_str(): expected[setting] });
        expected[setting] = value.clone();
        assert_eq!(changed.succeeds()["organization"], expected, "{setting}");
        assert_eq!(
            changed.message(),
            format!("The settings of {} were changed.", expected["name"].as_str().unwrap())
        );
        assert_eq!(settings(&acme).await, expected, "{setting}");
        is_logged(&acme, before, change.clone()).await;

        let again = acme.unchanged_by(acme.owner.update_organization(&acme, change)).await;
        assert_eq!(again.changes_nothing()["organization"], expected, "{setting}");
    }
}

#[rstest]
#[tokio::test]
async fn all_settings_can_be_changed_together(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;

    acme.owner.update_organization(&acme, others()).await.succeeds();
    assert_eq!(settings(&acme).await, others());
    is_logged(&acme, defaults(), others()).await;

    acme.unchanged_by(acme.owner.update_organization(&acme, others())).await.changes_nothing();
    acme.unchanged_by(acme.owner.update_organization(&acme, json!({}))).await.changes_nothing();

    // The log has only what is not as it was.
    let mut some = others();
    some["restoreWindowDays"] = 14.into();
    some["contactEmail"] = Value::Null;
    acme.owner.update_organization(&acme, some).await.succeeds();
    let before = json!({ "restoreWindowDays": 0, "contactEmail": "office@acme.example" });
    is_logged(&acme, before, json!({ "restoreWindowDays": 14, "contactEmail": null })).await;
    let log = acme.log(json!({ "actions": ["ORGANIZATION_UPDATED"] })).await;
    assert_eq!(log.len(), 2, "one entry for each change, and none for nothing: {log:#?}");
}

#[rstest]
#[tokio::test]
async fn null_clears_and_what_is_left_out_is_kept(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = Organization::create_with(roster.person("Olivia"), others()).await;
    let mut expected = others();

    for setting in ["contactEmail", "replyToEmail", "brandingLine"] {
        acme.owner.update_organization(&acme, json!({ setting: null })).await.succeeds();
        expected[setting] = Value::Null;
        assert_eq!(settings(&acme).await, expected, "{setting}");
        is_logged(&acme, json!({ setting: others()[setting] }), json!({ setting: null })).await;
    }
    // A line of which nothing shows is none.
    let line = |line: &str| acme.owner.update_organization(&acme, json!({ "brandingLine": line }));
    acme.unchanged_by(line(" \u{200b}\n")).await.changes_nothing();
    // What cannot be empty is not cleared.
    let null = json!({
        "name": null, "slug": null, "revocationEmail": null, "invitationLifetimeDays": null,
        "restoreWindowDays": null, "allowedEmailDomains": null,
    });
    acme.unchanged_by(acme.owner.update_organization(&acme, null)).await.changes_nothing();
}

#[rstest]
#[tokio::test]
async fn one_setting_that_cannot_be_keeps_all_others_as_they_were(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    roster.organization_of("Gina", "Globex").await;

    for (setting, wrong, code) in [
        ("name", json!(" "), "INVALID_NAME"),
        ("slug", json!("Acme Ltd"), "INVALID_SLUG"),
        ("slug", json!("globex"), "SLUG_TAKEN"),
        ("contactEmail", json!("office"), "INVALID_EMAIL"),
        ("replyToEmail", json!(""), "INVALID_EMAIL"),
        ("brandingLine", json!("x".repeat(101)), "TEXT_TOO_LONG"),
        ("allowedEmailDomains", json!(["example.com", "@"]), "INVALID_DOMAIN"),
    ] {
        let mut changes = others();
        changes[setting] = wrong;
        let refused = acme.unchanged_by(acme.owner.update_organization(&acme, changes)).await;
        refused.fails_with(code);
    }
    for (setting, days) in [("invitationLifetimeDays", 0), ("restoreWindowDays", 366)] {
        let mut changes = others();
        changes[setting] = days.into();
        let refused = acme.unchanged_by(acme.owner.update_organization(&acme, changes)).await;
        refused.is_refused_with("BAD_USER_INPUT");
    }
}

#[rstest]
#[tokio::test]
async fn an_organization_can_be_created_with_all_settings(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = Organization::create_with(roster.person("Olivia"), others()).await;
    assert_eq!(settings(&acme).await, others());

    // And they hold from the first day on.
    let refused = acme.invite_by(&acme.owner, "eve@elsewhere.example", "MEMBER", &[]).await;
    refused.fails_with("EMAIL_DOMAIN_NOT_ALLOWED");
    let bob = acme.invited("Bob").await;
    assert!(roster.last_mail_to(&bob).await.text().contains("Acme · Anvils since 1949"));
    roster.pass(TimeDelta::days(3));
    let link = roster.link_token(&bob.address).await;
    bob.accept(&link).await.fails_with("INVITATION_EXPIRED");
}

#[rstest]
#[tokio::test]
async fn the_old_slug_stops_working_the_new_one_works_and_the_old_one_is_free(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let globex = roster.organization_of("Gina", "Globex").await;
    let by_slug = async |slug: &str| {
        acme.owner
            .graphql("query ($slug: String) { organization(slug: $slug) { id } }", json!({ "slug": slug }))
            .await
    };
    assert_eq!(by_slug("acme").await.text("/organization/id"), acme.id);

    let rename = |slug: &str| acme.owner.update_organization(&acme, json!({ "slug": slug }));
    let taken = acme.unchanged_by(rename("globex")).await;
    assert_eq!(
        taken.fails_with("SLUG_TAKEN"),
        "Another organization has the slug globex. Choose another one."
    );
    rename("anvils").await.succeeds();

    assert_eq!(by_slug("acme").await.error_code(), "NOT_FOUND");
    assert_eq!(by_slug("anvils").await.text("/organization/id"), acme.id);
    globex.owner.update_organization(&globex, json!({ "slug": "acme" })).await.succeeds();
    // A new name does not bring a new slug.
    acme.owner.update_organization(&acme, json!({ "name": "Anvils & Co" })).await.succeeds();
    assert_eq!(by_slug("anvils").await.text("/organization/id"), acme.id);
}
