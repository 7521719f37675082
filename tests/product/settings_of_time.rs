//! How long an invitation can be accepted, and how long a removal can be undone.

use chrono::TimeDelta;
use roster_tests::{On, Organization, Roster};
use rstest::rstest;
use serde_json::json;

async fn set(acme: &Organization, setting: &str, days: i32) {
    acme.owner.update_organization(acme, json!({ setting: days })).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn the_lifetime_of_invitations_holds_for_new_and_renewed_ones_only(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (old, renewed) = (acme.invited("Bob").await, acme.invited("Carla").await);
    set(&acme, "invitationLifetimeDays", 2).await;
    roster.pass(TimeDelta::days(1));

    let new = acme.invited("Dana").await;
    acme.owner.resend_invitation_of(&renewed).await.succeeds();

    // Invited on the 21st for seven days; on the 22nd for two.
    for (member, until) in [(&old, "28"), (&renewed, "24"), (&new, "24")] {
        let link = roster.link_token(&member.address).await;
        let offer = member.offer(&link).await;
        assert_eq!(offer.text("/invitation/expiresAt"), format!("2026-11-{until}T12:00:00+00:00"));
        let mail = roster.last_mail_to(member).await;
        assert!(
            mail.text().contains(&format!("valid until {until} November 2026 at 12:00 UTC")),
            "{}",
            mail.text()
        );
    }
    roster.pass(TimeDelta::days(2));
    for member in [&renewed, &new] {
        member.accept(&roster.link_token(&member.address).await).await.fails_with("INVITATION_EXPIRED");
    }
    old.accept(&roster.link_token(&old.address).await).await.succeeds();

    // Longer again: what has expired is renewed by sending it again, not by the setting.
    set(&acme, "invitationLifetimeDays", 300).await;
    new.accept(&roster.link_token(&new.address).await).await.fails_with("INVITATION_EXPIRED");
    acme.owner.resend_invitation_of(&new).await.succeeds();
    roster.pass(TimeDelta::days(300) - TimeDelta::microseconds(1));
    new.accept(&roster.link_token(&new.address).await).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_removal_can_be_undone_as_long_as_the_setting_says_now(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, carla) = (acme.member("Bob").await, acme.member("Carla").await);
    for member in [&bob, &carla] {
        acme.owner.remove(member).await.succeeds();
    }
    roster.pass(TimeDelta::days(2));

    set(&acme, "restoreWindowDays", 2).await;
    let refused = acme.unchanged_by(acme.owner.restore(&bob)).await;
    let sentence =
        "Bob was removed on 21 November 2026, and a removal can be undone for 2 days. Invite them instead.";
    assert_eq!(refused.fails_with("RESTORE_WINDOW_PASSED"), sentence);
    set(&acme, "restoreWindowDays", 3).await;
    acme.owner.restore(&bob).await.succeeds();
    roster.pass(TimeDelta::days(1) - TimeDelta::microseconds(1));
    acme.owner.restore(&carla).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn an_organization_can_do_without_undoing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    set(&acme, "restoreWindowDays", 0).await;
    acme.owner.remove(&bob).await.succeeds();
    acme.unchanged_by(acme.owner.restore(&bob)).await.fails_with("RESTORE_WINDOW_PASSED");
    // What the sentence advises works.
    acme.member("Bob").await;
}
