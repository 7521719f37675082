//! `removeMembers`: who cannot be removed is told why, at their place in the list.

use roster_tests::{Member, On, Organization, Payload, Person, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use super::{too_long_a_note, unknown_member};
use crate::refusal::{Refused, says};

/// A list of ids, as the input has it.
fn list(ids: &[&str]) -> Value {
    json!({ "members": ids.iter().map(|id| json!({ "memberId": id })).collect::<Vec<_>>() })
}

/// Tries to remove people, which must come to nothing.
async fn try_to_remove(acme: &Organization, caller: &Person, ids: &[&str]) -> Payload {
    acme.unchanged_by(caller.remove_all_with(acme, list(ids))).await
}

#[rstest]
#[tokio::test]
async fn nobody_removes_themselves_in_a_list_and_not_with_a_script_either(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.member("Bob").await;
    let script = acme.api_token_of(&acme.owner).await;
    acme.owner.remove(&bob).await.succeeds();
    for (caller, member) in [(&*acme.owner, &acme.owner), (&script, &acme.owner), (&ada, &ada)] {
        let refused = try_to_remove(&acme, caller, &[&bob.id, &member.id]).await;
        refused.refuses_with("CANNOT_REMOVE_SELF").at("input.members.1.memberId").about(member).says(&[
            "You cannot remove yourself from Acme.",
            "Leave the organization instead, or ask another administrator.",
        ]);
    }
}

#[rstest]
#[tokio::test]
async fn a_list_of_all_owners_leaves_the_last_of_them(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[&keys]).await;
    let oscar = acme.member_as("Oscar", "OWNER", &[]).await;
    let invited = acme.invited_as("Ivan", "OWNER", &[]).await;
    let answer = ada.remove_all(&acme, &[&oscar, &invited, &acme.owner]).await;
    answer
        .refusals()
        .pop()
        .unwrap()
        .at("input.members.2.memberId")
        .about(&acme.owner)
        .says(&["Olivia is the last owner of Acme.", "Make somebody else an owner first."]);
    says(answer.message(), &["2 people were removed from Acme; 1 could not be removed."]);
    let refused = try_to_remove(&acme, &ada, &[&oscar.id, &acme.owner.id]).await;
    refused.refuses_with("LAST_OWNER").at("input.members.1.memberId").about(&acme.owner);
    says(
        refused.message(),
        &["Nobody was removed from Acme; 1 had been removed before; 1 could not be removed."],
    );
}

#[rstest]
#[tokio::test]
async fn nobody_above_is_removed_invited_or_active(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let above = [
        acme.member_as("Bob", "OWNER", &[]).await,
        acme.invited_as("Carol", "OWNER", &[]).await,
        acme.member_as("Dave", "MEMBER", &[&keys]).await,
    ];
    let names = ["Bob", "carol@example.com", "Dave"];
    let ids: Vec<_> = above.iter().map(|member| member.id.as_str()).collect();
    let answer = try_to_remove(&acme, &ada, &ids).await;
    for (index, (refusal, member)) in answer.refusals().iter().zip(&above).enumerate() {
        assert_eq!(refusal.code(), "ROLE_ABOVE_YOURS");
        refusal.at(&format!("input.members.{index}.memberId")).about(member).says(&[
            names[index],
            "can do more in Acme than you",
            "Ask an owner.",
        ]);
    }
    says(answer.message(), &["Nobody was removed from Acme; 3 could not be removed."]);
    try_to_remove(&acme, &ada, &[&above[0].id]).await.refuses_with("ROLE_ABOVE_YOURS").about(&above[0]);
}

#[rstest]
#[tokio::test]
async fn a_member_of_another_organization_is_as_unknown_as_one_that_does_not_exist(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let globex = acme.owner.roster.organization_of("Gwen", "Globex").await;
    let refuse = async |id: &str| {
        let refused = globex.unchanged_by(try_to_remove(&acme, &acme.owner, &[id])).await;
        let refusal = refused.refuses_with("MEMBER_NOT_FOUND");
        refusal.at("input.members.0.memberId").about_nobody().says(&["no member", id, "Acme"]);
        assert_eq!(refused.payload()["results"][0]["memberId"], id, "as it was given");
        refusal.message().replace(id, "…")
    };
    assert_eq!(refuse(&globex.owner.id).await, refuse(&unknown_member()).await);
}

