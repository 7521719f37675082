//! Until when a removal can be undone, and what is none.

use chrono::TimeDelta;
use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn until_the_moment_at_which_the_window_closes(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, carla) = (acme.member("Bob").await, acme.member("Carla").await);
    acme.owner.remove_all(&acme, &[&bob, &carla]).await.succeeds();
    roster.pass(TimeDelta::days(30) - TimeDelta::seconds(1));
    acme.owner.restore(&bob).await.succeeds();
    roster.pass(TimeDelta::seconds(1));
    let refused = acme.unchanged_by(acme.owner.restore(&carla)).await;
    assert_eq!(
        refused.fails_with("RESTORE_WINDOW_PASSED"),
        "Carla was removed on 21 November 2026, and a removal can be undone for 30 days. Invite them instead."
    );
    let again = acme.member("Carla").await;
    assert_eq!(acme.rights_of(&again).await, "MEMBERS_READ");
}

#[rstest]
#[tokio::test]
async fn the_organization_decides_how_long_that_is(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, carla) = (acme.member("Bob").await, acme.member("Carla").await);
    acme.owner.remove_all(&acme, &[&bob, &carla]).await.succeeds();
    let set = async |days: i32| {
        acme.owner.update_organization(&acme, json!({ "restoreWindowDays": days })).await.succeeds();
    };
    // Not even in the same moment.
    set(0).await;
    acme.unchanged_by(acme.owner.restore(&bob)).await.fails_with("RESTORE_WINDOW_PASSED");
    set(2).await;
    roster.pass(TimeDelta::days(2) - TimeDelta::seconds(1));
    acme.owner.restore(&bob).await.succeeds();
    roster.pass(TimeDelta::seconds(1));
    acme.unchanged_by(acme.owner.restore(&carla)).await.fails_with("RESTORE_WINDOW_PASSED");
    set(3).await;
    acme.owner.restore(&carla).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn who_has_left_is_invited_and_not_fetched_back(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    // The removal that was undone does not count.
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.restore(&bob).await.succeeds();
    bob.leave(&acme.id).await.succeeds();
    let refused = acme.unchanged_by(acme.owner.restore(&bob)).await;
    assert_eq!(refused.fails_with("LEFT_VOLUNTARILY"), "Bob left Acme on their own. Invite them instead.");
    acme.member("Bob").await;
}

/// The invitation was the last thing that ended; the membership of before is not what is undone.
#[rstest]
#[tokio::test]
async fn who_was_invited_again_and_whose_invitation_was_revoked_is_not_restored(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    let again = acme.invited("Bob").await;
    acme.unchanged_by(acme.owner.restore(&bob)).await.fails_with("NOT_REMOVED");
    acme.owner.revoke_invitation_of(&again).await.succeeds();
    acme.unchanged_by(acme.owner.restore(&bob)).await.fails_with("NOT_REMOVED");
    assert_eq!(acme.rights_of(&bob).await, "refused: NOT_FOUND");
}
