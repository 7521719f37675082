//! What the settings of a provider change.

use chrono::TimeDelta;
use jsonwebtoken::Algorithm;
use roster_tests::{On, SigningKey};
use serde_json::json;

use super::{Trusted, counts, refused, who_is};

#[tokio::test]
async fn a_person_is_read_from_the_claims_that_the_settings_name() {
    let trusted = Trusted::with(On::Sqlite, Algorithm::ES256, |_, auth| {
        auth.claims.subject = "https://id.example.com/employee".to_owned();
        auth.claims.email = "/contact/mails/0".to_owned();
        auth.claims.email_verified = "/contact/checked".to_owned();
        auth.claims.name = "preferred name".to_owned();
    })
    .await;
    let mut claims = trusted.claims();
    claims["https://id.example.com/employee"] = json!("7");
    claims["contact"] = json!({ "mails": ["robert@example.com"], "checked": true });
    claims["preferred name"] = json!("Robert");

    for sub in ["user-1", "user-2"] {
        claims["sub"] = json!(sub);
        let reply = who_is(&trusted.roster, &format!("Bearer {}", trusted.key.sign(&claims))).await;
        let viewer = reply.answer().at("/viewer").clone();
        let robert =
            json!({ "user": { "name": "Robert", "email": "robert@example.com" }, "emailVerified": true });
        assert_eq!(viewer, robert);
    }
    assert_eq!(counts(&trusted.roster).await, (1, 1));

    let told = refused(&trusted.roster, &trusted.token(&trusted.key)).await;
    assert!(told.contains("the one that the settings name"), "{told}");
}

#[tokio::test]
async fn an_address_that_a_token_does_not_call_verified_is_not_unless_the_settings_say_so() {
    for assumed in [false, true] {
        let trusted = Trusted::with(On::Sqlite, Algorithm::ES256, |_, auth| {
            auth.claims.assume_email_verified = assumed
        })
        .await;
        for (said, verified) in [(None, assumed), (Some(false), false), (Some(true), true)] {
            let mut claims = trusted.claims();
            claims["sub"] = json!(format!("{said:?}"));
            claims["email"] = json!(format!("{}@example.com", verified as u8 + 2 * said.is_some() as u8));
            match said {
                Some(said) => claims["email_verified"] = json!(said),
                None => drop(claims.as_object_mut().unwrap().remove("email_verified")),
            }
            let reply = who_is(&trusted.roster, &format!("Bearer {}", trusted.key.sign(&claims))).await;
            assert_eq!(reply.answer().at("/viewer/emailVerified"), verified, "{said:?}, {assumed}");
        }
    }
}

#[tokio::test]
async fn the_leeway_can_be_none() {
    let trusted = Trusted::with(On::Sqlite, Algorithm::ES256, |_, auth| auth.leeway_seconds = 0).await;
    let token = trusted.token(&trusted.key);

    trusted.roster.pass(TimeDelta::seconds(3_599));
    assert_eq!(who_is(&trusted.roster, &format!("Bearer {token}")).await.status, 200);
    trusted.roster.pass(TimeDelta::seconds(1));
    assert!(refused(&trusted.roster, &token).await.contains("expired"));
}

#[tokio::test]
async fn other_algorithms_can_be_allowed_and_the_usual_ones_left_out() {
    let trusted = Trusted::with(On::Sqlite, Algorithm::PS256, |_, auth| {
        auth.algorithms = vec![Algorithm::PS256, Algorithm::ES384];
    })
    .await;
    let ec = SigningKey::generate(Algorithm::ES384, "second");
    let by_rs256 = SigningKey::rsa(Algorithm::RS256, &trusted.key.id, 2048); // the same key
    // A key that does not say for which of its algorithms it is.
    let mut jwk = trusted.key.jwk();
    jwk.as_object_mut().unwrap().remove("alg");
    trusted.provider.publish_document(json!({ "keys": [jwk, ec.jwk()] }).to_string());
    trusted.roster.pass(TimeDelta::hours(1));

    assert!(trusted.takes(&trusted.key).await);
    assert!(trusted.takes(&ec).await);
    assert!(refused(&trusted.roster, &trusted.token(&by_rs256)).await.contains("another way"));
}
