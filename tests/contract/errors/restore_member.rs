//! `restoreMember`: only a removal is undone, in time, and by somebody who could give what the member will have.

use chrono::TimeDelta;
use roster_tests::{Member, On, Organization, Roster};
use rstest::rstest;
use serde_json::json;

use super::unknown_member;
use crate::refusal::Refused;

/// Bob, who was removed from Acme at noon.
async fn acme_without_bob(on: On) -> (Organization, Member) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    (acme, bob)
}

#[rstest]
#[tokio::test]
async fn who_was_not_removed_is_not_restored(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let (bob, carol) = (acme.member("Bob").await, acme.invited("Carol").await);
    let is = ["Bob is a member of Acme", "carol@example.com is invited to Acme"];
    for (member, is) in [&bob, &carol].into_iter().zip(is) {
        let refused = acme.unchanged_by(acme.owner.restore(member)).await;
        refused.refuses_with("NOT_REMOVED").at("input").about(member).says(&[is, "was not removed"]);
    }
}

#[rstest]
#[tokio::test]
async fn who_was_invited_again_after_the_removal_is_not_restored_besides(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (acme, bob) = acme_without_bob(on).await;
    acme.invited("Bob").await;
    let refused = acme.unchanged_by(acme.owner.restore(&bob)).await;
    refused.refuses_with("NOT_REMOVED").about(&bob).says(&["Bob is invited to Acme"]);
}

#[rstest]
#[case::revoked("revoked")]
#[case::removed_while_invited("removed")]
#[case::declined("declined")]
#[tokio::test]
async fn who_was_only_ever_invited_has_nothing_to_come_back_to(
    #[case] how: &str,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let carol = acme.invited("Carol").await;
    let ended = match how {
        "revoked" => acme.owner.revoke_invitation_of(&carol).await,
        "removed" => acme.owner.remove(&carol).await,
        _ => carol.decline(&carol.roster.link_token(&carol.address).await).await,
    };
    ended.succeeds();
    let refused = acme.unchanged_by(acme.owner.restore(&carol)).await;
    refused
        .refuses_with("NOT_REMOVED")
        .at("input")
        .about(&carol)
        .says(&["carol@example.com was only invited to Acme.", "Invite them again instead."]);
}

#[rstest]
#[tokio::test]
async fn who_left_by_themselves_is_not_brought_back_without_being_asked(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.member("Bob").await;
    bob.leave(&acme.id).await.succeeds();
    let refused = acme.unchanged_by(acme.owner.restore(&bob)).await;
    refused
        .refuses_with("LEFT_VOLUNTARILY")
        .at("input")
        .about(&bob)
        .says(&["Bob left Acme on their own.", "Invite them instead."]);
}

#[rstest]
#[tokio::test]
async fn a_removal_is_undone_until_its_window_has_passed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, bob) = acme_without_bob(on).await;
    let carol = acme.member("Carol").await;
    acme.owner.roster.pass(TimeDelta::seconds(1));
    acme.owner.remove(&carol).await.succeeds();
    acme.owner.roster.pass(TimeDelta::days(30) - TimeDelta::seconds(1));
    let refused = acme.unchanged_by(acme.owner.restore(&bob)).await;
    refused.refuses_with("RESTORE_WINDOW_PASSED").at("input").about(&bob).says(&[
        "Bob was removed on 21 November 2026",
        "can be undone for 30 days",
        "Invite them instead.",
    ]);
    acme.owner.restore(&carol).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn the_window_is_the_organizations_and_may_be_none_at_all(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, bob) = acme_without_bob(on).await;
    acme.owner.update_organization(&acme, json!({ "restoreWindowDays": 0 })).await.succeeds();
    let refused = acme.unchanged_by(acme.owner.restore(&bob)).await;
    refused.refuses_with("RESTORE_WINDOW_PASSED").about(&bob);
    acme.owner.roster.pass(TimeDelta::days(300));
    acme.owner.update_organization(&acme, json!({ "restoreWindowDays": 365 })).await.succeeds();
    acme.owner.restore(&bob).await.succeeds();
}

#[rstest]
#[case::an_owner("OWNER", &[])]
#[case::a_member_of_a_group_with_more("MEMBER", &["Keys"])]
#[tokio::test]
async fn nobody_restores_somebody_who_will_have_more_than_they(
    #[case] role: &str,
    #[case] groups: &[&str],
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    let groups: Vec<_> = groups.iter().map(|_| keys.as_str()).collect();
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.member_as("Bob", role, &groups).await;
    acme.owner.remove(&bob).await.succeeds();
    let refused = acme.unchanged_by(ada.restore(&bob)).await;
    refused
        .refuses_with("ROLE_ABOVE_YOURS")
        .at("input")
        .about(&bob)
        .says(&["Bob can do more in Acme than you", "Ask an owner."]);
    acme.owner.restore(&bob).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn what_counts_is_what_a_former_group_grants_now(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let crew = acme.group("Crew", &[]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&crew]).await;
    ada.remove(&bob).await.succeeds();
    acme.owner.update_group(&crew, json!({ "permissions": ["OWNERS_MANAGE"] })).await.succeeds();
    acme.unchanged_by(ada.restore(&bob)).await.refuses_with("ROLE_ABOVE_YOURS").about(&bob);
    acme.owner.delete_group(&crew).await.succeeds();
    ada.restore(&bob).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_member_of_another_organization_is_as_unknown_as_one_that_does_not_exist(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (acme, mut bob) = acme_without_bob(on).await;
    let globex = acme.owner.roster.organization_of("Gwen", "Globex").await;
    let foreign = acme.unchanged_by(globex.owner.restore(&bob)).await;
    foreign.is_refused("NOT_FOUND", &["no such member", "no access"]);
    // Nobody comes back by themselves.
    assert_eq!(foreign.answer.0, acme.unchanged_by(bob.restore(&bob)).await.answer.0);
    bob.id = unknown_member();
    assert_eq!(foreign.answer.0, globex.owner.restore(&bob).await.answer.0);
    bob.id = acme.id.clone();
    globex.owner.restore(&bob).await.is_refused("BAD_USER_INPUT", &["begins with organization_"]);
}
