//! Mints JSON Web Tokens, for development: what an identity provider does in production.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use roster_entity::{EmailAddress, text};
use secrecy::ExposeSecret;

use super::Claims;
use crate::config::{Auth, ConfigError};

/// Mints an HS256 token for development.
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
        iat: None,
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
            "auth.hs256_secret (ROSTER_AUTH__HS256_SECRET) is needed to mint a token. Otherwise tokens come from your identity provider.",
        ));
    }
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(secret.as_bytes()))
        .map_err(|e| ConfigError::one(format!("auth.hs256_secret: cannot sign with it: {e}")))
}
