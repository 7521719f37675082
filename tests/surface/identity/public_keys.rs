//! Tokens that are checked with the public key of an identity provider. The keys are made for each test.

use std::{fs, path::PathBuf};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use roster_api::identity::JwtKeys;
use roster_tests::{On, Roster, test_config};
use rsa::{
    RsaPrivateKey,
    pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding},
};
use rstest::rstest;
use tempfile::TempDir;

use super::{claims, name_by, refused};

/// A key pair of an identity provider.
struct Keys {
    algorithm: Algorithm,
    private: EncodingKey,
    private_pem: String,
    public_pem: String,
}

impl Keys {
    fn generate(algorithm: Algorithm) -> Self {
        let (private_pem, public_pem) = match algorithm {
            Algorithm::RS256 => rsa(),
            Algorithm::ES256 => pem(&PKCS_ECDSA_P256_SHA256),
            Algorithm::EdDSA => pem(&PKCS_ED25519),
            other => panic!("no keys for {other:?}"),
        };
        let encode = match algorithm {
            Algorithm::RS256 => EncodingKey::from_rsa_pem,
            Algorithm::ES256 => EncodingKey::from_ec_pem,
            _ => EncodingKey::from_ed_pem,
        };
        Self { algorithm, private: encode(private_pem.as_bytes()).unwrap(), private_pem, public_pem }
    }

    /// A good token, signed with the private key.
    fn token(&self, roster: &Roster) -> String {
        jsonwebtoken::encode(&Header::new(self.algorithm), &claims(roster), &self.private).unwrap()
    }

    /// A Roster that trusts this identity provider.
    async fn trusted_by_roster(&self, on: On) -> (Roster, TempDir) {
        let (folder, file) = file_with(&self.public_pem);
        let roster = Roster::start_with(on, |config| {
            config.auth.hs256_secret = "".into();
            config.auth.public_key_file = file;
        })
        .await;
        (roster, folder)
    }
}

fn pem(algorithm: &'static rcgen::SignatureAlgorithm) -> (String, String) {
    let pair = KeyPair::generate_for(algorithm).unwrap();
    (pair.serialize_pem(), pair.public_key_pem())
}

/// Short, because a long one takes long to make: nobody attacks it here.
fn rsa() -> (String, String) {
    let private = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 1024).unwrap();
    let public = private.to_public_key().to_public_key_pem(LineEnding::LF).unwrap();
    (private.to_pkcs8_pem(LineEnding::LF).unwrap().to_string(), public)
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
    let keys = Keys::generate(algorithm);
    let (roster, _folder) = keys.trusted_by_roster(on).await;

    assert_eq!(name_by(&roster, &keys.token(&roster)).await, "Bob");

    refused(&roster, &Keys::generate(algorithm).token(&roster)).await;
    for other in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        if other != algorithm {
            refused(&roster, &Keys::generate(other).token(&roster)).await;
        }
    }
}

/// The public key is no secret: a token that takes it for one must not be taken.
#[rstest]
#[tokio::test]
async fn the_public_key_cannot_be_used_as_a_shared_secret(
    #[values(Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA)] algorithm: Algorithm,
) {
    let keys = Keys::generate(algorithm);
    let (roster, _folder) = keys.trusted_by_roster(On::Sqlite).await;
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
    let [rsa, ec, ed] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA].map(Keys::generate);
    let (_, p384) = pem(&PKCS_ECDSA_P384_SHA384);
    let private = [&rsa, &ec, &ed].map(|keys| keys.private_pem.as_str());

    for text in ["", "no key", &ec.public_pem[..60], &p384].into_iter().chain(private) {
        let (_folder, file) = file_with(text);
        let mut auth = test_config().auth;
        auth.public_key_file = file.clone();
        let Err(error) = JwtKeys::new(&auth) else { panic!("taken: {text}") };
        let told = error.to_string();
        assert!(told.contains("auth.public_key_file") && told.contains(file.to_str().unwrap()), "{told}");
        assert!(!told.contains("BEGIN"), "{told}");
    }
}
