//! Leaving an organization by oneself.

use roster_tests::{On, Roster};
use rstest::rstest;

#[rstest]
#[tokio::test]
async fn who_leaves_has_no_access_any_more(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let bob = acme.member_as("Bob", "ADMIN", &[&design]).await;
    let script = acme.api_token_of(&bob).await;

    let left = bob.leave(&acme.id).await;
    assert_eq!(left.succeeds()["message"], "You have left Acme.");

    assert_eq!(acme.rights_of(&bob).await, "refused: NOT_FOUND");
    assert_eq!(acme.rights_of(&script).await, "refused: UNAUTHENTICATED");
    let fields = "status groups { name } removalReason";
    let gone = acme.member_seen_by(&acme.owner, &bob, fields).await;
    assert_eq!(gone, serde_json::json!({ "status": "REMOVED", "groups": [], "removalReason": "LEFT" }));
    // Nobody is told by email what they have done themselves; and nobody leaves twice.
    assert_eq!(roster.mails_to(&bob).await.len(), 1, "only the invitation");
    acme.unchanged_by(bob.leave(&acme.id)).await.fails_with("NOT_A_MEMBER");
}

#[rstest]
#[tokio::test]
async fn who_leaves_one_organization_stays_in_the_others(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let (acme, globex) = (roster.organization("Acme").await, roster.organization_of("Gina", "Globex").await);
    globex.member_as("Bob", "ADMIN", &[]).await;
    let bob = acme.member("Bob").await;
    let script = globex.api_token_of(&bob).await;
    let rights = globex.rights_of(&bob).await;

    globex.unchanged_by(bob.leave(&acme.id)).await.succeeds();
    assert_eq!(globex.rights_of(&bob).await, rights);
    assert_eq!(globex.rights_of(&script).await, rights);
}

#[rstest]
#[tokio::test]
async fn only_members_can_leave(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;

    let sentence = "You are not a member of this organization.";
    for person in [&dana.person, &roster.person("Mallory")] {
        let refused = acme.unchanged_by(person.leave(&acme.id)).await;
        assert_eq!(refused.fails_with("NOT_A_MEMBER"), sentence);
    }
}
