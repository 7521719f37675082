//! A provider that others have made (`tests/identity-provider`), and people who sign in there with a browser.

use std::{collections::BTreeMap, path::Path};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::Algorithm;
use reqwest::{Client, RequestBuilder, Response, Url, header, redirect};
use roster_entity::Clock;
use roster_tests::{On, Process, Roster, test_config};
use rstest::rstest;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::{refused, who_is};

/// Where the product wants people back when they have signed in.
const PRODUCT: &str = "http://127.0.0.1/signed-in";

struct RealProvider {
    _process: Process,
    issuer: String,
}

impl RealProvider {
    async fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("identity-provider");
        let mut node = Command::new("node");
        node.arg("provider.js").current_dir(folder);
        let process = Process::start(node);
        let line = process.says("issuer: ").await;
        Self { issuer: line.trim_start_matches("issuer: ").to_owned(), _process: process }
    }

    async fn rotates_its_keys(&self) {
        let rotated = Client::new().post(format!("{}/test/rotate", self.issuer)).send().await.unwrap();
        assert_eq!(rotated.text().await.unwrap(), "rotated\n");
    }

    /// A Roster that is told where the provider is, and nothing more. Its clock begins at the provider's time.
    async fn trusted_by_roster(&self) -> Roster {
        let roster = Roster::start_with(On::Sqlite, |config| {
            config.auth = test_config().auth;
            config.auth.issuer = self.issuer.clone();
            config.auth.hs256_secret = "".into();
        })
        .await;
        roster.pass(Clock::system().now() - roster.now());
        roster
    }

    /// What the product gets when somebody has signed in there: the authorization code flow with PKCE (RFC 7636).
    async fn sign_in(&self, person: &str, algorithm: Algorithm) -> Value {
        let mut browser = Browser::new();
        let verifier = "a-secret-of-the-product-that-nobody-else-has-seen";
        let client = format!("product-{algorithm:?}");
        let start = Url::parse_with_params(
            &format!("{}/auth", self.issuer),
            [
                ("client_id", client.as_str()),
                ("response_type", "code"),
                ("redirect_uri", PRODUCT),
                ("scope", "openid email profile"),
                ("state", "some state"),
                ("code_challenge", &sha256(verifier)),
                ("code_challenge_method", "S256"),
            ],
        );
        let sign_in = browser.goes_to(start.unwrap()).await;
        let consent =
            browser.submits(sign_in, &[("prompt", "login"), ("login", person), ("password", "any")]).await;
        let back = browser.submits(consent, &[("prompt", "consent")]).await;
        let answer: BTreeMap<_, _> = back.query_pairs().into_owned().collect();
        assert_eq!(answer["state"], "some state", "{back}");

        let exchange = [
            ("grant_type", "authorization_code"),
            ("client_id", &client),
            ("redirect_uri", PRODUCT),
            ("code", &answer["code"]),
            ("code_verifier", verifier),
        ];
        let request = browser.http.post(format!("{}/token", self.issuer));
        with_form(request, &exchange).send().await.unwrap().json().await.unwrap()
    }
}

fn sha256(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

fn with_form(request: RequestBuilder, form: &[(&str, &str)]) -> RequestBuilder {
    let encoded = Url::parse_with_params(PRODUCT, form).unwrap();
    let body = encoded.query().unwrap_or_default().to_owned();
    request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)
}

/// A browser, as far as signing in takes one: it follows redirects and keeps cookies.
struct Browser {
    http: Client,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn new() -> Self {
        let http = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        Self { http, cookies: BTreeMap::new() }
    }

    /// Opens an address. Where it ends: at a page, or at the product.
    async fn goes_to(&mut self, url: Url) -> Url {
        let response = self.http.get(url).header(header::COOKIE, self.cookie()).send().await.unwrap();
        self.follows(response).await
    }

    /// Fills in the form of a page.
    async fn submits(&mut self, page: Url, form: &[(&str, &str)]) -> Url {
        let request = self.http.post(page).header(header::COOKIE, self.cookie());
        let response = with_form(request, form).send().await.unwrap();
        self.follows(response).await
    }

    async fn follows(&mut self, mut response: Response) -> Url {
        loop {
            for cookie in response.headers().get_all(header::SET_COOKIE) {
                let (name, value) =
                    cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            let Some(to) = response.headers().get(header::LOCATION) else {
                assert!(response.status().is_success(), "{response:?}");
                return response.url().clone();
            };
            let to = response.url().join(to.to_str().unwrap()).unwrap();
            if to.as_str().starts_with(PRODUCT) {
                return to;
            }
            response = self.http.get(to).header(header::COOKIE, self.cookie()).send().await.unwrap();
        }
    }

    fn cookie(&self) -> String {
        let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }
}

/// The access token of somebody who has signed in.
fn access_token(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap_or_else(|| panic!("{tokens}"))
}

#[rstest]
#[case(Algorithm::RS256)]
#[case(Algorithm::ES256)]
#[case(Algorithm::EdDSA)]
#[tokio::test]
async fn who_has_signed_in_at_the_provider_is_known_to_roster(#[case] algorithm: Algorithm) {
    let provider = RealProvider::start().await;
    let roster = provider.trusted_by_roster().await;

    let tokens = provider.sign_in("bob", algorithm).await;

    let header = jsonwebtoken::decode_header(access_token(&tokens)).unwrap();
    assert_eq!((header.alg, header.typ.as_deref()), (algorithm, Some("at+jwt")));
    let answer = who_is(&roster, &format!("Bearer {}", access_token(&tokens))).await.answer();
    assert_eq!(answer.text("/viewer/user/name"), "Bob");
    assert_eq!(answer.text("/viewer/user/email"), "bob@example.com");
    assert_eq!(answer.at("/viewer/emailVerified"), true);

    // The token that tells the product who has signed in is not meant for Roster.
    let told = refused(&roster, tokens["id_token"].as_str().unwrap()).await;
    assert!(told.contains("another service"), "{told}");
    roster.pass(TimeDelta::seconds(3_600 + 61));
    assert!(refused(&roster, access_token(&tokens)).await.contains("expired"));
}

#[tokio::test]
async fn an_address_that_the_provider_does_not_know_to_be_the_persons_is_not_verified() {
    let provider = RealProvider::start().await;
    let roster = provider.trusted_by_roster().await;

    let tokens = provider.sign_in("nina", Algorithm::ES256).await;

    let answer = who_is(&roster, &format!("Bearer {}", access_token(&tokens))).await.answer();
    assert_eq!(answer.text("/viewer/user/name"), "Nina");
    assert_eq!(answer.at("/viewer/emailVerified"), false);
}

#[tokio::test]
async fn when_the_provider_has_changed_its_keys_new_tokens_are_taken_and_old_ones_refused() {
    let provider = RealProvider::start().await;
    let roster = provider.trusted_by_roster().await;
    let before = provider.sign_in("bob", Algorithm::ES256).await;
    assert_eq!(who_is(&roster, &format!("Bearer {}", access_token(&before))).await.status, 200);

    provider.rotates_its_keys().await;
    roster.pass(TimeDelta::seconds(10));
    let after = provider.sign_in("bob", Algorithm::ES256).await;

    assert_eq!(who_is(&roster, &format!("Bearer {}", access_token(&after))).await.status, 200);
    assert!(refused(&roster, access_token(&before)).await.contains("does not publish"));
}
