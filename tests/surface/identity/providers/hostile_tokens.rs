//! Tokens of people who mean harm, at a provider that publishes its keys. Each is refused, and makes nobody known.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use roster_tests::{On, SigningKey, unsigned};
use rstest::rstest;
use serde_json::{Value, json};

use super::{Trusted, counts, name_by, new_key, refused};

impl Trusted {
    /// A token with a changed header, and a signature that is right for it.
    fn with_header(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut header = self.key.header();
        change(&mut header);
        self.key.sign_with(&header, &self.claims())
    }

    /// A token with a changed claim, and a signature that is right for it.
    fn with_claim(&self, claim: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[claim] = value;
        self.key.sign(&claims)
    }

    /// A token whose signature is of another algorithm than its header says.
    fn says(&self, algorithm: &str) -> String {
        self.with_header(|header| header["alg"] = json!(algorithm))
    }

    /// A token that takes something public for a secret.
    fn hmac(&self, algorithm: Algorithm, secret: &[u8]) -> String {
        let mut header = Header::new(algorithm);
        header.kid = Some(self.key.id.clone());
        jsonwebtoken::encode(&header, &self.claims(), &EncodingKey::from_secret(secret)).unwrap()
    }
}

const ANOTHER_WAY: &str = "signed in another way";
const HEADER: &str = "header cannot be read";
const SIGNATURE: &str = "signature is not right";
const NO_TOKEN: &str = "not a valid token";

/// The algorithm, or nothing at all, instead of a signature.
fn confused(trusted: &Trusted) -> Vec<(String, &'static str)> {
    let (key, claims) = (&trusted.key, trusted.claims());
    let (message, jwk) = (unsigned(&key.header(), &claims), key.jwk());
    let none = |alg: &str| unsigned(&json!({ "alg": alg, "typ": "JWT", "kid": key.id }), &claims);
    let mut tokens = vec![
        (format!("{}.", none("none")), HEADER),
        (format!("{}.", none("None")), HEADER),
        (format!("{}.", none("nOnE")), HEADER),
        (format!("{}.", none("")), HEADER),
        (none("none"), NO_TOKEN),
        (format!("{message}."), SIGNATURE),
        (format!("{message}.AAAA"), SIGNATURE),
        (format!("{message}.{}", "A".repeat(86)), SIGNATURE),
        (trusted.with_header(|header| header["alg"] = json!(null)), HEADER),
        (trusted.with_header(|header| header["alg"] = json!(["ES256", "none"])), HEADER),
        (trusted.with_header(|header| drop(header.as_object_mut().unwrap().remove("alg"))), HEADER),
        (trusted.says("HS256"), ANOTHER_WAY),
        (trusted.says("PS256"), ANOTHER_WAY),
        (trusted.says("ES384"), ANOTHER_WAY),
        (trusted.says("ES512"), HEADER),
        (trusted.says("es256"), HEADER),
    ];
    for other in ["RS256", "ES256", "EdDSA"] {
        if json!(other) != json!(key.algorithm) {
            tokens.push((trusted.says(other), ANOTHER_WAY));
        }
    }
    let der: String = key.public_pem.lines().filter(|line| !line.starts_with('-')).collect();
    let coordinate = |name: &str| jwk[name].as_str().unwrap_or_default().to_owned();
    for public in [
        key.public_pem.clone(),
        key.public_pem.trim_end().to_owned(),
        der,
        jwk.to_string(),
        coordinate("n"),
        coordinate("x"),
        trusted.provider.issuer().to_owned(),
        String::new(),
    ] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            tokens.push((trusted.hmac(algorithm, public.as_bytes()), ANOTHER_WAY));
            let raw = BASE64_URL_SAFE_NO_PAD.decode(&public).unwrap_or_default();
            tokens.push((trusted.hmac(algorithm, &raw), ANOTHER_WAY));
        }
    }
    tokens
}

