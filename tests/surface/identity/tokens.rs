//! Which JSON Web Tokens are taken, and which are not.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use roster_tests::{On, Roster};
use rstest::rstest;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{claims, claims_with, name_by, refused, signed, who_is};

#[rstest]
#[tokio::test]
async fn without_a_token_nobody_is_signed_in(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;

    let answer = roster.anonymous().query("{ viewer { user { id } } }").await;

    assert_eq!(answer.error_code(), "UNAUTHENTICATED");
    assert!(answer.error_message().contains("You are not signed in"), "{}", answer.error_message());
}

#[rstest]
#[tokio::test]
async fn a_token_holds_from_its_beginning_to_its_end_give_or_take_a_minute(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let mut claims = claims_with(&roster, "nbf", json!(roster.now().timestamp() + 61));
    claims["exp"] = json!(roster.now().timestamp() + 3_600);
    let token = signed(&roster, &claims);

    assert!(refused(&roster, &token).await.contains("not valid yet"));
    roster.pass(TimeDelta::seconds(1));
    assert_eq!(name_by(&roster, &token).await, "Bob");
    roster.pass(TimeDelta::seconds(3_600 + 58));
    assert_eq!(name_by(&roster, &token).await, "Bob");
    roster.pass(TimeDelta::seconds(1));
    assert!(refused(&roster, &token).await.contains("has expired"));
}

#[rstest]
#[tokio::test]
async fn the_audience_may_be_a_list(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let with_audience = |aud: Value| signed(&roster, &claims_with(&roster, "aud", aud));

    assert_eq!(name_by(&roster, &with_audience(json!(["another", "roster"]))).await, "Bob");
    for wrong in [json!(["another", "service"]), json!([])] {
        refused(&roster, &with_audience(wrong)).await;
    }
}

/// Each sentence says what is wrong.
#[rstest]
#[case("iss", json!("https://evil.example.com"), "another issuer")]
#[case("iss", json!(null), "claim")]
#[case("aud", json!("another service"), "another service")]
#[case("aud", json!(null), "claim")]
#[case("exp", json!(null), "claim")]
#[case("exp", json!("tomorrow"), "claim")]
#[case("sub", json!(null), "claim")]
#[case("sub", json!(""), "sub claim")]
#[case("sub", json!("x".repeat(256)), "sub claim")]
#[case("sub", json!("a\0b"), "sub claim")]
#[case("sub", json!("a\r\nb"), "sub claim")]
#[case("email", json!(null), "email claim")]
#[case("email", json!(""), "email claim")]
#[case("email", json!("bob"), "email claim")]
#[case("email", json!("bob@example.com\r\nBcc: eve@example.com"), "email claim")]
#[case("email", json!("bo\0b@example.com"), "email claim")]
#[case("email", json!(format!("{}@example.com", "b".repeat(10_000))), "email claim")]
#[tokio::test]
async fn a_token_with_a_wrong_claim_is_refused(
    #[case] claim: &str,
    #[case] value: Value,
    #[case] sentence: &str,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;

    let token = signed(&roster, &claims_with(&roster, claim, value.clone()));
    let told = refused(&roster, &token).await;
    assert!(told.contains(sentence), "{value}: {told}");

    if value.is_null() {
        let mut claims = claims(&roster);
        claims.as_object_mut().unwrap().remove(claim);
        let told = refused(&roster, &signed(&roster, &claims)).await;
        assert!(told.contains(sentence), "no {claim}: {told}");
    }
}

#[rstest]
#[tokio::test]
async fn a_token_that_somebody_else_has_made_is_refused(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let secret = roster.parts().config.auth.hs256_secret.expose_secret().to_owned();
    let claims = claims(&roster);
    let with = |algorithm, secret: &str| {
        let key = EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&Header::new(algorithm), &claims, &key).unwrap()
    };
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = |alg: &str, signature: &str| {
        format!("{}.{}.{signature}", part(&json!({ "alg": alg, "typ": "JWT" })), part(&claims))
    };
    let good = with(Algorithm::HS256, &secret);
    let (body, signature) = good.rsplit_once('.').unwrap();
    let changed = claims_with(&roster, "email", json!("olivia@example.com"));
    let header = good.split('.').next().unwrap();

    for token in [
        with(Algorithm::HS256, "another secret of at least 32 bytes"),
        with(Algorithm::HS256, ""),
        // The right secret, in another way than the settings say.
        with(Algorithm::HS512, &secret),
        unsigned("none", ""),
        unsigned("None", ""),
        unsigned("NONE", signature),
        unsigned("HS256", ""),
        unsigned("RS256", signature),
        format!("{body}."),
        format!("{header}.{}.{signature}", part(&changed)),
    ] {
        refused(&roster, &token).await;
    }
    assert_eq!(name_by(&roster, &good).await, "Bob");
}

#[rstest]
#[tokio::test]
async fn what_is_no_token_is_refused(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let good = signed(&roster, &claims(&roster));

    for token in [
        "x",
        "null",
        "..",
        "a.b.c",
        "a.b.c.d",
        &good[..good.len() - 1],
        &good[..good.len() / 2],
        &good[1..],
        &format!("{good}.x"),
        &format!("{good}, {good}"),
        &format!("\"{good}\""),
        &"x".repeat(100_000),
        &format!("{good}{}", "A".repeat(100_000)),
    ] {
        refused(&roster, token).await;
    }
}

#[rstest]
#[tokio::test]
async fn only_the_scheme_bearer_is_taken_and_another_is_not_passed_over(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let good = signed(&roster, &claims(&roster));

    for authorization in ["Basic Ym9iOnNlY3JldA==", &good, "", "Bearer", "Bearer ", &format!("Token {good}")]
    {
        let reply = who_is(&roster, authorization).await;
        reply.is_refused_with(401, "UNAUTHENTICATED");
        assert!(reply.header("www-authenticate").starts_with("Bearer "), "{authorization:?}");
    }
    for scheme in ["bearer", "BEARER", "Bearer "] {
        let answer = who_is(&roster, &format!("{scheme} {good}")).await.answer();
        assert_eq!(answer.at("/viewer/user/name"), "Bob");
    }
}

#[rstest]
#[tokio::test]
async fn a_name_is_kept_as_it_can_be_shown(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let long = "x".repeat(10_000);

    let cases = [
        ("Eve\r\nBcc: all@example.com", json!("Eve Bcc: all@example.com")),
        ("E\0v\u{7}e", json!("E v e")),
        ("eve\u{202E}nimda", json!("evenimda")),
        (long.as_str(), json!("x".repeat(100))),
        ("👩‍💻 מרים", json!("👩‍💻 מרים")),
        ("", json!(null)),
        (" \r\n\0 ", json!(null)),
    ];
    for (index, (name, kept)) in cases.into_iter().enumerate() {
        let mut claims = claims_with(&roster, "name", json!(name));
        claims["sub"] = json!(format!("user-{index}"));
        claims["email"] = json!(format!("user-{index}@example.com"));
        assert_eq!(name_by(&roster, &signed(&roster, &claims)).await, kept, "{name:?}");
    }
}
