//! `acceptInvitation`: a link that does not work says why, and what to do about it.

use chrono::TimeDelta;
use roster_tests::{On, Roster};
use rstest::rstest;

use crate::refusal::Refused;

#[rstest]
#[tokio::test]
async fn a_link_that_was_not_copied_whole_or_is_made_up_is_of_no_invitation(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let token = roster.link_token(&bob.address).await;
    let (most, last) = token.split_at(token.len() - 1);
    let other = if last == "A" { "B" } else { "A" };
    for token in ["", "secret", most, &format!("{most}{other}"), &format!("{token}A"), &bob.invitation_id] {
        let refused = acme.unchanged_by(bob.accept(token)).await;
        refused
            .refuses_with("INVITATION_NOT_FOUND")
            .at("input.token")
            .says(&["not a valid invitation link", "copied all of it", "ask to be invited again"])
            .about_nobody();
    }
}

#[rstest]
#[tokio::test]
async fn a_link_that_was_replaced_points_to_the_newest_email(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let old = roster.link_token(&bob.address).await;
    roster.pass(TimeDelta::minutes(1));
    acme.owner.resend_invitation_of(&bob).await.succeeds();
    let refused = acme.unchanged_by(bob.accept(&old)).await;
    refused.refuses_with("INVITATION_NOT_FOUND").at("input.token").says(&["replaced", "newest email"]);
    bob.accept(&roster.link_token(&bob.address).await).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_used_link_does_not_bring_a_removed_person_back(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let token = roster.link_token(&bob.address).await;
    bob.accept(&token).await.succeeds();
    acme.owner.remove(&bob).await.succeeds();
    let refused = acme.unchanged_by(bob.accept(&token)).await;
    refused.refuses_with("INVITATION_NOT_FOUND").at("input").says(&[
        "was used",
        "no longer a member of Acme",
        "Ask to be invited again",
    ]);
}

#[rstest]
#[tokio::test]
async fn an_expired_invitation_says_since_when_and_whom_to_ask(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let token = roster.link_token(&bob.address).await;
    roster.pass(TimeDelta::days(7));
    let refused = acme.unchanged_by(bob.accept(&token)).await;
    refused.refuses_with("INVITATION_EXPIRED").at("input").says(&[
        "Acme",
        "expired on 28 November 2026",
        "Ask Olivia to send it again",
    ]);
}

#[rstest]
#[tokio::test]
async fn a_revoked_invitation_is_not_accepted(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let token = roster.link_token(&bob.address).await;
    acme.owner.revoke_invitation_of(&bob).await.succeeds();
    let refused = acme.unchanged_by(bob.accept(&token)).await;
    refused.refuses_with("INVITATION_REVOKED").at("input").says(&["Acme", "was revoked", "invited again"]);
}

#[rstest]
#[tokio::test]
async fn a_declined_invitation_is_not_accepted(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let token = roster.link_token(&bob.address).await;
    bob.decline(&token).await.succeeds();
    let refused = acme.unchanged_by(bob.accept(&token)).await;
    refused.refuses_with("INVITATION_DECLINED").at("input").says(&[
        "You have declined",
        "Acme",
        "invited again",
    ]);
}

#[rstest]
#[tokio::test]
async fn somebody_else_learns_only_the_masked_address_of_the_recipient(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let token = roster.link_token(&bob.address).await;
    let refused = acme.unchanged_by(roster.person("Mallory").accept(&token)).await;
    let refusal = refused.refuses_with("WRONG_RECIPIENT");
    refusal.at("input").about_nobody().says(&["b•••@e•••.com", "Sign in with that address"]);
    assert!(!refusal.message().contains("bob@example.com"));
    bob.accept(&token).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn who_has_not_verified_the_address_has_to_do_that_first(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let token = roster.link_token(&bob.address).await;
    let unverified = roster.person_with_claims("Bob", |claims| claims.email_verified = false);
    let refused = acme.unchanged_by(unverified.accept(&token)).await;
    refused
        .refuses_with("EMAIL_NOT_VERIFIED")
        .at("input")
        .says(&["Verify your email address", "then answer the invitation"]);
    bob.accept(&token).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn the_page_of_a_link_that_is_not_valid_has_the_same_sentence(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let answer = roster.anonymous().query(r#"{ invitation(token: "secret") { organizationName } }"#).await;
    assert_eq!(answer.error_code(), "INVITATION_NOT_FOUND");
    crate::refusal::says(answer.error_message(), &["not a valid invitation link", "copied all of it"]);
}
