//! `addGroupMembers` and `removeGroupMembers`: who cannot be put in or taken out is told why, one by one.

use roster_tests::{On, Organization, Payload, Person, Roster};
use rstest::rstest;
use serde_json::json;

use super::unknown_member;
use crate::refusal::{Refused, says};

const BOTH: [&str; 2] = ["addGroupMembers", "removeGroupMembers"];

async fn change(person: &Person, mutation: &str, group: &str, members: &[&str]) -> Payload {
    let input = json!({ "groupId": group, "memberIds": members });
    let fields =
        "changed message results { memberId changed member { id } error { code message path memberId } }";
    person.mutate(mutation, input, fields).await
}

async fn acme_with_a_group(on: On) -> (Organization, String) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    (acme, design)
}

#[rstest]
#[tokio::test]
async fn a_member_of_another_organization_is_as_unknown_as_one_that_does_not_exist(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (acme, design) = acme_with_a_group(on).await;
    let globex = acme.owner.roster.organization_of("Gwen", "Globex").await;
    for mutation in BOTH {
        let refuse = async |member: &str| {
            let members = [member];
            let call = change(&acme.owner, mutation, &design, &members);
            let refused = globex.unchanged_by(acme.unchanged_by(call)).await;
            let refusal = refused.refuses_with("MEMBER_NOT_FOUND");
            refusal.at("input.memberIds.0").about_nobody().says(&["no member", member, "Acme"]);
            says(refused.message(), &["Nobody was", "Design"]);
            refusal.message().replace(member, "…")
        };
        assert_eq!(refuse(&globex.owner.id).await, refuse(&unknown_member()).await);
    }
}

#[rstest]
#[tokio::test]
async fn somebody_who_was_removed_is_not_put_into_a_group(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, design) = acme_with_a_group(on).await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    let refused = acme.unchanged_by(change(&acme.owner, "addGroupMembers", &design, &[&bob.id])).await;
    refused
        .refuses_with("ALREADY_REMOVED")
        .at("input.memberIds.0")
        .about(&bob)
        .says(&["Bob was removed from Acme.", "Invite them again."]);
    change(&acme.owner, "removeGroupMembers", &design, &[&bob.id]).await.changes_nothing();
}

#[rstest]
#[tokio::test]
async fn a_member_who_stands_in_the_list_twice_counts_once(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, design) = acme_with_a_group(on).await;
    let bob = acme.member("Bob").await;
    for mutation in BOTH {
        let answer = change(&acme.owner, mutation, &design, &[&bob.id, &bob.id]).await;
        let refusals = answer.refusals();
        assert_eq!(refusals.len(), 1);
        assert_eq!(refusals[0].code(), "DUPLICATE_IN_REQUEST");
        refusals[0].at("input.memberIds.1").says(&["more than once", "only the first counts"]);
        assert_eq!(answer.payload()["changed"], true);
        says(answer.message(), &["1 member was", "Design"]);
    }
}

#[rstest]
#[tokio::test]
async fn who_is_in_a_group_that_grants_more_than_one_has_is_not_ones_to_decide(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (acme, _) = acme_with_a_group(on).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    for mutation in BOTH {
        let refused = acme.unchanged_by(change(&ada, mutation, &keys, &[&ada.id])).await;
        refused.refuses_with("PERMISSION_ABOVE_YOURS").at("input.groupId").says(&[
            "Keys",
            "grants more than you have",
            "Ask an owner.",
        ]);
    }
}

#[rstest]
#[tokio::test]
async fn a_list_is_neither_empty_nor_endless(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, design) = acme_with_a_group(on).await;
    let many = vec![acme.owner.id.as_str(); 1_001];
    for mutation in BOTH {
        let empty = acme.unchanged_by(change(&acme.owner, mutation, &design, &[])).await;
        empty.is_refused("NO_ITEMS", &["list is empty", "at least one"]);
        let endless = acme.unchanged_by(change(&acme.owner, mutation, &design, &many)).await;
        endless.is_refused("TOO_MANY_ITEMS", &["too long", "at most 1000"]);
    }
}
