//! `leaveOrganization`: the last owner stays, and nobody leaves where they are not.

use roster_entity::OrganizationId;
use roster_tests::{On, Roster, noon};
use rstest::rstest;

use crate::refusal::Refused;

#[rstest]
#[tokio::test]
async fn the_last_owner_does_not_leave(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    acme.invited_as("Ivan", "OWNER", &[]).await; // who is only invited does not count
    let refused = acme.unchanged_by(acme.owner.leave(&acme.id)).await;
    refused
        .refuses_with("LAST_OWNER")
        .at("input")
        .about(&acme.owner)
        .says(&["You are the last owner of Acme.", "Make somebody else an owner first."]);
    acme.member_as("Bob", "OWNER", &[]).await;
    acme.owner.leave(&acme.id).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn an_organization_that_one_does_not_belong_to_is_as_unknown_as_one_that_does_not_exist(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (removed, invited) = (acme.member("Bob").await, acme.invited("Carol").await);
    acme.owner.remove(&removed).await.succeeds();
    let unknown = OrganizationId::generate(noon()).to_string();
    for caller in [&roster.person("Mallory"), &removed, &invited] {
        let refused = acme.unchanged_by(caller.leave(&acme.id)).await;
        refused.refuses_with("NOT_A_MEMBER").at("input.organizationId").says(&["not a member"]);
        assert_eq!(refused.answer.0, caller.leave(&unknown).await.answer.0);
    }
}
