//! `inviteMembers`: who cannot be invited is told why, one by one.

use chrono::TimeDelta;
use roster_tests::{On, Payload, Person, Roster};
use rstest::rstest;
use serde_json::json;

use super::unknown_group;
use crate::refusal::{Refused, says};

#[rstest]
#[case::no_address("bob", &["not a valid email address", "name@example.com"])]
#[case::a_header_smuggled_in("bob@example.com\r\nBcc: eve@example.com", &["not a valid email address"])]
#[case::no_letter_before_the_at("@example.com", &["not a valid email address"])]
#[case::letters_that_need_smtputf8("bøb@example.com", &["ASCII", "before the @"])]
#[case::too_long(&format!("bob@{}.example.com", "x".repeat(250)), &["too long", "254 characters"])]
#[tokio::test]
async fn what_is_no_email_address_is_not_invited(
    #[case] address: &str,
    #[case] words: &[&str],
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let refused = acme.unchanged_by(acme.invite_by(&acme.owner, address, "MEMBER", &[])).await;
    refused.refuses_with("INVALID_EMAIL").at("input.people.0.email").about_nobody().says(words);
    assert_eq!(refused.payload()["results"][0]["email"], address, "as it was given");
    says(refused.message(), &["Nobody was invited to Acme", "1 person could not be invited"]);
}

#[rstest]
#[tokio::test]
async fn somebody_who_stands_in_the_list_twice_is_invited_once_whatever_the_case_of_the_letters(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let people = json!([{ "email": "bob@example.com" }, { "email": " BOB@Example.COM " }]);
    let answer = acme.invite_people(&acme.owner, people).await;
    answer.refuses_with("DUPLICATE_IN_REQUEST").at("input.people.1.email").says(&[
        "BOB@Example.COM",
        "more than once",
        "only the first counts",
    ]);
    assert_eq!(acme.notifications().await, ["INVITATION bob@example.com QUEUED"]);
}

#[rstest]
#[tokio::test]
async fn somebody_who_belongs_to_the_organization_is_not_invited(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.member("Bob").await;
    for address in ["bob@example.com", "Bob@EXAMPLE.com"] {
        let refused = acme.unchanged_by(acme.invite_by(&acme.owner, address, "ADMIN", &[])).await;
        refused
            .refuses_with("ALREADY_MEMBER")
            .at("input.people.0.email")
            .about(&bob)
            .says(&[address, "belongs to Acme already"]);
    }
}

