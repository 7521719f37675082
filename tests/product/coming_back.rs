//! Inviting somebody again whose membership or invitation has ended: it always works, and brings nothing old back.

use roster_tests::{Member, On, Organization, Roster};
use rstest::rstest;
use serde_json::json;

/// That somebody who had been more is a plain member now, with nothing of old.
async fn has_nothing_of_old(acme: &Organization, member: &Member) {
    assert_eq!(acme.rights_of(member).await, "MEMBERS_READ");
    assert_eq!(
        acme.member_seen_by(
            &acme.owner,
            member,
            "status role groups { name } removedAt removedBy { name } removalNote"
        )
        .await,
        json!({
            "status": "ACTIVE", "role": "MEMBER", "groups": [],
            "removedAt": null, "removedBy": null, "removalNote": null,
        })
    );
}

#[rstest]
#[tokio::test]
async fn after_a_removal(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let hiring = acme.group("Hiring", &["MEMBERS_INVITE"]).await;
    let bob = acme.member_as("Bob", "ADMIN", &[&hiring]).await;
    let old_link = roster.link_token(&bob.address).await;
    let script = acme.api_token_of(&bob).await;
    let input = json!({ "memberId": bob.id, "note": "See you in spring." });
    acme.owner.remove_with(input).await.succeeds();

    // The link that was used once does not let back in.
    bob.accept(&old_link).await.fails_with("INVITATION_NOT_FOUND");

    let again = acme.invited("Bob").await;
    let new_link = roster.link_token(&again.address).await;
    assert_eq!(acme.rights_of(&bob).await, "refused: NOT_FOUND", "not before he accepts");
    bob.accept(&old_link).await.fails_with("INVITATION_NOT_FOUND");
    again.accept(&new_link).await.succeeds();

    has_nothing_of_old(&acme, &again).await;
    assert_eq!(acme.rights_of(&script).await, "refused: UNAUTHENTICATED", "the old API token stays revoked");
    assert_eq!(acme.invitations().await, ["bob@example.com ACCEPTED", "bob@example.com ACCEPTED"]);
}

#[rstest]
#[tokio::test]
async fn after_leaving(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let hiring = acme.group("Hiring", &["MEMBERS_INVITE"]).await;
    let bob = acme.member_as("Bob", "ADMIN", &[&hiring]).await;
    bob.leave(&acme.id).await.succeeds();

    let again = acme.member("Bob").await;
    has_nothing_of_old(&acme, &again).await;
}

#[rstest]
#[tokio::test]
async fn after_declining(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let hiring = acme.group("Hiring", &["MEMBERS_INVITE"]).await;
    let bob = acme.invited_as("Bob", "ADMIN", &[&hiring]).await;
    let old_link = roster.link_token(&bob.address).await;
    bob.decline(&old_link).await.succeeds();

    let again = acme.member("Bob").await;
    has_nothing_of_old(&acme, &again).await;
    again.accept(&old_link).await.fails_with("INVITATION_DECLINED");
    assert_eq!(acme.invitations().await, ["bob@example.com ACCEPTED", "bob@example.com DECLINED"]);
}

#[rstest]
#[tokio::test]
async fn after_a_revocation(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let hiring = acme.group("Hiring", &["MEMBERS_INVITE"]).await;
    let bob = acme.invited_as("Bob", "ADMIN", &[&hiring]).await;
    let old_link = roster.link_token(&bob.address).await;
    acme.owner.revoke_invitation_of(&bob).await.succeeds();

    let again = acme.invited("Bob").await;
    bob.accept(&old_link).await.fails_with("INVITATION_REVOKED");
    again.accept(&roster.link_token(&bob.address).await).await.succeeds();
    has_nothing_of_old(&acme, &again).await;
}

#[rstest]
#[tokio::test]
async fn again_and_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let first = acme.member("Bob").await;
    for _ in 0..3 {
        acme.owner.remove(&first).await.succeeds();
        let again = acme.member_as("Bob", "ADMIN", &[&design]).await;
        assert_eq!(again.id, first.id);
    }
    assert_eq!(acme.members(json!({ "groupIds": [design] })).await, ["Bob: ACTIVE"]);
    assert_eq!(acme.members(json!({ "status": ["REMOVED"] })).await, Vec::<String>::new());
}
