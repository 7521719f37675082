//! The fingerprint of a preview: the same as long as nothing of it has changed, and then another one, with which alone the
//! member can be removed as reviewed.

use chrono::TimeDelta;
use roster_tests::{Member, On, Organization, Payload, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use super::remove_as_reviewed;

/// Reviews a member, lets something happen, and finds that nobody is removed who was not reviewed since.
async fn must_be_reviewed_again(acme: &Organization, member: &Member, change: impl Future<Output = Payload>) {
    let reviewed = acme.owner.review(acme, member).await;
    change.await.succeeds();
    refuses_as_stale(acme, member, &reviewed).await;
}

async fn refuses_as_stale(acme: &Organization, member: &Member, reviewed: &str) {
    let one = acme.unchanged_by(remove_as_reviewed(acme, member, reviewed)).await;
    one.fails_with("STALE_PREVIEW");
    let list = json!({ "members": [{ "memberId": member.id, "expectedFingerprint": reviewed }] });
    let list = acme.unchanged_by(acme.owner.remove_all_with(acme, list)).await;
    assert_eq!(list.outcomes(), ["STALE_PREVIEW"]);
}

/// The member can be removed as they are reviewed now.
async fn is_removed_as_reviewed_now(acme: &Organization, member: &Member) {
    let reviewed = acme.owner.review(acme, member).await;
    remove_as_reviewed(acme, member, &reviewed).await.succeeds();
}

async fn update(acme: &Organization, settings: Value) -> Payload {
    acme.owner.update_organization(acme, settings).await
}

#[rstest]
#[tokio::test]
async fn it_stays_the_same_as_long_as_nothing_of_the_preview_changes(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (zoo, design) = (acme.group("Zoo", &["MEMBERS_INVITE"]).await, acme.group("Design", &[]).await);
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.member_as("Bob", "ADMIN", &[&zoo, &design]).await;
    for name in ["Dana", "Emil"] {
        acme.invite_by(&bob, &roster.person(name).address, "MEMBER", &[]).await.succeeds();
        acme.api_token_of(&bob).await;
    }
    let reviewed = acme.owner.review(&acme, &bob).await;

    // Somebody else, at another time, about other people and things.
    roster.pass(TimeDelta::days(3));
    acme.owner.remove(&acme.member_as("Carla", "MEMBER", &[&zoo]).await).await.succeeds();
    acme.invite_by(&ada, "frida@example.com", "MEMBER", &[]).await.succeeds();
    acme.owner.update_group(&design, json!({ "description": "Colours" })).await.succeeds();
    update(&acme, json!({ "slug": "anvils", "restoreWindowDays": 3, "invitationLifetimeDays": 3 }))
        .await
        .succeeds();
    let note = "removalPreview(note: \"Bye.\") { fingerprint }";
    let with_a_note = acme.member_seen_by(&ada, &bob, note).await;
    assert_eq!(with_a_note["removalPreview"]["fingerprint"], reviewed.as_str());
    remove_as_reviewed(&acme, &bob, &reviewed).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn it_changes_with_the_role_and_the_groups(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (design, lab) = (acme.group("Design", &[]).await, acme.group("Lab", &[]).await);
    let bob = acme.member_as("Bob", "MEMBER", &[&design]).await;
    let owner = &acme.owner;
    must_be_reviewed_again(&acme, &bob, owner.change_role(&bob, "ADMIN")).await;
    must_be_reviewed_again(&acme, &bob, owner.add_to_group(&lab, &[&bob])).await;
    must_be_reviewed_again(&acme, &bob, owner.take_out_of_group(&design, &[&bob])).await;
    must_be_reviewed_again(&acme, &bob, owner.update_group(&lab, json!({ "name": "R&D" }))).await;
    let grants = json!({ "permissions": ["MEMBERS_INVITE"] });
    must_be_reviewed_again(&acme, &bob, owner.update_group(&lab, grants)).await;
    must_be_reviewed_again(&acme, &bob, owner.delete_group(&lab)).await;
    is_removed_as_reviewed_now(&acme, &bob).await;
}

#[rstest]
#[tokio::test]
async fn it_changes_with_what_they_have_sent_and_made(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let dana = roster.person("Dana");
    must_be_reviewed_again(&acme, &ada, acme.invite_by(&ada, &dana.address, "MEMBER", &[])).await;
    let token = roster.link_token(&dana.address).await;
    must_be_reviewed_again(&acme, &ada, dana.accept(&token)).await;

    let sync = json!({
        "organizationId": acme.id, "name": "Sync", "permissions": [], "expiresAt": "2026-11-22T12:00:00Z",
    });
    must_be_reviewed_again(&acme, &ada, ada.mutate("createApiToken", sync, "message")).await;
    let reviewed = acme.owner.review(&acme, &ada).await;
    let script = acme.api_token_of(&ada).await;
    refuses_as_stale(&acme, &ada, &reviewed).await;
    must_be_reviewed_again(&acme, &ada, acme.owner.revoke_token(&script)).await;
    let reviewed = acme.owner.review(&acme, &ada).await;
    roster.pass(TimeDelta::days(1));
    refuses_as_stale(&acme, &ada, &reviewed).await;
    is_removed_as_reviewed_now(&acme, &ada).await;
}

/// Neither the role nor anything else of the member changes, but what the removal would mean.
#[rstest]
#[tokio::test]
async fn it_changes_when_they_become_the_last_owner_or_are_it_no_longer(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    let kim = acme.member_as("Kim", "ADMIN", &[&keys]).await;
    let otto = acme.member_as("Otto", "OWNER", &[]).await;
    let seen_by_kim = Organization { owner: kim, ..acme.clone() };

    must_be_reviewed_again(&seen_by_kim, &acme.owner, seen_by_kim.owner.change_role(&otto, "ADMIN")).await;
    let as_the_last = seen_by_kim.owner.review(&acme, &acme.owner).await;
    let refused = remove_as_reviewed(&seen_by_kim, &acme.owner, &as_the_last).await;
    refused.fails_with("LAST_OWNER");
    must_be_reviewed_again(&seen_by_kim, &acme.owner, seen_by_kim.owner.change_role(&otto, "OWNER")).await;
    is_removed_as_reviewed_now(&seen_by_kim, &acme.owner).await;
}

#[rstest]
#[tokio::test]
async fn it_changes_when_somebody_joins(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;
    let token = roster.link_token(&dana.address).await;
    must_be_reviewed_again(&acme, &dana, dana.accept(&token)).await;
    is_removed_as_reviewed_now(&acme, &dana).await;
}

#[rstest]
#[tokio::test]
async fn it_changes_with_the_settings_that_the_email_shows(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, dana) = (acme.member("Bob").await, acme.invited("Dana").await);
    for settings in [
        json!({ "name": "Anvils" }),
        json!({ "contactEmail": "people@acme.example" }),
        json!({ "replyToEmail": "desk@acme.example" }),
        json!({ "brandingLine": "Since 1920" }),
        json!({ "brandingLine": null }),
        json!({ "revocationEmail": false }),
    ] {
        let reviewed = (acme.owner.review(&acme, &bob).await, acme.owner.review(&acme, &dana).await);
        update(&acme, settings).await.succeeds();
        refuses_as_stale(&acme, &bob, &reviewed.0).await;
        refuses_as_stale(&acme, &dana, &reviewed.1).await;
    }
    is_removed_as_reviewed_now(&acme, &bob).await;
    is_removed_as_reviewed_now(&acme, &dana).await;
}
