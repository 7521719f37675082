//! Tokens that are checked with the public key of an identity provider. The keys are made for each test.

use std::{fs, path::PathBuf};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use roster_api::identity::Providers;
use roster_entity::Clock;
use roster_tests::{On, Roster, SigningKey, test_config};
use rstest::rstest;
use tempfile::TempDir;

use super::{claims, name_by, refused};

/// A Roster that trusts the identity provider with this key.
async fn roster_that_trusts(key: &SigningKey, on: On) -> (Roster, TempDir) {
    let (folder, file) = file_with(&key.public_pem);
    let roster = Roster::start_with(on, |config| {
        config.auth.hs256_secret = "".into();
        config.auth.public_key_file = file;
    })
    .await;
    (roster, folder)
}

fn file_with(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.pem");
    fs::write(&file, text).unwrap();
    (folder, file)
}

#[rstest]
#[tokio::test]
async fn a_token_signed_with_the_private_key_is_taken_and_no_other(
    #[values(Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA)] algorithm: Algorithm,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let keys = SigningKey::generate(algorithm, "first");
    let (roster, _folder) = roster_that_trusts(&keys, on).await;

    assert_eq!(name_by(&roster, &keys.sign(&claims(&roster))).await, "Bob");

    refused(&roster, &SigningKey::generate(algorithm, "second").sign(&claims(&roster))).await;
    for other in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        if other != algorithm {
            refused(&roster, &SigningKey::generate(other, "second").sign(&claims(&roster))).await;
        }
    }
}

/// The public key is no secret: a token that takes it for one must not be taken.
#[rstest]
#[tokio::test]
async fn the_public_key_cannot_be_used_as_a_shared_secret(
    #[values(Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA)] algorithm: Algorithm,
) {
    let keys = SigningKey::generate(algorithm, "first");
    let (roster, _folder) = roster_that_trusts(&keys, On::Sqlite).await;
    let der = keys.public_pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();

    let (pem, trimmed) = (keys.public_pem.as_str(), keys.public_pem.trim_end());
    for secret in [pem, trimmed, &der, ""] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let key = EncodingKey::from_secret(secret.as_bytes());
            let token = jsonwebtoken::encode(&Header::new(algorithm), &claims(&roster), &key).unwrap();
            let sentence = refused(&roster, &token).await;
            assert!(sentence.contains("signed in another way"), "{sentence}");
        }
    }
}

#[test]
fn a_file_that_has_no_usable_public_key_is_named_at_the_start() {
    let [rsa, ec, ed] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA]
        .map(|algorithm| SigningKey::generate(algorithm, "first"));
    let p384 = SigningKey::generate(Algorithm::ES384, "first").public_pem;
    let short = SigningKey::rsa(Algorithm::RS256, "short", 1024).public_pem;
    let private = [&rsa, &ec, &ed].map(|keys| keys.private_pem.as_str());

    for text in ["", "no key", &ec.public_pem[..60], &p384, &short].into_iter().chain(private) {
        let (_folder, file) = file_with(text);
        let mut auth = test_config().auth;
        auth.hs256_secret = "".into();
        auth.public_key_file = file.clone();
        let Err(error) = Providers::new(&auth, &Clock::system()) else { panic!("taken: {text}") };
        let told = error.to_string();
        assert!(told.contains("auth.public_key_file") && told.contains(file.to_str().unwrap()), "{told}");
        assert!(!told.contains("BEGIN"), "{told}");
    }
}
