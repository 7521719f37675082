//! `resendInvitation`: only an open invitation is sent again, and not too often.

use chrono::TimeDelta;
use roster_tests::{On, Roster};
use rstest::rstest;

use crate::refusal::Refused;

#[rstest]
#[tokio::test]
async fn an_accepted_invitation_is_not_sent_again_and_the_answer_names_the_member(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let refused = acme.unchanged_by(acme.owner.resend_invitation_of(&bob)).await;
    refused.refuses_with("INVITATION_ALREADY_ACCEPTED").at("input").about(&bob).says(&[
        "bob@example.com",
        "has accepted",
        "Acme",
    ]);
}

#[rstest]
#[tokio::test]
async fn a_revoked_invitation_is_not_sent_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    acme.owner.revoke_invitation_of(&bob).await.succeeds();
    let refused = acme.unchanged_by(acme.owner.resend_invitation_of(&bob)).await;
    refused.refuses_with("INVITATION_REVOKED").at("input").says(&["bob@example.com", "was revoked", "again"]);
    acme.invited("Bob").await;
}

#[rstest]
#[tokio::test]
async fn a_declined_invitation_is_not_sent_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    bob.decline(&roster.link_token(&bob.address).await).await.succeeds();
    let refused = acme.unchanged_by(acme.owner.resend_invitation_of(&bob)).await;
    refused.refuses_with("INVITATION_DECLINED").at("input").says(&[
        "bob@example.com",
        "has declined",
        "again",
    ]);
    acme.invited("Bob").await;
}

#[rstest]
#[tokio::test]
async fn an_invitation_is_not_sent_again_before_the_seconds_that_the_answer_names_are_over(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let refused = acme.unchanged_by(acme.owner.resend_invitation_of(&bob)).await;
    refused.refuses_with("RESEND_TOO_SOON").at("input").says(&["bob@example.com", "Wait 60 seconds"]);
    roster.pass(TimeDelta::milliseconds(58_500));
    let refused = acme.unchanged_by(acme.owner.resend_invitation_of(&bob)).await;
    refused.refuses_with("RESEND_TOO_SOON").says(&["Wait 2 seconds"]);
    roster.pass(TimeDelta::milliseconds(1_500));
    acme.owner.resend_invitation_of(&bob).await.succeeds();
}
