//! JSON Web Tokens: checking those of users, and minting some for development.

use std::{fs, path::Path};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use roster_entity::{EmailAddress, text};
use secrecy::ExposeSecret;
use serde::{Deserialize, Deserializer, Serialize};

use super::AuthError;
use crate::config::{Auth, ConfigError};

/// How far the clocks of the issuer and of Roster may differ.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);

/// What a token says about a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued the token.
    pub iss: String,
    /// For whom it was issued. Checked by the library; a text or a list.
    pub aud: serde_json::Value,
    /// The person, as the issuer calls them.
    pub sub: String,
    /// When it ends, in seconds since the epoch. Some issuers give fractions.
    #[serde(deserialize_with = "seconds")]
    pub exp: i64,
    /// From when on it holds.
    #[serde(default, deserialize_with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// The person's address.
    pub email: Option<String>,
    /// Whether the issuer knows that the address is the person's. Some issuers give a text.
    #[serde(default, deserialize_with = "flag")]
    pub email_verified: bool,
    /// The person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What JWTs are checked with.
#[derive(Clone)]
pub struct JwtKeys {
    key: DecodingKey,
    validation: Validation,
}

impl JwtKeys {
    /// The key, issuer and audience of `[auth]`.
    pub fn new(auth: &Auth) -> Result<Self, ConfigError> {
        let (algorithm, key) = if auth.public_key_file.as_os_str().is_empty() {
            (Algorithm::HS256, DecodingKey::from_secret(auth.hs256_secret.expose_secret().as_bytes()))
        } else {
            public_key(&auth.public_key_file)?
        };
        // One algorithm, the key's own: a token cannot choose how it is checked.
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&auth.issuer]);
        validation.set_audience(&[&auth.audience]);
        validation.set_required_spec_claims(&["exp", "sub", "iss", "aud"]);
        // Times are compared with Roster's clock in `verify`.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Ok(Self { key, validation })
    }

    /// What a token says, if it is genuine and holds at `now`.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, AuthError> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.key, &self.validation)
            .map_err(|e| AuthError::Refused(reason(e.kind())))?
            .claims;
        if end(&claims) <= now {
            return Err(AuthError::Refused("The token has expired. Sign in again."));
        }
        if claims.nbf.is_some_and(|nbf| now.timestamp() < nbf.saturating_sub(LEEWAY.num_seconds())) {
            return Err(AuthError::Refused("The token is not valid yet. Check the clock of its issuer."));
        }
        Ok(claims)
    }
}

/// When a token ends, with the leeway; what is outside of the years that a clock can show, at their beginning or end.
pub(super) fn end(claims: &Claims) -> DateTime<Utc> {
    let seconds = claims.exp.saturating_add(LEEWAY.num_seconds());
    let limit = if seconds < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
    DateTime::from_timestamp(seconds, 0).unwrap_or(limit)
}

fn reason(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidIssuer => "The token is of another issuer than this service trusts.",
        ErrorKind::InvalidAudience => {
            "The token was issued for another service: its audience is not this one."
        }
        ErrorKind::MissingRequiredClaim(_) => "The token lacks a claim: it needs iss, aud, sub and exp.",
        ErrorKind::Json(_) => {
            "The token's claims cannot be read: iss, sub, email and name are texts, exp and nbf numbers, email_verified is true or false."
        }
        ErrorKind::InvalidAlgorithm => "The token is signed in another way than this service accepts.",
        ErrorKind::InvalidSignature => "The token's signature is not right.",
        _ => "This is not a valid token. Send `Authorization: Bearer` with a JWT or an API token.",
    }
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    // A float is cut to the range of an integer.
    Ok(f64::deserialize(deserializer)?.floor() as i64)
}

fn optional_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.map(|seconds| seconds.floor() as i64))
}

fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::Bool(flag) => flag,
        serde_json::Value::String(text) => text == "true",
        _ => false,
    })
}

/// A PEM public key, and the one algorithm that goes with it.
fn public_key(file: &Path) -> Result<(Algorithm, DecodingKey), ConfigError> {
    let named =
        |problem: String| ConfigError::one(format!("auth.public_key_file, {}: {problem}", file.display()));
    let pem = fs::read_to_string(file).map_err(|e| named(format!("cannot be read: {e}")))?;
    if pem.contains("PRIVATE KEY-----") {
        return Err(named("should be the public key; this is a private one.".to_owned()));
    }
    let pem = pem.as_bytes();
    DecodingKey::from_rsa_pem(pem)
        .map(|key| (Algorithm::RS256, key))
        .or_else(|_| DecodingKey::from_ec_pem(pem).and_then(on_p256).map(|key| (Algorithm::ES256, key)))
        .or_else(|_| DecodingKey::from_ed_pem(pem).map(|key| (Algorithm::EdDSA, key)))
        .map_err(|_| named("should be a PEM public key: RSA, EC (P-256) or Ed25519.".to_owned()))
}

/// Refuses a key on another curve than that of ES256, which would refuse every token: its point has another length.
fn on_p256(key: DecodingKey) -> Result<DecodingKey, jsonwebtoken::errors::Error> {
    match key.try_get_as_bytes()?.len() {
        65 => Ok(key),
        _ => Err(ErrorKind::InvalidEcdsaKey.into()),
    }
}

/// Mints an HS256 token for development: what an identity provider does in production.
pub fn mint(
    auth: &Auth,
    email: &EmailAddress,
    name: Option<&str>,
    now: DateTime<Utc>,
    lifetime: TimeDelta,
) -> Result<String, ConfigError> {
    let claims = Claims {
        iss: auth.issuer.clone(),
        aud: auth.audience.clone().into(),
        sub: email.normalized().as_str().to_owned(),
        exp: (now + lifetime).timestamp(),
        nbf: None,
        email: Some(email.as_str().to_owned()),
        email_verified: true,
        name: name.map(text::clean_name).filter(|name| !name.is_empty()),
    };
    sign(auth, &claims)
}

/// Signs claims with the secret of the settings.
pub fn sign(auth: &Auth, claims: &Claims) -> Result<String, ConfigError> {
    let secret = auth.hs256_secret.expose_secret();
    if secret.is_empty() {
        return Err(ConfigError::one(
            "auth.hs256_secret (ROSTER_AUTH__HS256_SECRET) is needed to mint a token. With auth.public_key_file, tokens come from your identity provider.",
        ));
    }
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(secret.as_bytes()))
        .map_err(|e| ConfigError::one(format!("auth.hs256_secret: cannot sign with it: {e}")))
}
