//! What a provider publishes, when it is not as it should be.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::Algorithm;
use roster_tests::{Answers, IdentityProvider, On, SigningKey};
use rstest::rstest;
use serde_json::{Value, json};

use super::{Trusted, name_by, new_key, refused};

/// A key, as it is published, with another member.
fn with(key: &SigningKey, member: &str, value: Value) -> Value {
    let mut jwk = key.jwk();
    jwk[member] = value;
    jwk
}

fn without(key: &SigningKey, member: &str) -> Value {
    let mut jwk = key.jwk();
    jwk.as_object_mut().unwrap().remove(member);
    jwk
}

fn number(bytes: &[u8]) -> Value {
    json!(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// Each is published between two good keys, and whoever has the private part of it signs a token with it.
#[tokio::test]
async fn a_key_that_cannot_be_used_takes_no_other_with_it() {
    let trusted = Trusted::start().await;
    let last = SigningKey::generate(Algorithm::EdDSA, "last");
    let [ec, p384, ed] = [Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA]
        .map(|algorithm| SigningKey::generate(algorithm, "bad"));
    let rsa = SigningKey::rsa(Algorithm::RS256, "bad", 2048);
    let short = SigningKey::rsa(Algorithm::RS256, "bad", 1024);

    let bad = [
        (&ec, json!(null)),
        (&ec, json!("bad")),
        (&ec, json!([])),
        (&ec, json!({})),
        (&ec, json!({ "kid": "bad" })),
        (&ec, with(&ec, "kid", json!(7))),
        (&ec, with(&ec, "kty", json!(7))),
        (&ec, with(&ec, "kty", json!("RSA"))),
        (&ec, with(&ec, "kty", json!("ec"))),
        (&ec, with(&ec, "use", json!("enc"))),
        (&ec, with(&ec, "use", json!(""))),
        (&ec, with(&ec, "key_ops", json!(["sign"]))),
        (&ec, with(&ec, "key_ops", json!([]))),
        (&ec, with(&ec, "key_ops", json!("verify"))),
        (&ec, with(&ec, "alg", json!("ES384"))),
        (&ec, with(&ec, "alg", json!("RS256"))),
        (&ec, with(&ec, "alg", json!("HS256"))),
        (&ec, with(&ec, "alg", json!("none"))),
        (&ec, with(&ec, "alg", json!(""))),
        (&ec, with(&ec, "d", number(&[1; 32]))),
        (&ec, with(&ec, "crv", json!("P-384"))),
        (&ec, with(&ec, "crv", json!("secp256k1"))),
        (&ec, with(&ec, "crv", json!("Ed25519"))),
        (&ec, with(&ec, "x", number(&[1; 32]))),
        (&ec, with(&ec, "x", number(&[1; 31]))),
        (&ec, with(&ec, "x", json!(""))),
        (&ec, with(&ec, "y", json!("§§§"))),
        (&ec, without(&ec, "crv")),
        (&ec, without(&ec, "x")),
        (&ec, without(&ec, "y")),
        (&p384, p384.jwk()), // right, but the settings do not allow it
        (&ed, with(&ed, "x", json!(""))),
        (&ed, with(&ed, "x", number(&[1; 31]))),
        (&ed, with(&ed, "x", number(&[1; 33]))),
        (&ed, with(&ed, "crv", json!("X25519"))),
        (&ed, with(&ed, "crv", json!("Ed448"))),
        (&ed, with(&ed, "kty", json!("EC"))),
        (&ed, with(&ed, "alg", json!("ES256"))),
        (&rsa, with(&rsa, "e", number(&[1]))),
        (&rsa, with(&rsa, "e", number(&[0]))),
        (&rsa, with(&rsa, "e", number(&[2]))),
        (&rsa, with(&rsa, "e", number(&[255; 5]))),
        (&rsa, with(&rsa, "n", number(&[]))),
        (&rsa, with(&rsa, "n", number(&[255; 1024]))),
        (&rsa, with(&rsa, "n", number(&[0; 256]))),
        (&rsa, with(&rsa, "alg", json!("RSA-OAEP"))),
        (&rsa, without(&rsa, "n")),
        (&rsa, without(&rsa, "e")),
        (&short, short.jwk()),
        (
            &ec,
            json!({ "kty": "oct", "kid": "bad", "alg": "HS256", "k": number(b"a secret that everybody can read") }),
        ),
    ];
    for (signer, jwk) in bad {
        trusted
            .provider
            .publish_document(json!({ "keys": [trusted.key.jwk(), jwk, last.jwk()] }).to_string());
        trusted.roster.pass(TimeDelta::hours(1));

        assert!(trusted.takes(&trusted.key).await, "{jwk}");
        assert!(!trusted.takes(signer).await, "{jwk}");
        assert!(trusted.takes(&last).await, "{jwk}");
    }
}

#[rstest]
#[case(Algorithm::RS256)]
#[case(Algorithm::ES256)]
#[case(Algorithm::EdDSA)]
#[tokio::test]
async fn a_key_need_say_no_more_than_what_it_is(#[case] algorithm: Algorithm) {
    let trusted = Trusted::with(On::Sqlite, algorithm, |_, _| {}).await;
    let mut jwk = trusted.key.jwk();
    for member in ["alg", "use", "key_ops", "x5c"] {
        jwk.as_object_mut().unwrap().remove(member);
    }
    jwk["x5u"] = json!("https://evil.example.com");
    jwk["x5c"] = json!("no list");
    trusted.provider.publish_document(json!({ "keys": [jwk] }).to_string());
    trusted.roster.pass(TimeDelta::hours(1));

    assert!(trusted.takes(&trusted.key).await);
    assert!(!trusted.takes(&trusted.forged()).await);
}

#[tokio::test]
async fn a_document_that_is_none_does_not_replace_the_keys() {
    let trusted = Trusted::start().await;
    assert!(trusted.takes(&trusted.key).await);
    let second = new_key("second");
    let good = json!({ "keys": [second.jwk()] }).to_string();
    let many: Vec<_> = (0..101).map(|_| second.jwk()).collect();

    for document in [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        json!({ "keys": {} }).to_string(),
        json!({ "keys": [] }).to_string(),
        json!({ "keys": [null] }).to_string(),
        json!({ "keys": many }).to_string(),
        "<html>Sign in to the network</html>".to_owned(),
        good[..good.len() - 1].to_owned(),
        format!("{good}{good}"),
        format!("{good}{}", " ".repeat(300_000)),
        "[".repeat(100_000),
        format!("{{\"keys\":{}", "[".repeat(100_000)),
    ] {
        trusted.provider.publish_document(&document);
        trusted.roster.pass(TimeDelta::minutes(15));
        let start: String = document.chars().take(60).collect();

        assert!(trusted.takes(&trusted.key).await, "{start}");
        trusted.cannot_say(&second).await;
    }
    trusted.provider.publish_document(good);
    trusted.roster.pass(TimeDelta::seconds(10));
    assert!(trusted.takes(&second).await);
    assert!(!trusted.takes(&trusted.key).await);
}

#[tokio::test]
async fn a_token_names_one_key_or_is_refused() {
    let trusted = Trusted::start().await;
    let (second, twin) = (new_key("second"), trusted.forged());
    let other_kind = SigningKey::generate(Algorithm::EdDSA, "first");
    let nameless = |key: &SigningKey| {
        let mut header = key.header();
        header.as_object_mut().unwrap().remove("kid");
        key.sign_with(&header, &trusted.claims())
    };
    let publish = |keys: &[&SigningKey]| {
        trusted.provider.publish(keys);
        trusted.roster.pass(TimeDelta::hours(1));
    };

    publish(&[&trusted.key]);
    assert_eq!(name_by(&trusted.roster, &nameless(&trusted.key)).await, "Bob");
    assert!(refused(&trusted.roster, &nameless(&second)).await.contains("signature"));

    publish(&[&trusted.key, &other_kind]);
    assert_eq!(name_by(&trusted.roster, &nameless(&trusted.key)).await, "Bob");
    assert!(trusted.takes(&trusted.key).await && trusted.takes(&other_kind).await, "one name, two kinds");

    publish(&[&trusted.key, &second]);
    for key in [&trusted.key, &second] {
        assert!(refused(&trusted.roster, &nameless(key)).await.contains("kid"));
        assert!(trusted.takes(key).await);
    }

    publish(&[&trusted.key, &twin, &second]);
    for key in [&trusted.key, &twin] {
        assert!(refused(&trusted.roster, &trusted.token(key)).await.contains("kid"));
    }
    assert!(trusted.takes(&second).await);
}

/// What discovery says, and what is wrong with it.
fn wrong_discoveries(provider: &IdentityProvider) -> Vec<String> {
    let issuer = provider.issuer();
    let says = |issuer: &str, jwks_uri: &str| json!({ "issuer": issuer, "jwks_uri": jwks_uri }).to_string();
    vec![
        says(&format!("{issuer}/"), &provider.jwks_url()),
        says(&issuer.to_uppercase(), &provider.jwks_url()),
        says("https://evil.example.com", &provider.jwks_url()),
        says("", &provider.jwks_url()),
        says(issuer, "http://evil.example.com/jwks"),
        says(issuer, "/jwks"),
        says(issuer, "file:///etc/passwd"),
        says(issuer, ""),
        json!({ "issuer": issuer }).to_string(),
        json!({ "jwks_uri": provider.jwks_url() }).to_string(),
        json!({ "issuer": [issuer], "jwks_uri": provider.jwks_url() }).to_string(),
        String::new(),
        "<html>".to_owned(),
        format!("{}{}", says(issuer, &provider.jwks_url()), " ".repeat(300_000)),
    ]
}

#[tokio::test]
async fn discovery_must_be_of_this_issuer_and_name_a_safe_address() {
    let trusted = Trusted::with(On::Sqlite, Algorithm::ES256, |provider, _| provider.discover_as("")).await;
    trusted.cannot_say(&trusted.key).await;

    for document in wrong_discoveries(&trusted.provider) {
        trusted.provider.discover_as(document.clone());
        trusted.roster.pass(TimeDelta::seconds(10));
        trusted.cannot_say(&trusted.key).await;
        assert_eq!(trusted.provider.fetches(), 0, "{document}");
    }
    let right =
        json!({ "issuer": trusted.provider.issuer(), "jwks_uri": trusted.provider.jwks_url(), "more": [] });
    trusted.provider.discover_as(right.to_string());
    trusted.roster.pass(TimeDelta::seconds(10));
    assert!(trusted.takes(&trusted.key).await);
}

/// Not even to the same host: an open redirect of the provider would do.
#[tokio::test]
async fn nothing_is_fetched_from_where_a_redirect_points() {
    let elsewhere = Trusted::start().await;
    assert!(elsewhere.takes(&elsewhere.key).await);
    let trusted = Trusted::with(On::Sqlite, Algorithm::ES256, |provider, auth| {
        auth.jwks_url = provider.jwks_url();
        provider.answer(Answers::Redirect(elsewhere.provider.jwks_url()));
    })
    .await;

    trusted.cannot_say(&elsewhere.key).await;

    assert_eq!(elsewhere.provider.fetches(), 1);
}

#[tokio::test]
async fn the_address_of_the_keys_can_be_given() {
    let trusted = Trusted::with(On::Sqlite, Algorithm::ES256, |provider, auth| {
        auth.jwks_url = provider.jwks_url();
        auth.issuer = "https://id.example.com/never-asked".to_owned();
    })
    .await;
    let mut claims = trusted.claims();
    assert!(refused(&trusted.roster, &trusted.key.sign(&claims)).await.contains("another issuer"));

    claims["iss"] = json!("https://id.example.com/never-asked");

    assert_eq!(name_by(&trusted.roster, &trusted.key.sign(&claims)).await, "Bob");
    assert_eq!((trusted.provider.discoveries(), trusted.provider.fetches()), (0, 1));
}
