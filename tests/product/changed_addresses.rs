//! People whose address changes while they are invited somewhere.

use roster_api::identity::Claims;
use roster_tests::{On, Person, Roster};
use rstest::rstest;
use serde_json::json;

/// Bob, as one subject whatever his address is.
fn bob_as(roster: &Roster, address: &str) -> Person {
    roster.person_with_claims("Bob", |claims: &mut Claims| {
        claims.sub = "subject-of-bob".to_owned();
        claims.email = Some(address.to_owned());
    })
}

#[rstest]
#[tokio::test]
async fn an_invitation_to_ones_new_address_can_be_accepted(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let globex = roster.organization_of("Gina", "Globex").await;
    globex.invite_by(&globex.owner, "bob@old.example", "MEMBER", &[]).await.succeeds();
    let bob = bob_as(&roster, "bob@old.example");
    bob.accept(&roster.link_token("bob@old.example").await).await.succeeds();

    let acme = roster.organization("Acme").await;
    acme.invite_by(&acme.owner, "bob@new.example", "MEMBER", &[]).await.succeeds();
    let bob = bob_as(&roster, "bob@new.example");
    bob.accept(&roster.link_token("bob@new.example").await).await.succeeds();

    let mine = bob.query("{ viewer { user { email } organizations { nodes { name } } } }").await;
    assert_eq!(
        mine.at("/viewer"),
        &json!({
            "user": { "email": "bob@new.example" },
            "organizations": { "nodes": [{ "name": "Globex" }, { "name": "Acme" }] },
        })
    );
}

#[rstest]
#[tokio::test]
async fn an_address_that_was_left_behind_is_still_invited(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.invite_by(&acme.owner, "bob@old.example", "MEMBER", &[]).await.succeeds();
    bob_as(&roster, "bob@old.example").query("{ viewer { user { id } } }").await.data();
    bob_as(&roster, "bob@new.example").query("{ viewer { user { id } } }").await.data();

    let people = json!([{ "email": "bob@old.example" }, { "email": "carol@example.com" }]);
    let invited = acme.invite_people(&acme.owner, people).await;

    let results = &invited.payload()["results"];
    assert_eq!(results[0]["error"]["code"], "ALREADY_INVITED");
    assert_eq!(results[1]["member"]["status"], "INVITED");
}

#[rstest]
#[tokio::test]
async fn an_invitation_that_is_open_is_named_to_who_invites_again(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;

    let people = json!({ "organizationId": acme.id, "people": [{ "email": bob.address }] });
    let again = acme.owner.mutate("inviteMembers", people, "results { error { invitationId } }").await;

    assert_eq!(again.payload()["results"][0]["error"]["invitationId"], json!(bob.invitation_id));
}
