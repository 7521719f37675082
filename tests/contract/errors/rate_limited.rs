//! `RATE_LIMITED`: who sends invitations too often is told how long to wait.

use chrono::TimeDelta;
use roster_tests::{On, Organization, Payload, Person, Roster};
use rstest::rstest;
use serde_json::json;

use crate::refusal::Refused;

async fn start(on: On, organization: u32, recipient: u32) -> (Roster, Organization) {
    let roster = Roster::start_with(on, |config| {
        config.rate_limits.organization_invitations_per_hour = organization;
        config.rate_limits.recipient_invitations_per_day = recipient;
    })
    .await;
    let acme = roster.organization("Acme").await;
    (roster, acme)
}

async fn invite(acme: &Organization, people: &[&str]) -> Payload {
    let people: Vec<_> =
        people.iter().map(|name| json!({ "email": format!("{name}@example.com") })).collect();
    acme.invite_people(&acme.owner, json!(people)).await
}

async fn resend_email(acme: &Organization, person: &Person) -> Payload {
    let notification = acme.last_notification().await;
    let input = json!({ "notificationId": notification["id"] });
    person.mutate("resendNotification", input, "changed message").await
}

#[rstest]
#[tokio::test]
async fn an_organization_that_has_sent_many_invitations_waits_and_others_do_not(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (roster, acme) = start(on, 4, 100).await;
    let bob = acme.invited("Bob").await;
    invite(&acme, &["carol", "dan"]).await.succeeds();
    roster.deliver().await;
    roster.pass(TimeDelta::seconds(61)); // no email is sent twice in a minute
    acme.owner.resend_invitation_of(&bob).await.succeeds();

    let words = ["Acme has sent many invitations", "Try again in 14 minutes."];
    let refused = acme.unchanged_by(invite(&acme, &["eve"])).await;
    refused.is_refused("RATE_LIMITED", &words);
    assert_eq!(refused.answer.0["errors"][0]["extensions"]["retryAfter"], 839);
    roster.deliver().await;
    roster.pass(TimeDelta::seconds(61));
    let words = ["Acme has sent many invitations", "Try again in 13 minutes."];
    acme.unchanged_by(acme.owner.resend_invitation_of(&bob)).await.is_refused("RATE_LIMITED", &words);
    acme.unchanged_by(resend_email(&acme, &acme.owner)).await.is_refused("RATE_LIMITED", &words);
    roster.organization_of("Gwen", "Globex").await.invited("Eve").await;

    roster.pass(TimeDelta::seconds(778));
    acme.invited("Eve").await;
}

#[rstest]
#[tokio::test]
async fn an_address_that_has_got_many_invitations_gets_no_more_from_anybody(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (roster, acme) = start(on, 100, 2).await;
    let globex = roster.organization_of("Gwen", "Globex").await;
    let hooli = roster.organization_of("Hank", "Hooli").await;
    let bob = acme.invited("Bob").await;
    globex.invited("Bob").await;

    let refused = invite(&hooli, &["Bob", "carol"]).await;
    refused
        .refuses_with("RATE_LIMITED")
        .at("input.people.0.email")
        .says(&["Bob@example.com has got many invitations", "Try again in 12 hours."]);
    assert_eq!(hooli.notifications().await, ["INVITATION carol@example.com QUEUED"]);

    roster.deliver().await;
    roster.pass(TimeDelta::seconds(61));
    let refused = acme.unchanged_by(acme.owner.resend_invitation_of(&bob)).await;
    refused.refuses_with("RATE_LIMITED").at("input").says(&["bob@example.com", "12 hours"]);
    acme.unchanged_by(resend_email(&acme, &acme.owner)).await.refuses_with("RATE_LIMITED");

    roster.pass(TimeDelta::hours(12));
    acme.owner.resend_invitation_of(&bob).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn the_seconds_to_wait_stand_beside_the_sentence(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (roster, acme) = start(on, 100, 1).await;
    let globex = roster.organization_of("Gwen", "Globex").await;
    let bob = acme.invited("Bob").await;
    let errors = async |person: &Person, mutation: &str, input| {
        person.mutate(mutation, input, "refusals: errors { code retryAfter }").await.payload()["refusals"]
            .clone()
    };
    let resend = json!({ "invitationId": bob.invitation_id });
    let expected = json!([{ "code": "RESEND_TOO_SOON", "retryAfter": 60 }]);
    assert_eq!(errors(&acme.owner, "resendInvitation", resend).await, expected);
    let people = json!([{ "email": "bob@example.com" }, { "email": "no address" }]);
    let invite = json!({ "organizationId": globex.id, "people": people });
    let expected = json!([{ "code": "RATE_LIMITED", "retryAfter": 86400 }, { "code": "INVALID_EMAIL", "retryAfter": null }]);
    assert_eq!(errors(&globex.owner, "inviteMembers", invite).await, expected);
}

#[rstest]
#[tokio::test]
async fn what_is_only_tried_or_refused_is_not_counted(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (_, acme) = start(on, 2, 1).await;
    let dry =
        json!({ "organizationId": acme.id, "people": [{ "email": "bob@example.com" }], "dryRun": true });
    let atomic = json!({
        "organizationId": acme.id, "mode": "ATOMIC",
        "people": [{ "email": "bob@example.com" }, { "email": "no address" }],
    });
    for _ in 0..3 {
        acme.owner.mutate("inviteMembers", dry.clone(), "changed").await.succeeds();
        acme.owner.mutate("inviteMembers", atomic.clone(), "changed").await.payload();
        acme.invite_by(&acme.owner, "olivia@example.com", "MEMBER", &[]).await.refuses_with("ALREADY_MEMBER");
    }
    invite(&acme, &["bob", "carol"]).await.succeeds();
}

/// What was counted by a clock that was days ahead.
#[rstest]
#[tokio::test]
async fn a_clock_that_was_set_back_makes_nobody_wait(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (roster, acme) = start(on, 1, 1).await;
    let globex = roster.organization_of("Gwen", "Globex").await;
    acme.invited("Bob").await;
    invite(&globex, &["bob"]).await.refuses_with("RATE_LIMITED");
    roster.pass(TimeDelta::days(-2));
    globex.invited("Bob").await;
    acme.invited("Carol").await;
}

#[rstest]
#[tokio::test]
async fn all_apis_of_one_roster_count_together(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (roster, acme) = start(on, 2, 100).await;
    let other = roster.second_api().await;
    invite(&acme, &["bob"]).await.succeeds();
    let there = Organization { owner: acme.owner.through(&other), ..acme.clone() };
    invite(&there, &["carol"]).await.succeeds();
    for acme in [&acme, &there] {
        acme.unchanged_by(invite(acme, &["dan"])).await.is_refused("RATE_LIMITED", &["Acme", "30 minutes"]);
    }
}
