//! `roster serve` and an identity provider behind TLS, as in production: the issuer's address, and nothing else, in the settings.

use std::fs;

use jsonwebtoken::Algorithm;
use roster_entity::Clock;
use roster_tests::{IdentityProvider, Installation, SigningKey, smtp_server::SmtpServer};
use serde_json::json;

const WHO: &str = "{ viewer { user { name } } }";

/// A provider, a token of it, the authority that its certificate is of, and an installation that does not know it yet.
async fn production() -> (IdentityProvider, String, String, Installation) {
    let smtp = SmtpServer::start().await;
    let (provider, ca) = IdentityProvider::start_with_tls().await;
    let key = SigningKey::generate(Algorithm::ES256, "first");
    provider.publish(&[&key]);
    let token = key.sign(&provider.claims_at(Clock::system().now(), "bob"));
    let roster = Installation::migrated(&smtp)
        .await
        .with("ROSTER_AUTH__HS256_SECRET", "")
        .with("ROSTER_AUTH__ISSUER", provider.issuer());
    (provider, token, ca, roster)
}

#[tokio::test]
async fn a_provider_that_the_machine_trusts_is_found_by_its_address() {
    let (provider, token, ca, roster) = production().await;
    let file = roster.folder().join("ca.pem");
    fs::write(&file, ca).unwrap();
    let roster = roster.with("SSL_CERT_FILE", file.to_str().unwrap());

    let (process, api) = roster.serve().await;

    assert_eq!(api.graphql(&token, WHO, json!({})).await.text("/viewer/user/name"), "bob");
    assert_eq!((provider.discoveries(), provider.fetches()), (1, 1));
    process.stop().await;
}

#[tokio::test]
async fn a_provider_that_the_machine_does_not_trust_is_not_asked_and_the_log_says_so() {
    let (provider, token, _, roster) = production().await;
    // Somebody else's.
    let (_, other_ca) = IdentityProvider::start_with_tls().await;
    let file = roster.folder().join("ca.pem");
    fs::write(&file, other_ca).unwrap();
    let roster = roster.with("SSL_CERT_FILE", file.to_str().unwrap());

    let (process, api) = roster.serve().await;

    let answer = api.graphql(&token, WHO, json!({})).await;
    assert_eq!(answer.error_code(), "IDENTITY_PROVIDER_UNAVAILABLE");
    let line = process.says("cannot be fetched").await;
    assert!(line.contains(provider.issuer()) && line.contains("certificate"), "{line}");
    assert_eq!((provider.discoveries(), provider.fetches()), (0, 0));
    process.stop().await;
}
