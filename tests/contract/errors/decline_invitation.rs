//! `declineInvitation`: as accepting, except that an expired invitation can be declined.

use roster_tests::{On, Roster};
use rstest::rstest;

use crate::refusal::Refused;

#[rstest]
#[tokio::test]
async fn an_invitation_is_not_declined_after_it_was_accepted(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let token = roster.link_token(&bob.address).await;
    bob.accept(&token).await.succeeds();
    let refused = acme.unchanged_by(bob.decline(&token)).await;
    refused
        .refuses_with("INVITATION_ALREADY_ACCEPTED")
        .at("input")
        .about(&bob)
        .says(&["Acme", "was accepted"]);
}

#[rstest]
#[tokio::test]
async fn an_invitation_is_not_declined_after_it_was_revoked(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let token = roster.link_token(&bob.address).await;
    acme.owner.revoke_invitation_of(&bob).await.succeeds();
    let refused = acme.unchanged_by(bob.decline(&token)).await;
    refused.refuses_with("INVITATION_REVOKED").at("input").says(&["Acme", "was revoked"]);
}

#[rstest]
#[tokio::test]
async fn an_invitation_is_declined_by_the_recipient_only(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let token = roster.link_token(&bob.address).await;
    let refused = acme.unchanged_by(roster.person("Mallory").decline(&token)).await;
    refused.refuses_with("WRONG_RECIPIENT").at("input").says(&["b•••@e•••.com"]);
    let unverified = roster.person_with_claims("Bob", |claims| claims.email_verified = false);
    let refused = acme.unchanged_by(unverified.decline(&token)).await;
    refused.refuses_with("EMAIL_NOT_VERIFIED").at("input").says(&["Verify your email address"]);
    let refused = acme.unchanged_by(bob.decline("secret")).await;
    refused.refuses_with("INVITATION_NOT_FOUND").at("input.token").says(&["not a valid invitation link"]);
    bob.decline(&token).await.succeeds();
}
