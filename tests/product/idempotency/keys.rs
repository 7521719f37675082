//! Whose a key is, and for what it stands.

use roster_tests::{On, Organization, Payload, Roster};
use rstest::rstest;
use serde_json::json;

use super::{is_replayed, remove};

fn is_of_another_request(refused: &Payload) {
    refused.is_refused_with("IDEMPOTENCY_KEY_REUSED");
}

#[rstest]
#[tokio::test]
async fn a_key_stands_for_one_request(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let (bob, carla, dana) =
        (acme.member("Bob").await, acme.member("Carla").await, acme.member("Dana").await);
    remove(&acme, &acme.owner, &[&bob, &carla], "tuesday").await.succeeds();

    for others in [vec![&bob], vec![&bob, &carla, &dana], vec![&bob, &dana], vec![&carla, &bob]] {
        let refused = acme.unchanged_by(remove(&acme, &acme.owner, &others, "tuesday")).await;
        is_of_another_request(&refused);
    }
    let members = json!([{ "memberId": bob.id }, { "memberId": carla.id }]);
    for other in
        [json!({ "note": "Goodbye." }), json!({ "mode": "ATOMIC" }), json!({ "revokeSentInvitations": true })]
    {
        let mut input = other;
        input["members"] = members.clone();
        input["idempotencyKey"] = "tuesday".into();
        is_of_another_request(&acme.unchanged_by(acme.owner.remove_all_with(&acme, input)).await);
    }
    let people = json!([{ "email": "eve@example.com" }]);
    let invite = json!({ "organizationId": acme.id, "people": people, "idempotencyKey": "tuesday" });
    let add = json!({ "groupId": design, "memberIds": [dana.id], "idempotencyKey": "tuesday" });
    for (mutation, input) in [("inviteMembers", invite), ("addGroupMembers", add)] {
        is_of_another_request(&acme.unchanged_by(acme.owner.mutate(mutation, input, "message")).await);
    }
    // The keys of another day or of other letters are others.
    for key in ["wednesday", "Tuesday", "tuesday "] {
        assert!(!is_replayed(&remove(&acme, &acme.owner, &[&bob], key).await));
    }
    assert!(is_replayed(&remove(&acme, &acme.owner, &[&bob, &carla], "tuesday").await));
}

#[rstest]
#[tokio::test]
async fn the_keys_of_two_people_and_of_two_organizations_do_not_meet(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let globex = Organization::create_with(acme.owner.person.clone(), json!({ "name": "Globex" })).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let (bob, carla, dana) =
        (acme.member("Bob").await, acme.member("Carla").await, globex.member("Dana").await);

    for (organization, caller, member) in
        [(&acme, &*acme.owner, &bob), (&acme, &ada.person, &carla), (&globex, &*globex.owner, &dana)]
    {
        let done = remove(organization, caller, &[member], "1").await;
        done.succeeds();
        assert!(!is_replayed(&done));
    }
    // The same request of somebody else is theirs, and not answered with what another was told.
    let emil = acme.member("Emil").await;
    remove(&acme, &acme.owner, &[&emil], "2").await.succeeds();
    let of_ada = remove(&acme, &ada, &[&emil], "2").await;
    of_ada.changes_nothing();
    assert!(!is_replayed(&of_ada));
}

/// A key is of a person and not of the token that they use: a script goes on with a new one.
#[rstest]
#[tokio::test]
async fn a_script_replays_what_its_owner_has_begun(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    remove(&acme, &acme.owner, &[&bob], "tuesday").await.succeeds();
    let script = acme.api_token_of(&acme.owner).await;
    assert!(is_replayed(&remove(&acme, &script, &[&bob], "tuesday").await));
}

#[rstest]
#[tokio::test]
async fn who_may_no_longer_do_it_is_not_told_again_what_was_done(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.member("Bob").await;
    remove(&acme, &ada, &[&bob], "tuesday").await.succeeds();

    acme.owner.change_role(&ada, "MEMBER").await.succeeds();
    remove(&acme, &ada, &[&bob], "tuesday").await.is_refused_with("NOT_PERMITTED");
    acme.owner.remove(&ada).await.succeeds();
    remove(&acme, &ada, &[&bob], "tuesday").await.is_refused_with("NOT_FOUND");
    acme.owner.restore(&ada).await.succeeds();
    acme.owner.change_role(&ada, "ADMIN").await.succeeds();
    assert!(is_replayed(&remove(&acme, &ada, &[&bob], "tuesday").await));
}
