//! `resendNotification`: only what still holds is said again, and not too often.

use chrono::TimeDelta;
use roster_entity::NotificationId;
use roster_tests::{Member, On, Organization, Roster, noon};
use rstest::rstest;
use serde_json::json;

use crate::refusal::Refused;

/// The id of the newest email.
async fn last_email(acme: &Organization) -> String {
    acme.last_notification().await["id"].as_str().unwrap().to_owned()
}

/// Bob is invited; the email of it.
async fn acme_invites_bob(on: On) -> (Organization, Member, String) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let email = last_email(&acme).await;
    (acme, bob, email)
}

#[rstest]
#[case::accepted("accepted")]
#[case::declined("declined")]
#[case::revoked("revoked")]
#[case::revoked_before_the_email_left("canceled")]
#[tokio::test]
async fn an_invitation_that_was_answered_or_revoked_is_not_said_again(
    #[case] how: &str,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (acme, bob, email) = acme_invites_bob(on).await;
    if how != "canceled" {
        acme.owner.roster.deliver().await;
    }
    let answer = match how {
        "accepted" => bob.accept(&bob.roster.link_token(&bob.address).await).await,
        "declined" => bob.decline(&bob.roster.link_token(&bob.address).await).await,
        _ => acme.owner.revoke_invitation_of(&bob).await,
    };
    answer.succeeds();
    acme.owner.roster.pass(TimeDelta::hours(1));
    let refused = acme.unchanged_by(acme.owner.resend_notification(&email)).await;
    refused
        .refuses_with("NOTIFICATION_OVERTAKEN")
        .at("input")
        .about(&bob)
        .says(&["The invitation in this email was answered or revoked."]);
}

#[rstest]
#[case::renewed("renewed")]
#[case::renewed_before_the_email_left("canceled")]
#[case::expired("expired")]
#[tokio::test]
async fn a_link_that_no_longer_works_is_not_said_again_and_the_answer_names_the_invitation(
    #[case] how: &str,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (acme, bob, email) = acme_invites_bob(on).await;
    if how != "canceled" {
        acme.owner.roster.deliver().await;
    }
    match how {
        "expired" => acme.owner.roster.pass(TimeDelta::days(7)),
        _ => {
            acme.owner.roster.pass(TimeDelta::minutes(1));
            acme.owner.resend_invitation_of(&bob).await.succeeds();
        }
    }
    let input = json!({ "notificationId": email });
    let call = acme.owner.mutate("resendNotification", input, "changed message why: errors { invitationId }");
    let refused = acme.unchanged_by(call).await;
    refused
        .refuses_with("NOTIFICATION_OVERTAKEN")
        .at("input")
        .about(&bob)
        .says(&["The link in this email no longer works.", "Resend the invitation instead."]);
    assert_eq!(refused.payload()["why"], json!([{ "invitationId": bob.invitation_id }]));
}

#[rstest]
#[tokio::test]
async fn an_email_is_not_sent_again_before_the_seconds_that_the_answer_names_are_over(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let roster = &acme.owner.roster;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    roster.deliver().await;
    let email = last_email(&acme).await;
    let too_soon = async |wait: &str| {
        let refused = acme.unchanged_by(acme.owner.resend_notification(&email)).await;
        refused.refuses_with("RESEND_TOO_SOON").at("input").about(&bob).says(&["bob@example.com", wait]);
    };
    too_soon("Wait 60 seconds").await;
    roster.pass(TimeDelta::milliseconds(58_500));
    too_soon("Wait 2 seconds").await;
    roster.pass(TimeDelta::milliseconds(1_500));
    acme.owner.resend_notification(&email).await.succeeds();
    roster.deliver().await;
    too_soon("Wait 60 seconds").await;
}

#[rstest]
#[tokio::test]
async fn an_email_of_another_organization_is_as_unknown_as_one_that_does_not_exist(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (acme, _, email) = acme_invites_bob(on).await;
    let globex = acme.owner.roster.organization_of("Gwen", "Globex").await;
    let foreign = acme.unchanged_by(globex.owner.resend_notification(&email)).await;
    foreign.is_refused("NOT_FOUND", &["no such notification", "no access"]);
    let unknown = NotificationId::generate(noon()).to_string();
    assert_eq!(foreign.answer.0, globex.owner.resend_notification(&unknown).await.answer.0);
    let refused = globex.owner.resend_notification(&acme.id).await;
    refused.is_refused("BAD_USER_INPUT", &["notification_", "begins with organization_"]);
}
