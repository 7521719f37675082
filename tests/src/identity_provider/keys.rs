//! Keys that tokens are signed with.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, EncodingKey, jwk::Jwk};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use rsa::{
    RsaPrivateKey,
    pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding},
};
use serde_json::{Value, json};

/// A key pair of an identity provider, with the algorithm that it signs by and the name that it is published under.
#[derive(Clone)]
pub struct SigningKey {
    /// How it signs.
    pub algorithm: Algorithm,
    /// The `kid`.
    pub id: String,
    /// The private key, as PEM.
    pub private_pem: String,
    /// The public key, as PEM.
    pub public_pem: String,
    private: EncodingKey,
}

/// A private and a public key.
type Pems = (String, String);

impl SigningKey {
    /// A new key with this name. An RSA key has 2048 bits.
    pub fn generate(algorithm: Algorithm, id: &str) -> Self {
        match algorithm {
            Algorithm::ES256 => Self::of_curve(algorithm, id, &PKCS_ECDSA_P256_SHA256),
            Algorithm::ES384 => Self::of_curve(algorithm, id, &PKCS_ECDSA_P384_SHA384),
            Algorithm::EdDSA => Self::of_curve(algorithm, id, &PKCS_ED25519),
            _ => Self::rsa(algorithm, id, 2048),
        }
    }

    /// An RSA key with so many bits. One is made for each name and length in a test process, because that takes long.
    pub fn rsa(algorithm: Algorithm, id: &str, bits: usize) -> Self {
        static MADE: LazyLock<Mutex<HashMap<(String, usize), Pems>>> = LazyLock::new(Mutex::default);
        let mut made = MADE.lock().unwrap_or_else(|broken| broken.into_inner());
        let (private, public) = made
            .entry((id.to_owned(), bits))
            .or_insert_with(|| {
                let private = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, bits).expect("a length for RSA");
                let public = private.to_public_key().to_public_key_pem(LineEnding::LF).expect("a public key");
                (private.to_pkcs8_pem(LineEnding::LF).expect("a private key").to_string(), public)
            })
            .clone();
        Self::of_pem(algorithm, id, private, public)
    }

    fn of_curve(algorithm: Algorithm, id: &str, curve: &'static rcgen::SignatureAlgorithm) -> Self {
        let pair = KeyPair::generate_for(curve).expect("a key pair");
        Self::of_pem(algorithm, id, pair.serialize_pem(), pair.public_key_pem())
    }

    fn of_pem(algorithm: Algorithm, id: &str, private_pem: String, public_pem: String) -> Self {
        let encode = match algorithm.family() {
            AlgorithmFamily::Ec => EncodingKey::from_ec_pem,
            AlgorithmFamily::Ed => EncodingKey::from_ed_pem,
            _ => EncodingKey::from_rsa_pem,
        };
        let private = encode(private_pem.as_bytes()).expect("a private key");
        Self { algorithm, id: id.to_owned(), private_pem, public_pem, private }
    }

    /// What is published of it.
    pub fn jwk(&self) -> Value {
        let decode = match self.algorithm.family() {
            AlgorithmFamily::Ec => DecodingKey::from_ec_pem,
            AlgorithmFamily::Ed => DecodingKey::from_ed_pem,
            _ => DecodingKey::from_rsa_pem,
        };
        let public = decode(self.public_pem.as_bytes()).expect("a public key");
        let jwk = Jwk::from_decoding_key(&public, Some(self.algorithm)).expect("a public key");
        let mut jwk = serde_json::to_value(jwk).expect("plain data");
        jwk["kid"] = json!(self.id);
        jwk["use"] = json!("sig");
        jwk
    }

    /// The header of a token that it signs.
    pub fn header(&self) -> Value {
        json!({ "alg": self.algorithm, "typ": "JWT", "kid": self.id })
    }

    /// A token.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with(&self.header(), claims)
    }

    /// A token with another header than it should have.
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let message = unsigned(header, claims);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.private, self.algorithm);
        format!("{message}.{}", signature.expect("the key fits its algorithm"))
    }
}

/// The first two parts of a token.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}
