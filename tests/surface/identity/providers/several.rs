//! Several identity providers beside each other.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use roster_tests::{IdentityProvider, On, Roster, SigningKey};
use rstest::rstest;
use serde_json::{Value, json};

use super::{counts, name_by, new_key, refused, who_is};

const SECRET: &str = "the secret of the third identity provider";

/// Two providers that publish keys, and a third one with a secret, `urn:third`.
struct Three {
    first: IdentityProvider,
    second: IdentityProvider,
    first_key: SigningKey,
    second_key: SigningKey,
    roster: Roster,
}

impl Three {
    /// Of which the second one can verify the addresses of these domains only.
    async fn on(on: On, domains: &[&str]) -> Self {
        let (first, second) = (IdentityProvider::start().await, IdentityProvider::start().await);
        // As it may be by chance, or on purpose.
        let (first_key, second_key) = (new_key("same name"), new_key("same name"));
        first.publish(&[&first_key]);
        second.publish(&[&second_key]);
        let mut auth = first.settings();
        let (mut other, mut third) = (second.settings(), second.settings());
        other.claims.verified_domains.0 = domains.iter().map(|domain| domain.parse().unwrap()).collect();
        third.issuer = "urn:third".to_owned();
        third.hs256_secret = SECRET.into();
        auth.others.insert("second".to_owned(), other);
        auth.others.insert("third".to_owned(), third);
        let roster = Roster::start_with(on, |config| config.auth = auth).await;
        Self { first, second, first_key, second_key, roster }
    }

    /// The claims of a token of the first one.
    fn claims(&self) -> Value {
        self.first.claims(&self.roster, "olivia")
    }

    /// The same from the second one.
    fn seconds_claims(&self) -> Value {
        self.second.claims(&self.roster, "olivia")
    }

    async fn who(&self, token: &str) -> (String, bool) {
        let answer = who_is(&self.roster, &format!("Bearer {token}")).await.answer();
        (answer.text("/viewer/user/email"), answer.at("/viewer/emailVerified") == true)
    }
}

fn hmac(algorithm: Algorithm, claims: &Value) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(SECRET.as_bytes()))
        .unwrap()
}

#[rstest]
#[tokio::test]
async fn each_provider_speaks_for_itself_only(#[values(On::Sqlite, On::Postgres)] on: On) {
    let three = Three::on(on, &[]).await;
    let mut thirds_claims = three.claims();
    thirds_claims["iss"] = json!("urn:third");

    for token in [
        three.second_key.sign(&three.claims()),
        three.first_key.sign(&three.seconds_claims()),
        three.first_key.sign(&thirds_claims),
        hmac(Algorithm::HS256, &three.claims()),
        hmac(Algorithm::HS256, &three.seconds_claims()),
        hmac(Algorithm::HS384, &thirds_claims),
    ] {
        refused(&three.roster, &token).await;
    }
    assert_eq!(counts(&three.roster).await, (0, 0));

    thirds_claims["name"] = json!("third");
    assert_eq!(name_by(&three.roster, &hmac(Algorithm::HS256, &thirds_claims)).await, "third");
    assert_eq!(name_by(&three.roster, &three.first_key.sign(&three.claims())).await, "olivia");
    assert_eq!(name_by(&three.roster, &three.second_key.sign(&three.seconds_claims())).await, "olivia");
}

#[rstest]
#[tokio::test]
async fn one_subject_at_two_issuers_is_two_people_unless_both_verify_one_address(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let three = Three::on(on, &[]).await;
    let mut other = three.seconds_claims();
    other["email"] = json!("another.olivia@example.com");

    three.who(&three.first_key.sign(&three.claims())).await;
    three.who(&three.second_key.sign(&other)).await;
    assert_eq!(counts(&three.roster).await, (2, 2));

    let mut again = three.seconds_claims();
    again["sub"] = json!("7");
    three.who(&three.second_key.sign(&again)).await;
    assert_eq!(counts(&three.roster).await, (2, 3));
}

#[rstest]
#[tokio::test]
async fn a_provider_cannot_verify_addresses_of_other_domains_than_its_own(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let three = Three::on(on, &["partner.example"]).await;
    assert_eq!(
        three.who(&three.first_key.sign(&three.claims())).await,
        ("olivia@example.com".to_owned(), true)
    );

    let taken = three.who(&three.second_key.sign(&three.seconds_claims())).await;
    assert_eq!(taken, ("olivia@example.com".to_owned(), false), "somebody else, who only says so");
    assert_eq!(counts(&three.roster).await, (2, 2));

    let mut own = three.seconds_claims();
    (own["sub"], own["email"]) = (json!("pat"), json!("pat@Partner.Example"));
    assert_eq!(three.who(&three.second_key.sign(&own)).await, ("pat@Partner.Example".to_owned(), true));
}

#[tokio::test]
async fn an_outage_of_one_provider_is_none_of_the_others() {
    let three = Three::on(On::Sqlite, &[]).await;
    name_by(&three.roster, &three.second_key.sign(&three.seconds_claims())).await;
    let token = three.first_key.sign(&three.claims());
    let Three { first, second, second_key, roster, .. } = three;
    let claims = second.claims(&roster, "olivia");

    drop(first);
    roster.pass(chrono::TimeDelta::minutes(45));
    name_by(&roster, &token).await;

    assert_eq!(name_by(&roster, &second_key.sign(&claims)).await, "olivia");
}