/// A key of somebody else, in all the ways in which a token can bring it along.
fn with_own_keys(trusted: &Trusted) -> Vec<(String, &'static str)> {
    let (evil, claims) = (trusted.forged(), trusted.claims());
    let url = "https://evil.example.com/jwks";
    let brings = |change: &dyn Fn(&mut Value)| {
        let mut header = evil.header();
        change(&mut header);
        (evil.sign_with(&header, &claims), SIGNATURE)
    };
    let unknown = |kid: Value| {
        let mut header = evil.header();
        header["kid"] = kid;
        (evil.sign_with(&header, &claims), "does not publish")
    };
    vec![
        brings(&|_| {}),
        brings(&|header| header["jwk"] = evil.jwk()),
        brings(&|header| header["jku"] = json!(url)),
        brings(&|header| header["x5u"] = json!(url)),
        brings(&|header| header["x5c"] = json!([evil.public_pem])),
        brings(&|header| drop(header.as_object_mut().unwrap().remove("kid"))),
        unknown(json!("evil")),
        unknown(json!("")),
        unknown(json!("FIRST")),
        unknown(json!("first ")),
        unknown(json!("first\0")),
        unknown(json!("../../dev/null")),
        unknown(json!("' OR 1=1 --")),
        unknown(json!(url)),
        unknown(json!("k".repeat(5_000))),
        (evil.sign_with(&json!({ "alg": evil.algorithm, "kid": ["first"] }), &claims), HEADER),
    ]
}

/// Genuine tokens of the provider, which are for something else.
fn misused(trusted: &Trusted) -> Vec<(String, &'static str)> {
    let now = trusted.roster.now().timestamp();
    let typ = |typ: &str| (trusted.with_header(|header| header["typ"] = json!(typ)), "another kind");
    let crit = |crit: Value| (trusted.with_header(|header| header["crit"] = crit), "crit");
    let claim = |name: &str, value: Value, sentence| (trusted.with_claim(name, value), sentence);
    let issuer = trusted.provider.issuer();
    vec![
        typ("logout+jwt"),
        typ("application/logout+jwt"),
        typ("secevent+jwt"),
        typ("dpop+jwt"),
        typ("JOSE"),
        typ(""),
        crit(json!(["exp"])),
        crit(json!(["b64"])),
        crit(json!([])),
        (trusted.with_header(|header| header["crit"] = json!("exp")), HEADER),
        claim("iss", json!("https://evil.example.com"), "another issuer"),
        claim("iss", json!(format!("{issuer}/")), "another issuer"),
        claim("iss", json!(issuer.to_uppercase()), "another issuer"),
        claim("iss", json!(""), "another issuer"),
        claim("iss", json!("roster"), "another issuer"),
        claim("iss", json!([issuer]), "cannot be read"),
        claim("iss", json!([issuer, "https://evil.example.com"]), "cannot be read"),
        claim("iss", json!({ "iss": issuer }), "cannot be read"),
        claim("iss", json!(null), "lacks a claim"),
        claim("aud", json!("another service"), "another service"),
        claim("aud", json!("ROSTER"), "another service"),
        claim("aud", json!("roster "), "another service"),
        claim("aud", json!(["another", "service"]), "another service"),
        claim("aud", json!([]), "another service"),
        claim("aud", json!({ "roster": true }), "claim"),
        claim("aud", json!(null), "lacks a claim"),
        claim("exp", json!(now - 60), "expired"),
        claim("exp", json!(0), "expired"),
        claim("exp", json!(-1), "claim"),
        claim("exp", json!("9999999999"), "claim"),
        claim("exp", json!(1e300), "claim"),
        claim("exp", json!(-1e300), "claim"),
        claim("exp", json!(null), "lacks a claim"),
        claim("nbf", json!(now + 61), "not valid yet"),
        claim("nbf", json!(1e300), "not valid yet"),
        claim("nbf", json!("0"), "cannot be read"),
        claim("iat", json!(now + 61), "not valid yet"),
        claim("iat", json!({}), "cannot be read"),
        claim("sub", json!(null), "lacks a claim"),
        claim("sub", json!(7), "cannot be read"),
        claim("sub", json!(""), "sub claim"),
        claim("sub", json!("a\nb"), "sub claim"),
        claim("email", json!(["bob@example.com"]), "cannot be read"),
        claim("email", json!(null), "email claim"),
        claim("name", json!({ "first": "Bob" }), "cannot be read"),
    ]
}

