//! A removal that insists on what was reviewed: `removeMember` and `removeMembers` with a fingerprint.

use roster_tests::{Member, On, Organization, Payload, Roster};
use rstest::rstest;
use serde_json::json;

use crate::refusal::{Refused, says};

/// Acme with a group, which Bob is in.
async fn acme_with_bob(on: On) -> (Organization, Member, String) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&design]).await;
    (acme, bob, design)
}

async fn remove_as_reviewed(acme: &Organization, member: &Member, fingerprint: &str) -> Payload {
    let input = json!({ "memberId": member.id, "expectedFingerprint": fingerprint });
    acme.owner.remove_with(input).await
}

#[rstest]
#[case::another_role("role")]
#[case::one_more_group("group")]
#[case::a_group_less("left group")]
#[case::a_group_that_grants_more("grants")]
#[case::an_invitation_that_they_have_sent("invitation")]
#[case::an_api_token_of_theirs("token")]
#[tokio::test]
async fn who_is_not_as_they_were_reviewed_is_not_removed(
    #[case] what: &str,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (acme, bob, design) = acme_with_bob(on).await;
    acme.owner.change_role(&bob, "ADMIN").await.succeeds();
    let other = acme.group("Other", &[]).await;
    let reviewed = acme.owner.review(&acme, &bob).await;
    let owner = &acme.owner;
    let changed = match what {
        "role" => owner.change_role(&bob, "MEMBER").await,
        "group" => owner.add_to_group(&other, &[&bob]).await,
        "left group" => owner.take_out_of_group(&design, &[&bob]).await,
        "grants" => owner.update_group(&design, json!({ "permissions": ["ACTIVITIES_READ"] })).await,
        "invitation" => acme.invite_by(&bob, "eve@example.com", "MEMBER", &[]).await,
        _ => {
            let token = json!({ "organizationId": acme.id, "name": "Sync", "permissions": [] });
            bob.mutate("createApiToken", token, "message").await
        }
    };
    changed.succeeds();
    let refused = acme.unchanged_by(remove_as_reviewed(&acme, &bob, &reviewed)).await;
    let sentence = "Something about Bob, or about the email to them, has changed since you reviewed it.";
    refused.refuses_with("STALE_PREVIEW").at("input").about(&bob).says(&[sentence, "Review it again."]);
    let reviewed = acme.owner.review(&acme, &bob).await;
    remove_as_reviewed(&acme, &bob, &reviewed).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn who_has_joined_since_is_not_removed_as_somebody_who_was_invited(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let reviewed = acme.owner.review(&acme, &bob).await;
    bob.accept(&bob.roster.link_token(&bob.address).await).await.succeeds();
    acme.unchanged_by(remove_as_reviewed(&acme, &bob, &reviewed))
        .await
        .refuses_with("STALE_PREVIEW")
        .about(&bob);
}

#[rstest]
#[tokio::test]
async fn the_fingerprint_of_somebody_else_is_not_theirs(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, bob, design) = acme_with_bob(on).await;
    let carol = acme.member_as("Carol", "MEMBER", &[&design]).await;
    for fingerprint in [&acme.owner.review(&acme, &carol).await, "", "?"] {
        let refused = acme.unchanged_by(remove_as_reviewed(&acme, &bob, fingerprint)).await;
        refused.refuses_with("STALE_PREVIEW").about(&bob);
    }
}

#[rstest]
#[tokio::test]
async fn in_a_list_only_those_are_not_removed_who_have_changed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, bob, design) = acme_with_bob(on).await;
    let carol = acme.invited_as("Carol", "MEMBER", &[&design]).await;
    let eve = acme.member("Eve").await;
    let members = json!([
        { "memberId": bob.id, "expectedFingerprint": acme.owner.review(&acme, &bob).await },
        { "memberId": carol.id, "expectedFingerprint": acme.owner.review(&acme, &carol).await },
        { "memberId": eve.id },
    ]);
    acme.owner.take_out_of_group(&design, &[&carol]).await.succeeds();
    acme.owner.change_role(&eve, "ADMIN").await.succeeds();
    let atomic = json!({ "members": members, "mode": "ATOMIC" });
    let refused = acme.unchanged_by(acme.owner.remove_all_with(&acme, atomic)).await;
    let carol_has_changed = |answer: &Payload| {
        answer
            .refuses_with("STALE_PREVIEW")
            .at("input.members.1.memberId")
            .about(&carol)
            .says(&["Something about carol@example.com", "Review it again."]);
    };
    carol_has_changed(&refused);
    let answer = acme.owner.remove_all_with(&acme, json!({ "members": members })).await;
    let refusals = answer.refusals();
    assert_eq!(refusals.len(), 1);
    assert_eq!(refusals[0].code(), "STALE_PREVIEW");
    refusals[0].at("input.members.1.memberId").about(&carol);
    says(answer.message(), &["2 people were removed from Acme; 1 could not be removed."]);
}
