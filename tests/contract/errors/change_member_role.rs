//! `changeMemberRole`: not one's own, not the last owner's, nobody above and nobody removed.

use roster_tests::{On, Roster};
use rstest::rstest;

use crate::refusal::Refused;

#[rstest]
#[tokio::test]
async fn nobody_changes_their_own_role(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    for (member, role) in [(&acme.owner, "MEMBER"), (&acme.owner, "OWNER"), (&ada, "OWNER")] {
        let refused = acme.unchanged_by(member.change_role(member, role)).await;
        refused
            .refuses_with("CANNOT_CHANGE_OWN_ROLE")
            .at("input")
            .about(member)
            .says(&["You cannot change your own role.", "Ask another owner."]);
    }
}

/// Who is not an owner gets this far only by a group: the last owner themselves are told `CANNOT_CHANGE_OWN_ROLE`.
#[rstest]
#[tokio::test]
async fn the_last_owner_stays_an_owner_whatever_an_admin_whose_group_grants_to_manage_owners_does(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[&keys]).await;
    let refused = acme.unchanged_by(ada.change_role(&acme.owner, "ADMIN")).await;
    refused
        .refuses_with("LAST_OWNER")
        .at("input")
        .about(&acme.owner)
        .says(&["Olivia is the last owner of Acme.", "Make somebody else an owner first."]);
    let bob = acme.member("Bob").await;
    ada.change_role(&bob, "OWNER").await.succeeds();
    ada.change_role(&acme.owner, "ADMIN").await.succeeds();
}

#[rstest]
#[case::who_is_an_owner("OWNER", &[], "MEMBER")]
#[case::who_has_more_by_a_group("MEMBER", &["Keys"], "ADMIN")]
#[case::to_more_than_they_have_themselves("MEMBER", &[], "OWNER")]
#[tokio::test]
async fn an_admin_changes_no_role_of_somebody_above_and_makes_nobody_an_owner(
    #[case] role: &str,
    #[case] groups: &[&str],
    #[case] new_role: &str,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    let groups: Vec<_> = groups.iter().map(|_| keys.as_str()).collect();
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.member_as("Bob", role, &groups).await;
    let refused = acme.unchanged_by(ada.change_role(&bob, new_role)).await;
    refused.refuses_with("ROLE_ABOVE_YOURS").at("input").about(&bob).says(&[
        "Bob",
        &new_role.to_lowercase(),
        "more than you have",
        "Ask an owner.",
    ]);
    acme.owner.change_role(&bob, new_role).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn somebody_who_was_removed_has_no_role_to_change(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    let refused = acme.unchanged_by(acme.owner.change_role(&bob, "ADMIN")).await;
    refused
        .refuses_with("ALREADY_REMOVED")
        .at("input")
        .about(&bob)
        .says(&["Bob was removed from Acme.", "Invite them again."]);
}
