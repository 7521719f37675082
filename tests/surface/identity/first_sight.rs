//! From a token to a person: made on first sight, the same ever after.

use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use super::{claims, claims_with, counts, name_by, refused, signed};

const ME: &str = "{ viewer { emailVerified user { id name displayName email } } }";

#[rstest]
#[tokio::test]
async fn a_person_is_made_of_their_first_token_and_found_by_the_next(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let bob = roster.person_with_address("Bob", "Bob.Builder@Example.com");

    let first = bob.query(ME).await.at("/viewer").clone();

    assert_eq!(first["user"]["email"], "Bob.Builder@Example.com");
    assert_eq!([&first["user"]["name"], &first["user"]["displayName"]], ["Bob", "Bob"]);
    assert_eq!(first["emailVerified"], true);
    assert_eq!(bob.query(ME).await.at("/viewer"), &first);
    assert_eq!(counts(&roster).await, (1, 1));
}

/// An address can be given to somebody else, and the account must not go along.
#[rstest]
#[tokio::test]
async fn another_subject_with_the_address_of_somebody_who_has_signed_in_is_refused(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let first = roster.person("Bob");
    first.query(ME).await.data();

    let second = roster.person_with_claims("Bob", |claims| {
        claims.sub = "another".to_owned();
        claims.email = Some("BOB@EXAMPLE.COM".to_owned());
    });

    let told = refused(&roster, &second.token.unwrap()).await;
    assert!(told.contains("Somebody else signs in with this email address"), "{told}");
    assert_eq!(counts(&roster).await, (1, 1));
}

#[rstest]
#[tokio::test]
async fn a_changed_name_is_taken_over_also_where_members_are_listed_sorted_and_searched(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let (acme, zeta) = (roster.organization("Acme").await, roster.organization_of("Zed", "Zeta").await);
    for organization in [&acme, &zeta] {
        organization.member("Bob").await;
    }

    let renamed = roster.person_with_claims("Bob", |claims| claims.name = Some("Zora Neue".to_owned()));
    renamed.query(ME).await.data();

    assert_eq!(acme.members(json!({})).await, ["Olivia: ACTIVE", "Zora Neue: ACTIVE"]);
    assert_eq!(zeta.members(json!({})).await, ["Zed: ACTIVE", "Zora Neue: ACTIVE"]);
    assert_eq!(acme.members(json!({ "search": "zora" })).await, ["Zora Neue: ACTIVE"]);
    let by_address = acme.members(json!({ "search": "bob" })).await;
    assert_eq!(by_address, ["Zora Neue: ACTIVE"]);

    let nameless = roster.person_with_claims("Bob", |claims| claims.name = None);
    assert_eq!(nameless.query(ME).await.text("/viewer/user/name"), "Zora Neue");
}

#[rstest]
#[tokio::test]
async fn a_changed_verified_address_is_taken_over_and_found_by_a_search(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let moved = |verified| {
        roster.person_with_claims("Bob", move |claims| {
            claims.email = Some("robert@new.example".to_owned());
            claims.email_verified = verified;
        })
    };

    assert_eq!(moved(false).query(ME).await.text("/viewer/user/email"), bob.address);
    assert_eq!(moved(true).query(ME).await.text("/viewer/user/email"), "robert@new.example");

    assert_eq!(acme.members(json!({ "search": "robert@new" })).await, ["Bob: ACTIVE"]);
    assert_eq!(acme.members(json!({ "search": "bob@example" })).await, [""; 0]);
}

#[rstest]
#[tokio::test]
async fn an_address_that_belongs_to_somebody_else_is_not_taken_over(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let eve = roster.person("Eve");
    eve.query(ME).await.data();

    let olivias = roster.person_with_claims("Eve", |claims| claims.email = Some(acme.owner.address.clone()));

    assert_eq!(olivias.query(ME).await.text("/viewer/user/email"), eve.address);
    let answer = olivias.query("{ viewer { organizations { nodes { id } } } }").await;
    assert_eq!(answer.at("/viewer/organizations/nodes"), &json!([]));
}

#[rstest]
#[tokio::test]
async fn the_subject_is_compared_letter_by_letter(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let token = |sub: &str, email: &str| {
        let mut claims: Value = claims_with(&roster, "sub", json!(sub));
        (claims["email"], claims["name"]) = (json!(email), json!(sub));
        signed(&roster, &claims)
    };

    for (index, sub) in ["user-7", "USER-7", " user-7", "👤"].into_iter().enumerate() {
        let email = format!("user-{index}@example.com");
        assert_eq!(name_by(&roster, &token(sub, &email)).await, sub.trim());
    }
    assert_eq!(name_by(&roster, &signed(&roster, &claims(&roster))).await, "Bob");
    assert_eq!(counts(&roster).await, (4, 4));
}
