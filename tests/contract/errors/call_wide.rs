//! Errors of a call as a whole: who calls, whether they may, and whether the input makes sense. Which call asks for which
//! permission is in the table of `permissions`.

use chrono::TimeDelta;
use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

use crate::refusal::{Refused, says};

#[rstest]
#[tokio::test]
async fn who_is_not_signed_in_is_told_how_to_sign_in(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let refused = acme.unchanged_by(roster.anonymous().leave(&acme.id)).await;
    refused.is_refused("UNAUTHENTICATED", &["not signed in", "`Authorization: Bearer`"]);
}

#[rstest]
#[case::made_up("secret", &["token"])]
#[case::a_made_up_api_token("roster_secret", &["no such API token"])]
#[tokio::test]
async fn a_token_that_is_not_good_is_refused_before_anything_is_read(
    #[case] token: &str,
    #[case] words: &[&str],
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let mallory = roster.person("Mallory").with_token(token);
    let answer = acme.unchanged_by(mallory.leave(&acme.id)).await.answer;
    assert_eq!(answer.error_code(), "UNAUTHENTICATED");
    says(answer.error_message(), words);
    assert_eq!(answer.0.get("data"), None, "nothing was executed");
}

#[rstest]
#[tokio::test]
async fn a_token_whose_time_has_passed_says_so(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let olivia = roster.person_with_claims("Olivia", |_| {});
    assert_eq!(olivia.query("{ viewer { user { name } } }").await.text("/viewer/user/name"), "Olivia");
    roster.pass(TimeDelta::days(2));
    let answer = olivia.query("{ viewer { user { name } } }").await;
    assert_eq!(answer.error_code(), "UNAUTHENTICATED");
    says(answer.error_message(), &["expired"]);
}

#[rstest]
#[tokio::test]
async fn who_lacks_a_permission_is_told_which_and_whom_to_ask(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let (bob, carol) = (acme.member("Bob").await, acme.member("Carol").await);
    let refused = acme.unchanged_by(bob.remove(&carol)).await;
    refused.is_refused("NOT_PERMITTED", &["You need the MEMBERS_REMOVE permission in Acme. Ask an owner."]);
}

#[rstest]
#[tokio::test]
async fn an_id_of_another_kind_or_of_none_is_bad_input(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let remove = async |id: &str| {
        let call = acme.owner.remove_with(json!({ "memberId": id }));
        acme.unchanged_by(call).await
    };
    let words = ["Expected an id of the form member_…", "begins with organization_"];
    remove(&acme.id).await.is_refused("BAD_USER_INPUT", &words);
    for id in ["", "bob", "member_", "member_0000000000000000000000000u", &acme.owner.id.to_uppercase()] {
        remove(id).await.is_refused("BAD_USER_INPUT", &["not a valid id", "member_"]);
    }
}

#[rstest]
#[tokio::test]
async fn one_id_of_another_kind_makes_bad_input_of_a_whole_list(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let group = acme.group("Design", &[]).await;
    let bob = acme.member("Bob").await;
    let remove = |id: &str| {
        let members = json!([{ "memberId": bob.id }, { "memberId": id }]);
        ("removeMembers", json!({ "organizationId": acme.id, "members": members }))
    };
    let change =
        |mutation: &'static str, id: &str| (mutation, json!({ "groupId": group, "memberIds": [bob.id, id] }));
    let invite = |id: &str| {
        let person = json!({ "email": "eve@example.com", "groupIds": [group, id] });
        let people = json!([{ "email": "fay@example.com" }, person]);
        ("inviteMembers", json!({ "organizationId": acme.id, "people": people }))
    };
    for (mutation, input) in [
        remove(&group),
        change("addGroupMembers", &group),
        change("removeGroupMembers", &group),
        invite(&bob.id),
    ] {
        let refused = acme.unchanged_by(acme.owner.mutate(mutation, input, "changed")).await;
        refused.is_refused("BAD_USER_INPUT", &["Expected an id of the form", "but this one begins with"]);
    }
    for (mutation, input) in [
        remove("bob"),
        change("addGroupMembers", "bob"),
        change("removeGroupMembers", "bob"),
        invite("design"),
    ] {
        let refused = acme.unchanged_by(acme.owner.mutate(mutation, input, "changed")).await;
        refused.is_refused("BAD_USER_INPUT", &["not a valid id"]);
    }
}
