//! `revokeInvitation`: what was answered cannot be taken back, and nobody takes back more than they have.

use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

use super::too_long_a_note;
use crate::refusal::Refused;

#[rstest]
#[tokio::test]
async fn an_accepted_invitation_is_not_revoked_and_the_answer_names_the_member_to_remove_instead(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let refused = acme.unchanged_by(acme.owner.revoke_invitation_of(&bob)).await;
    refused.refuses_with("INVITATION_ALREADY_ACCEPTED").at("input").about(&bob).says(&[
        "Bob",
        "has accepted",
        "Acme",
        "Remove the member instead.",
    ]);
    acme.owner.remove(&bob).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_declined_invitation_is_not_revoked(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    bob.decline(&roster.link_token(&bob.address).await).await.succeeds();
    let refused = acme.unchanged_by(acme.owner.revoke_invitation_of(&bob)).await;
    refused.refuses_with("INVITATION_DECLINED").at("input").says(&[
        "bob@example.com",
        "has declined",
        "nothing to revoke",
    ]);
}

#[rstest]
#[case::an_owner("OWNER", &[])]
#[case::a_member_of_a_group_with_more("MEMBER", &["Keys"])]
#[tokio::test]
async fn an_admin_does_not_revoke_the_invitation_of_somebody_above(
    #[case] role: &str,
    #[case] groups: &[&str],
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    let groups: Vec<_> = groups.iter().map(|_| keys.as_str()).collect();
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.invited_as("Bob", role, &groups).await;
    let refused = acme.unchanged_by(ada.revoke_invitation_of(&bob)).await;
    refused.refuses_with("ROLE_ABOVE_YOURS").at("input").about(&bob).says(&["more than you", "Ask an owner"]);
    acme.owner.revoke_invitation_of(&bob).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_note_that_is_too_long_is_not_sent(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let input = json!({ "invitationId": bob.invitation_id, "note": too_long_a_note() });
    let refused = acme.unchanged_by(acme.owner.mutate("revokeInvitation", input, "changed message")).await;
    refused
        .refuses_with("NOTE_TOO_LONG")
        .at("input.note")
        .says(&["1001 characters", "at most 1000 characters"]);
}
