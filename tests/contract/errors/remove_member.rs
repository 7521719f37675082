//! `removeMember`: not oneself, not the last owner, nobody above.

use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

use super::{too_long_a_note, unknown_member};
use crate::refusal::Refused;

#[rstest]
#[tokio::test]
async fn nobody_removes_themselves_whatever_their_role_and_not_with_a_script_either(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let admin = acme.member_as("Ada", "ADMIN", &[]).await;
    let plain = acme.member("Bob").await;
    let script = acme.api_token_of(&acme.owner).await;
    for (caller, member) in
        [(&*acme.owner, &acme.owner), (&script, &acme.owner), (&admin, &admin), (&plain, &plain)]
    {
        let refused = acme.unchanged_by(caller.remove(member)).await;
        refused.refuses_with("CANNOT_REMOVE_SELF").at("input").about(member).says(&[
            "You cannot remove yourself from Acme.",
            "Leave the organization instead, or ask another administrator.",
        ]);
    }
}

/// Who is not an owner gets this far only by a group: the last owner themselves are told `CANNOT_REMOVE_SELF`.
#[rstest]
#[tokio::test]
async fn the_last_owner_is_not_removed_by_an_admin_whose_group_grants_to_manage_owners(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[&keys]).await;
    let refused = acme.unchanged_by(ada.remove(&acme.owner)).await;
    refused
        .refuses_with("LAST_OWNER")
        .at("input")
        .about(&acme.owner)
        .says(&["Olivia is the last owner of Acme.", "Make somebody else an owner first."]);
    let invited = acme.invited_as("Bob", "OWNER", &[]).await;
    acme.unchanged_by(ada.remove(&acme.owner)).await.refuses_with("LAST_OWNER");
    invited.accept(&invited.roster.link_token(&invited.address).await).await.succeeds();
    ada.remove(&acme.owner).await.succeeds();
}

#[rstest]
#[case::an_owner("OWNER", &[])]
#[case::a_member_of_a_group_with_more("MEMBER", &["Keys"])]
#[tokio::test]
async fn an_admin_removes_nobody_above_invited_or_active(
    #[case] role: &str,
    #[case] groups: &[&str],
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    let groups: Vec<_> = groups.iter().map(|_| keys.as_str()).collect();
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.member_as("Bob", role, &groups).await;
    let carol = acme.invited_as("Carol", role, &groups).await;
    for (member, name) in [(&bob, "Bob"), (&carol, "carol@example.com")] {
        let refused = acme.unchanged_by(ada.remove(member)).await;
        refused.refuses_with("ROLE_ABOVE_YOURS").at("input").about(member).says(&[
            name,
            "can do more in Acme than you",
            "Ask an owner.",
        ]);
        acme.owner.remove(member).await.succeeds();
    }
}

#[rstest]
#[tokio::test]
async fn a_script_removes_nobody_who_may_more_than_the_script(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let permissions = [roster_entity::Permission::MembersRead, roster_entity::Permission::MembersRemove];
    let script = acme.api_token_with(&acme.owner, Some(permissions.into_iter().collect())).await;
    acme.unchanged_by(script.remove(&ada)).await.refuses_with("ROLE_ABOVE_YOURS").about(&ada);
    script.remove(&acme.member("Bob").await).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_note_of_a_thousand_characters_is_sent_and_a_longer_one_is_not(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let note = too_long_a_note();
    let remove = async |note: &str| acme.owner.remove_with(json!({ "memberId": bob.id, "note": note })).await;
    let refused = acme.unchanged_by(remove(&note)).await;
    refused.refuses_with("NOTE_TOO_LONG").at("input.note").says(&["1001 characters", "at most 1000"]);
    remove(note.strip_suffix('é').unwrap()).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_member_of_another_organization_is_as_unknown_as_one_that_does_not_exist(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let globex = roster.organization_of("Gwen", "Globex").await;
    let bob = globex.member("Bob").await;
    let foreign = globex.unchanged_by(acme.unchanged_by(acme.owner.remove(&bob))).await;
    foreign.is_refused("NOT_FOUND", &["no such member", "no access"]);
    let unknown = acme.owner.remove_with(json!({ "memberId": unknown_member() })).await;
    assert_eq!(foreign.answer.0, unknown.answer.0);
}
