//! What an organization learns of people, and what it keeps to itself.

use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::{Value, json};

/// Zoë is known in Globex; Acme only guesses her address.
#[rstest]
#[tokio::test]
async fn inviting_an_address_does_not_tell_who_has_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let globex = roster.organization_of("Gina", "Globex").await;
    let zoe = globex.member("Zoe").await;
    let acme = roster.organization("Acme").await;

    let fields = "results { member { id user { id name displayName email } } }";
    let people = json!({ "organizationId": acme.id, "people": [{ "email": zoe.address }] });
    let invited = acme.owner.mutate("inviteMembers", people, fields).await;

    let user = &invited.succeeds()["results"][0]["member"]["user"];
    assert_eq!(user["name"], Value::Null);
    assert_eq!(user["displayName"], zoe.address);
    assert_eq!(acme.members(json!({ "status": "INVITED" })).await, [format!("{}: INVITED", zoe.address)]);
    let query = "query ($id: ID!) { node(id: $id) { id } }";
    let node = acme.owner.graphql(query, json!({ "id": user["id"] })).await;
    assert_eq!(node.error_code(), "NOT_FOUND");

    let token = roster.link_token(&zoe.address).await;
    zoe.accept(&token).await.succeeds();
    assert_eq!(acme.members(json!({ "search": "zoe" })).await, ["Zoe: ACTIVE"]);
    acme.owner.graphql(query, json!({ "id": user["id"] })).await.data();
}

#[rstest]
#[tokio::test]
async fn somebody_who_comes_back_is_known_by_name_while_they_are_invited(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();

    let bob = acme.invited("Bob").await;

    assert_eq!(acme.members(json!({ "status": "INVITED" })).await, ["Bob: INVITED"]);
    let member = acme.member_seen_by(&acme.owner, &bob, "joinedAt").await;
    assert_eq!(member["joinedAt"], Value::Null);
}

#[rstest]
#[tokio::test]
async fn an_old_link_does_not_show_what_became_of_the_person(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let bob = acme.invited_as("Bob", "MEMBER", &[&design]).await;
    let token = roster.link_token(&bob.address).await;
    let fields = "query ($token: String!) { invitation(token: $token) { status role groupNames } }";
    let offer = async || roster.anonymous().graphql(fields, json!({ "token": token })).await;
    assert_eq!(
        offer().await.at("/invitation"),
        &json!({ "status": "PENDING", "role": "MEMBER", "groupNames": ["Design"] })
    );

    bob.accept(&token).await.succeeds();
    acme.owner.change_role(&bob, "OWNER").await.succeeds();

    assert_eq!(
        offer().await.at("/invitation"),
        &json!({ "status": "ACCEPTED", "role": null, "groupNames": [] })
    );
}

#[rstest]
#[tokio::test]
async fn colleagues_do_not_read_the_note_to_somebody_who_was_removed(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, carol) = (acme.member("Bob").await, acme.member("Carol").await);
    acme.owner.remove_with(json!({ "memberId": bob.id, "note": "For your eyes only." })).await.succeeds();

    let seen = async |by| acme.member_seen_by(by, &bob, "status removalNote").await;

    assert_eq!(seen(&carol.person).await, json!({ "status": "REMOVED", "removalNote": null }));
    assert_eq!(seen(&acme.owner.person).await["removalNote"], "For your eyes only.");
}
