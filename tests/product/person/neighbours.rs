//! Others who have the same name, an address that looks alike, or an address that was passed on.

use roster_api::identity::Claims;
use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn a_namesake_and_addresses_that_look_alike_are_left_alone(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let (acme, globex) = (roster.organization("Acme").await, roster.organization_of("Gina", "Globex").await);
    let bob = acme.member("Bob Builder").await;
    let namesake = roster.person_with_address("Bob Builder", "bob.builder@example.com.au");
    acme.invite_by(&acme.owner, &namesake.address, "OWNER", &[]).await.succeeds();
    namesake.accept(&roster.link_token(&namesake.address).await).await.succeeds();
    let erin = acme.member("Erin").await;
    namesake.remove(&erin).await.succeeds();
    let note = "Bob Builder (x.bob.builder@example.com, bob.builder@example.com.au)";
    let eve = globex.member("Eve").await;
    globex.owner.remove_with(json!({ "memberId": eve.id, "note": note })).await.succeeds();
    let globex_before = globex.fingerprint().await;

    bob.erase().await;

    assert_eq!(globex.fingerprint().await, globex_before);
    assert!(roster.everything_stored().await.contains(note));
    let mut names = acme.members(json!({})).await;
    names.sort();
    assert_eq!(names, ["Bob Builder: ACTIVE", "Olivia: ACTIVE"]);
    // The email that the other Bob's removal of Erin was told by.
    let mail = roster.last_mail_to(&erin).await;
    assert!(mail.text().contains("bob.builder@example.com.au"), "{}", mail.text());
}

#[rstest]
#[tokio::test]
async fn an_address_that_somebody_else_has_now_stays_theirs(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let subject = |sub: &'static str, name: &str, address: &'static str| {
        roster.person_with_claims(name, move |claims: &mut Claims| {
            claims.sub = sub.to_owned();
            claims.email = Some(address.to_owned());
        })
    };
    let first = subject("first", "Bob First", "bob@example.com");
    acme.invite_by(&acme.owner, "bob@example.com", "ADMIN", &[]).await.succeeds();
    first.accept(&roster.link_token("bob@example.com").await).await.succeeds();
    let first = subject("first", "Bob First", "bob.first@example.com");
    first.query("{ viewer { user { id } } }").await.data();
    let second = subject("second", "Bob Second", "bob@example.com");
    acme.invite_by(&acme.owner, "bob@example.com", "OWNER", &[]).await.succeeds();
    second.accept(&roster.link_token("bob@example.com").await).await.succeeds();
    let settings = json!({ "contactEmail": "bob@example.com" });
    acme.owner.update_organization(&acme, settings).await.succeeds();

    first.erase().await;

    assert_eq!(acme.rights_of(&first).await, "refused: NOT_FOUND");
    assert_ne!(acme.rights_of(&second).await, "refused: NOT_FOUND");
    let seen = acme.seen_by(&second, "contactEmail viewerMember { user { email name } }").await;
    let viewer = json!({ "user": { "email": "bob@example.com", "name": "Bob Second" } });
    assert_eq!(
        seen.at("/organization"),
        &json!({ "contactEmail": "bob@example.com", "viewerMember": viewer })
    );
    // Of the first one's invitation nothing is left.
    let invitations = acme.invitations().await;
    assert_eq!(
        invitations.iter().filter(|line| line.contains("bob@example.com")).count(),
        1,
        "{invitations:?}"
    );
}

/// Whoever only claims an address does not bring its owner's data along, and is not erased with them.
#[rstest]
#[tokio::test]
async fn who_claims_an_address_is_somebody_else(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let impostor = roster.person_with_claims("Impostor", |claims| {
        claims.sub = "impostor".to_owned();
        claims.email = Some("BOB@example.com".to_owned());
        claims.email_verified = false;
    });
    let claimed = impostor.user_id().await;
    let holders = roster.people().by_email(&"bob@example.com".parse().unwrap()).await.unwrap();
    assert_eq!(holders.owner.unwrap().id.to_string(), bob.user_id().await);
    assert_eq!(holders.claimants.len(), 1);
    bob.erase().await;
    assert_eq!(impostor.user_id().await, claimed);
}
