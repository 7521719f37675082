//! An address that the issuer has not verified: a claim, with which nobody gets into somebody else's place.

use roster_tests::{On, Person, Roster};
use rstest::rstest;
use serde_json::json;

fn unverified(roster: &Roster, sub: &str) -> Person {
    roster.person_with_claims("Bob", |claims| {
        claims.sub = sub.to_owned();
        claims.email_verified = false;
    })
}

const ME: &str = "{ viewer { emailVerified user { id email } organizations { nodes { name } } } }";

#[rstest]
#[tokio::test]
async fn who_has_not_verified_their_address_cannot_answer_an_invitation_to_it(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let invited = acme.invited("Bob").await;
    let token = roster.link_token(&invited.address).await;
    let bob = unverified(&roster, "bob");

    let sentence = bob.accept(&token).await.fails_with("EMAIL_NOT_VERIFIED").to_owned();
    assert!(sentence.contains("Verify your email address"), "{sentence}");
    bob.decline(&token).await.fails_with("EMAIL_NOT_VERIFIED");
    assert_eq!(acme.members(json!({})).await, ["bob@example.com: INVITED", "Olivia: ACTIVE"]);
    let me = bob.query(ME).await;
    assert_eq!(
        (me.at("/viewer/emailVerified"), me.at("/viewer/organizations/nodes")),
        (&json!(false), &json!([]))
    );
}

#[rstest]
#[tokio::test]
async fn who_has_not_verified_their_address_cannot_create_an_organization(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let bob = unverified(&roster, "bob");

    let created = bob.mutate("createOrganization", json!({ "name": "Bob's" }), "organization { id }").await;

    created.fails_with("EMAIL_NOT_VERIFIED");
    assert_eq!(bob.query(ME).await.at("/viewer/organizations/nodes"), &json!([]));
}

#[rstest]
#[tokio::test]
async fn claiming_the_address_of_a_member_gives_nothing_of_theirs(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let eve = roster.person_with_claims("Bob", |claims| {
        claims.sub = "eve".to_owned();
        claims.email_verified = false;
        claims.name = Some("Eve".to_owned());
    });

    let me = eve.query(ME).await;

    assert_ne!(me.at("/viewer/user/id"), bob.query(ME).await.at("/viewer/user/id"));
    assert_eq!(me.at("/viewer/organizations/nodes"), &json!([]));
    assert_eq!(acme.seen_by(&eve, "name").await.error_code(), "NOT_FOUND");
    assert_eq!(acme.members(json!({})).await, ["Bob: ACTIVE", "Olivia: ACTIVE"]);
}

#[rstest]
#[tokio::test]
async fn once_the_address_is_verified_the_person_is_the_one_who_was_invited(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let before = unverified(&roster, "bob@example.com");
    before.query(ME).await.data();
    let invited = acme.invited("Bob").await;
    let token = roster.link_token(&invited.address).await;
    before.accept(&token).await.fails_with("EMAIL_NOT_VERIFIED");

    let after = roster.person("Bob");
    after.accept(&token).await.succeeds();

    assert_eq!(acme.members(json!({})).await, ["Bob: ACTIVE", "Olivia: ACTIVE"]);
    // The old token says less than is known by now.
    let me = before.query(ME).await;
    assert_eq!(me.at("/viewer/user/id"), after.query(ME).await.at("/viewer/user/id"));
    assert_eq!(me.at("/viewer/organizations/nodes"), &json!([{ "name": "Acme" }]));
}

#[rstest]
#[tokio::test]
async fn an_unverified_claim_does_not_keep_the_true_owner_of_the_address_out(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let eve = unverified(&roster, "eve");
    eve.query(ME).await.data();

    let bob = acme.member("Bob").await;

    assert_eq!(bob.query(ME).await.at("/viewer/organizations/nodes"), &json!([{ "name": "Acme" }]));
    assert_eq!(eve.query(ME).await.at("/viewer/organizations/nodes"), &json!([]));
}