#[rstest]
#[tokio::test]
async fn a_member_who_stands_in_the_list_twice_is_removed_once(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let (bob, carol) = (acme.member("Bob").await, acme.invited("Carol").await);
    let answer = acme.owner.remove_all(&acme, &[&bob, &carol, &bob, &carol]).await;
    for (refusal, (index, member)) in answer.refusals().iter().zip([(2, &bob), (3, &carol)]) {
        assert_eq!(refusal.code(), "DUPLICATE_IN_REQUEST");
        refusal.at(&format!("input.members.{index}.memberId")).about(member).says(&[
            &member.id,
            "more than once",
            "only the first counts",
        ]);
    }
    says(answer.message(), &["2 people were removed from Acme; 2 could not be removed."]);
    let removed = ["REMOVED bob@example.com", "INVITATION_REVOKED carol@example.com"];
    let mails = acme.notifications().await;
    for mail in removed {
        assert_eq!(mails.iter().filter(|line| line.starts_with(mail)).count(), 1, "{mails:?}");
    }
    let again = try_to_remove(&acme, &acme.owner, &[&bob.id, &bob.id]).await;
    again.refuses_with("DUPLICATE_IN_REQUEST").at("input.members.1.memberId");
}

/// Bob and Carol can be removed, but not with the others.
async fn mixed(acme: &Organization, bob: &Member, carol: &Member) -> Value {
    let globex = acme.owner.roster.organization_of("Gwen", "Globex").await;
    json!({ "members": [
        { "memberId": bob.id, "expectedFingerprint": acme.owner.review(acme, bob).await },
        { "memberId": acme.owner.id },
        { "memberId": globex.owner.id },
        { "memberId": carol.id },
        { "memberId": bob.id },
    ] })
}

/// The code of each item, or what was done.
fn outcomes(payload: &Value) -> Vec<String> {
    let outcome = |item: &Value| match item["error"]["code"].as_str() {
        Some(code) => code.to_owned(),
        None => format!("changed: {}", item["changed"]),
    };
    payload["results"].as_array().unwrap().iter().map(outcome).collect()
}

#[rstest]
#[tokio::test]
async fn some_who_cannot_be_removed_keep_the_others_only_if_all_or_none_were_asked_for(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let (bob, carol) = (acme.member("Bob").await, acme.invited("Carol").await);
    let mut input = mixed(&acme, &bob, &carol).await;
    let expected = |done: &str| {
        ["", "CANNOT_REMOVE_SELF", "MEMBER_NOT_FOUND", "", "DUPLICATE_IN_REQUEST"]
            .map(|code| if code.is_empty() { done.to_owned() } else { code.to_owned() })
    };
    input["mode"] = "ATOMIC".into();
    let refused = acme.unchanged_by(acme.owner.remove_all_with(&acme, input.clone())).await;
    assert_eq!(outcomes(refused.payload()), expected("changed: false"));
    assert_eq!(refused.refusals().len(), 3);
    says(refused.message(), &["Nobody was removed from Acme: 3 people could not be removed."]);
    let kept = refused.payload()["results"][0]["message"].as_str().unwrap();
    says(kept, &["Bob was not removed, because others could not be removed."]);

    input["mode"] = "PARTIAL".into();
    let answer = acme.owner.remove_all_with(&acme, input).await;
    assert_eq!(outcomes(answer.payload()), expected("changed: true"));
    says(answer.message(), &["2 people were removed from Acme; 3 could not be removed."]);
}

#[rstest]
#[tokio::test]
async fn too_long_a_note_refuses_the_list_as_a_whole(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let mut input = list(&[&bob.id]);
    input["note"] = too_long_a_note().into();
    let refused = acme.unchanged_by(acme.owner.remove_all_with(&acme, input.clone())).await;
    refused
        .refuses_with("NOTE_TOO_LONG")
        .at("input.note")
        .about_nobody()
        .says(&["1001 characters", "at most 1000"]);
    assert_eq!(refused.payload()["results"], json!([]));
    assert_eq!(refused.payload()["message"], Value::Null);
    input["note"] = "é".repeat(1_000).into();
    acme.owner.remove_all_with(&acme, input).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_list_is_neither_empty_nor_endless(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let empty = try_to_remove(&acme, &acme.owner, &[]).await;
    empty.is_refused("NO_ITEMS", &["list is empty", "at least one"]);
    let bob = acme.member("Bob").await;
    let endless = try_to_remove(&acme, &acme.owner, &vec![bob.id.as_str(); 1_001]).await;
    endless.is_refused("TOO_MANY_ITEMS", &["too long", "at most 1000"]);
    let longest = acme.owner.remove_all_with(&acme, list(&vec![bob.id.as_str(); 1_000])).await;
    assert_eq!(longest.refusals().len(), 999, "the first one counts");
}