/// Bytes that only look like a token, or are changed on the way.
fn broken(trusted: &Trusted) -> Vec<(String, &'static str)> {
    let good = trusted.token(&trusted.key);
    let [header, claims, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let encoded = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let twice = format!(
        r#"{{"alg":"{}","alg":"none","kid":"first"}}"#,
        json!(trusted.key.algorithm).as_str().unwrap()
    );
    let changed = trusted.with_claim("sub", json!("somebody else"));
    let other_claims = changed.split('.').nth(1).unwrap();
    let deep = format!("{{\"iss\":{}", "[".repeat(5_000));
    vec![
        (format!("{header}.{other_claims}.{signature}"), SIGNATURE),
        (format!("{header}.{claims}.{}", &signature[4..]), SIGNATURE),
        (format!("{header}.{claims}.{signature}.x"), "valid token"),
        (format!("{header}.{claims}.{signature}=="), "valid token"),
        (format!("{}.{claims}.{signature}", encoded(&twice)), HEADER),
        (format!("{}.{claims}.{signature}", encoded("[]")), HEADER),
        (format!("{}.{claims}.{signature}", encoded("not JSON")), HEADER),
        (format!("{header}.{}.{signature}", encoded("[]")), "cannot be read"),
        (format!("{header}.{}.{signature}", encoded(&deep)), "cannot be read"),
        (format!("{}.{claims}.{signature}", encoded(&deep)), HEADER),
        (format!("{header}.{}.{signature}", "A".repeat(17_000)), "too long"),
        (format!("{header}..{signature}"), "cannot be read"),
        (format!(".{claims}.{signature}"), HEADER),
        ("..".to_owned(), HEADER),
    ]
}

#[rstest]
#[tokio::test]
async fn a_hostile_token_is_refused_with_the_reason_and_makes_nobody_known(
    #[values(Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA)] algorithm: Algorithm,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let trusted = Trusted::with(on, algorithm, |_, _| {}).await;
    let second = new_key("second");
    trusted.provider.publish(&[&trusted.key]);

    let tokens = [confused(&trusted), with_own_keys(&trusted), misused(&trusted), broken(&trusted)].concat();
    for (token, sentence) in &tokens {
        let told = refused(&trusted.roster, token).await;
        assert!(told.contains(sentence), "{told}: {token}");
    }
    assert!(!trusted.takes(&second).await);
    assert_eq!(counts(&trusted.roster).await, (0, 0));
    // The end of the test is a test of the test.
    assert_eq!(name_by(&trusted.roster, &trusted.token(&trusted.key)).await, "Bob");
    assert_eq!(counts(&trusted.roster).await, (1, 1));
}

#[tokio::test]
async fn what_is_usual_in_tokens_is_taken() {
    let trusted = Trusted::start().await;
    let now = trusted.roster.now().timestamp();

    for token in [
        trusted.with_header(|header| header["typ"] = json!("at+jwt")),
        trusted.with_header(|header| header["typ"] = json!("application/at+jwt")),
        trusted.with_header(|header| header["typ"] = json!("jwt")),
        trusted.with_header(|header| drop(header.as_object_mut().unwrap().remove("typ"))),
        // What is said there does not matter.
        trusted.with_header(|header| header["jku"] = json!("https://evil.example.com")),
        trusted.with_header(|header| header["jwk"] = SigningKey::generate(Algorithm::ES256, "evil").jwk()),
        trusted.with_claim("aud", json!(["another", "roster"])),
        trusted.with_claim("exp", json!(now - 59)),
        trusted.with_claim("exp", json!(1e15)),
        trusted.with_claim("exp", json!(now as f64 + 0.5)),
        trusted.with_claim("nbf", json!(now + 60)),
        trusted.with_claim("iat", json!(now + 60)),
        trusted.with_claim("iat", json!(null)),
        trusted.with_claim("azp", json!("product")),
    ] {
        assert_eq!(name_by(&trusted.roster, &token).await, "Bob", "{token}");
    }
}