#[rstest]
#[tokio::test]
async fn somebody_with_an_open_invitation_is_not_invited_again_even_if_it_has_expired(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    for _ in ["pending", "expired"] {
        let refused = acme.unchanged_by(acme.invite_by(&acme.owner, "BOB@example.com", "MEMBER", &[])).await;
        refused.refuses_with("ALREADY_INVITED").at("input.people.0.email").about(&bob).says(&[
            "BOB@example.com",
            "was invited on 21 November 2026",
            "Resend that invitation instead.",
        ]);
        roster.pass(TimeDelta::days(8));
    }
    acme.owner.resend_invitation_of(&bob).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_group_of_another_organization_is_as_unknown_as_one_that_does_not_exist(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let foreign = roster.organization_of("Gwen", "Globex").await.group("Design", &[]).await;
    let refuse = async |group: &str| {
        let refused =
            acme.unchanged_by(acme.invite_by(&acme.owner, "bob@example.com", "MEMBER", &[group])).await;
        let refusal = refused.refuses_with("GROUP_NOT_FOUND");
        refusal.at("input.people.0.groupIds").about_nobody().says(&["no group", "Acme", group]);
        refusal.message().replace(group, "…")
    };
    assert_eq!(refuse(&foreign).await, refuse(&unknown_group()).await);
}

#[rstest]
#[tokio::test]
async fn an_admin_invites_no_owner(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let refused = acme.unchanged_by(acme.invite_by(&ada, "bob@example.com", "OWNER", &[])).await;
    refused
        .refuses_with("ROLE_ABOVE_YOURS")
        .at("input.people.0.role")
        .says(&["as an owner", "Ask an owner."]);
}

#[rstest]
#[tokio::test]
async fn an_admin_invites_nobody_into_a_group_that_grants_more_than_an_admin_has(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    let refused = acme.unchanged_by(acme.invite_by(&ada, "bob@example.com", "MEMBER", &[&keys])).await;
    refused.refuses_with("PERMISSION_ABOVE_YOURS").at("input.people.0.groupIds").says(&[
        "Keys",
        "more than you have",
        "Ask an owner.",
    ]);
}

#[rstest]
#[tokio::test]
async fn who_cannot_be_invited_does_not_keep_the_others_from_being_invited(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let (bob, _) = (acme.member("Bob").await, acme.invited("Carol").await);
    let people = json!([
        { "email": bob.address },
        { "email": "dave@example.com" },
        { "email": "carol@example.com" },
        { "email": "nobody" },
        { "email": "erin@example.com", "groupIds": [unknown_group()] },
        { "email": "dave@example.com" },
    ]);
    let answer = acme.invite_people(&acme.owner, people).await;
    let codes: Vec<_> = answer.refusals().iter().map(|refusal| refusal.code().to_owned()).collect();
    assert_eq!(
        codes,
        ["ALREADY_MEMBER", "ALREADY_INVITED", "INVALID_EMAIL", "GROUP_NOT_FOUND", "DUPLICATE_IN_REQUEST"]
    );
    answer.refusals()[3].at("input.people.4.groupIds");
    says(answer.message(), &["1 person", "invited to Acme", "5 could not be invited"]);
    let members = acme.members(json!({})).await;
    assert_eq!(
        members,
        ["Bob: ACTIVE", "carol@example.com: INVITED", "dave@example.com: INVITED", "Olivia: ACTIVE"]
    );
}

#[rstest]
#[tokio::test]
async fn a_list_is_neither_empty_nor_endless(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let empty = acme.unchanged_by(acme.invite_people(&acme.owner, json!([]))).await;
    empty.is_refused("NO_ITEMS", &["list is empty", "at least one"]);
    let people: Vec<_> = (0..501).map(|n| json!({ "email": format!("p{n}@example.com") })).collect();
    let endless = acme.unchanged_by(acme.invite_people(&acme.owner, json!(people))).await;
    endless.is_refused("TOO_MANY_ITEMS", &["too long", "at most 500"]);
    acme.invite_people(&acme.owner, json!(people[..500])).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn an_id_of_another_kind_is_named_for_what_it_is(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let invite = async |inviter: &Person, group: &str| -> Payload {
        acme.unchanged_by(acme.invite_by(inviter, "bob@example.com", "MEMBER", &[group])).await
    };
    let words = ["Expected an id of the form group_…", "begins with member_"];
    invite(&acme.owner, &acme.owner.id).await.is_refused("BAD_USER_INPUT", &words);
    invite(&acme.owner, "design").await.is_refused("BAD_USER_INPUT", &["not a valid id", "group_"]);
}

#[rstest]
#[tokio::test]
async fn only_addresses_of_the_domains_that_the_organization_allows_are_invited(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let domains = json!({ "allowedEmailDomains": ["example.com", "Example.ORG"] });
    acme.owner.update_organization(&acme, domains).await.succeeds();
    for address in ["bob@example.net", "bob@mail.example.com", "bob@example.com.example.net"] {
        let refused = acme.unchanged_by(acme.invite_by(&acme.owner, address, "MEMBER", &[])).await;
        refused
            .refuses_with("EMAIL_DOMAIN_NOT_ALLOWED")
            .at("input.people.0.email")
            .about_nobody()
            .says(&["Acme invites only addresses of example.com, example.org."]);
    }
    let people = json!([{ "email": "bob@example.net" }, { "email": "Bob@EXAMPLE.com" }, { "email": "eve@example.org" }]);
    let answer = acme.invite_people(&acme.owner, people).await;
    answer.refuses_with("EMAIL_DOMAIN_NOT_ALLOWED").at("input.people.0.email");
    assert_eq!(acme.invitations().await, ["eve@example.org PENDING", "Bob@EXAMPLE.com PENDING"]);
}
