//! An organization always has an owner.

use roster_tests::{Member, On, Organization, Roster};
use rstest::rstest;

/// Somebody who is no owner and may do all that owners may.
async fn deputy_of(acme: &Organization) -> Member {
    let deputies = acme.group("Deputies", &["OWNERS_MANAGE"]).await;
    acme.member_as("Dorothy", "ADMIN", &[&deputies]).await
}

#[rstest]
#[tokio::test]
async fn the_last_owner_cannot_leave(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;

    let refused = acme.unchanged_by(acme.owner.leave(&acme.id)).await;
    let sentence = "You are the last owner of Acme. Make somebody else an owner first.";
    assert_eq!(refused.fails_with("LAST_OWNER"), sentence);

    // What the sentence advises works.
    let bob = acme.member("Bob").await;
    acme.owner.change_role(&bob, "OWNER").await.succeeds();
    acme.owner.leave(&acme.id).await.succeeds();
    bob.leave(&acme.id).await.fails_with("LAST_OWNER");
}

#[rstest]
#[tokio::test]
async fn the_last_owner_cannot_be_removed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let deputy = deputy_of(&acme).await;

    let refused = acme.unchanged_by(deputy.remove(&acme.owner)).await;
    let sentence = "Olivia is the last owner of Acme. Make somebody else an owner first.";
    assert_eq!(refused.fails_with("LAST_OWNER"), sentence);
    // The list of members says so before anybody tries.
    let fields = "viewerCanRemove viewerCannotRemoveBecause { code }";
    let shown = acme.member_seen_by(&deputy, &acme.owner, fields).await;
    let expected = serde_json::json!({
        "viewerCanRemove": false, "viewerCannotRemoveBecause": { "code": "LAST_OWNER" },
    });
    assert_eq!(shown, expected);

    acme.member_as("Otto", "OWNER", &[]).await;
    deputy.remove(&acme.owner).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn the_last_owner_cannot_be_made_less(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let deputy = deputy_of(&acme).await;
    for role in ["ADMIN", "MEMBER"] {
        let refused = acme.unchanged_by(deputy.change_role(&acme.owner, role)).await;
        refused.fails_with("LAST_OWNER");
    }

    acme.member_as("Otto", "OWNER", &[]).await;
    deputy.change_role(&acme.owner, "MEMBER").await.succeeds();
}

#[rstest]
#[tokio::test]
async fn only_active_owners_count(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let deputy = deputy_of(&acme).await;
    // One is only invited, one was removed, one is a deputy by a group, one owns another organization.
    acme.invited_as("Ivo", "OWNER", &[]).await;
    let rita = acme.member_as("Rita", "OWNER", &[]).await;
    acme.owner.remove(&rita).await.succeeds();
    roster.organization_of("Gina", "Globex").await;
    acme.member("Gina").await;

    acme.unchanged_by(async {
        acme.owner.leave(&acme.id).await.fails_with("LAST_OWNER");
        deputy.remove(&acme.owner).await.fails_with("LAST_OWNER");
        deputy.change_role(&acme.owner, "ADMIN").await.fails_with("LAST_OWNER");
    })
    .await;
}

#[rstest]
#[tokio::test]
async fn somebody_who_is_only_invited_as_an_owner_can_be_removed_or_made_less(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (ivo, iris) =
        (acme.invited_as("Ivo", "OWNER", &[]).await, acme.invited_as("Iris", "OWNER", &[]).await);
    acme.owner.remove(&ivo).await.succeeds();
    acme.owner.change_role(&iris, "MEMBER").await.succeeds();
}
