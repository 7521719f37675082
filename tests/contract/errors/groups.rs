//! `createGroup`, `updateGroup` and `deleteGroup`: names, and that nobody grants what they do not have.

use roster_tests::{On, Organization, Payload, Person, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use super::unknown_group;
use crate::refusal::Refused;

async fn create(acme: &Organization, person: &Person, mut group: Value) -> Payload {
    group["organizationId"] = json!(acme.id);
    person.mutate("createGroup", group, "message group { id }").await
}

async fn update(person: &Person, id: &str, mut group: Value) -> Payload {
    group["groupId"] = json!(id);
    person.mutate("updateGroup", group, "changed message group { id }").await
}

#[rstest]
#[case::empty("", &["name is empty", "at least one letter"])]
#[case::blank(" \t ", &["name is empty"])]
#[case::too_long(&"é".repeat(101), &["101 characters", "at most 100 characters"])]
#[tokio::test]
async fn a_group_has_a_name_that_can_be_shown(
    #[case] name: &str,
    #[case] words: &[&str],
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let group = json!({ "name": name });
    let refused = acme.unchanged_by(create(&acme, &acme.owner, group.clone())).await;
    refused.refuses_with("INVALID_NAME").at("input.name").says(words);
    let refused = acme.unchanged_by(update(&acme.owner, &design, group)).await;
    refused.refuses_with("INVALID_NAME").at("input.name").says(words);
}

#[rstest]
#[tokio::test]
async fn two_groups_of_an_organization_do_not_have_the_same_name_whatever_the_case_of_the_letters(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (_, research) = (acme.group("École", &[]).await, acme.group("Research", &[]).await);
    let group = json!({ "name": "ÉCOLE" });
    let words = ["There is a group École already.", "Choose another name."];
    let refused = acme.unchanged_by(create(&acme, &acme.owner, group.clone())).await;
    refused.refuses_with("NAME_TAKEN").at("input.name").says(&words);
    let refused = acme.unchanged_by(update(&acme.owner, &research, group)).await;
    refused.refuses_with("NAME_TAKEN").at("input.name").says(&words);
    roster.organization_of("Gwen", "Globex").await.group("École", &[]).await;
}

#[rstest]
#[tokio::test]
async fn nobody_grants_by_a_group_what_they_do_not_have(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let design = acme.group("Design", &[]).await;
    let group = json!({ "name": "Keys", "permissions": ["MEMBERS_READ", "OWNERS_MANAGE"] });
    let words = ["Keys", "grants more than you have", "Ask an owner."];
    let refused = acme.unchanged_by(create(&acme, &ada, group.clone())).await;
    refused.refuses_with("PERMISSION_ABOVE_YOURS").at("input.permissions").says(&words);
    let refused = acme.unchanged_by(update(&ada, &design, group.clone())).await;
    refused.refuses_with("PERMISSION_ABOVE_YOURS").at("input.permissions").says(&words);
    create(&acme, &acme.owner, group).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_group_that_grants_more_than_one_has_is_not_ones_to_change_or_delete(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    let words = ["Keys", "grants more than you have", "Ask an owner."];
    for change in [json!({ "name": "Locks" }), json!({ "permissions": [] })] {
        let refused = acme.unchanged_by(update(&ada, &keys, change)).await;
        refused.refuses_with("PERMISSION_ABOVE_YOURS").at("input.groupId").says(&words);
    }
    let delete = ada.mutate("deleteGroup", json!({ "groupId": keys }), "message deletedGroupId");
    let refused = acme.unchanged_by(delete).await;
    refused.refuses_with("PERMISSION_ABOVE_YOURS").at("input.groupId").says(&words);
}

#[rstest]
#[tokio::test]
async fn a_description_has_at_most_five_hundred_characters(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let group = json!({ "name": "Research", "description": "é".repeat(501) });
    let words = ["501 characters", "at most 500 characters"];
    let refused = acme.unchanged_by(create(&acme, &acme.owner, group.clone())).await;
    refused.is_refused("BAD_USER_INPUT", &words);
    let refused = acme.unchanged_by(update(&acme.owner, &design, group)).await;
    refused.is_refused("BAD_USER_INPUT", &words);
    let group = json!({ "name": "Research", "description": "é".repeat(500) });
    create(&acme, &acme.owner, group).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_group_that_does_not_exist_is_not_deleted(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let delete = acme.owner.mutate("deleteGroup", json!({ "groupId": unknown_group() }), "message");
    acme.unchanged_by(delete).await.is_refused("NOT_FOUND", &["no such group", "no access"]);
}
