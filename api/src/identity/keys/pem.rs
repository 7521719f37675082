//! The public key in a PEM file.

use std::fs;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, Jwk},
};

use super::jwks::{Key, OF_RSA, RSA_BITS, bits};
use crate::config::{Auth, ConfigError};

/// The key of `public_key_file`, and those of the algorithms in the settings that go with it.
pub(super) fn read(section: &str, auth: &Auth) -> Result<Key, ConfigError> {
    let file = &auth.public_key_file;
    let wrong =
        |problem: &str| ConfigError::one(format!("{section}.public_key_file, {}: {problem}", file.display()));
    let pem = fs::read_to_string(file).map_err(|e| wrong(&format!("cannot be read: {e}")))?;
    if pem.contains("PRIVATE KEY-----") {
        return Err(wrong("should be the public key; this is a private one."));
    }
    let (of_its_kind, key) = key(pem.as_bytes()).ok_or_else(|| {
        wrong("should be a PEM public key: RSA of 2048 to 4096 bits, EC (P-256 or P-384) or Ed25519.")
    })?;
    let algorithms: Vec<_> = of_its_kind.iter().copied().filter(|of| auth.algorithms.contains(of)).collect();
    if algorithms.is_empty() {
        return Err(wrong(&format!(
            "is a key for {of_its_kind:?}, and {section}.algorithms has none of them."
        )));
    }
    Ok(Key { id: None, algorithms, key })
}

fn key(pem: &[u8]) -> Option<(&'static [Algorithm], DecodingKey)> {
    if let Ok(key) = DecodingKey::from_rsa_pem(pem) {
        let AlgorithmParameters::RSA(rsa) = Jwk::from_decoding_key(&key, None).ok()?.algorithm else {
            return None;
        };
        let modulus = BASE64_URL_SAFE_NO_PAD.decode(rsa.n).ok()?;
        return RSA_BITS.contains(&bits(&modulus)).then_some((OF_RSA, key));
    }
    if let Ok(key) = DecodingKey::from_ec_pem(pem) {
        // A point has two coordinates and one byte more.
        return match key.try_get_as_bytes().ok()?.len() {
            65 => Some((&[Algorithm::ES256], key)),
            97 => Some((&[Algorithm::ES384], key)),
            _ => None,
        };
    }
    let key = DecodingKey::from_ed_pem(pem).ok()?;
    (key.try_get_as_bytes().ok()?.len() == 32).then_some((&[Algorithm::EdDSA], key))
}
