//! API tokens: `roster_` and 256 random bits. Only their SHA-256 is kept.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use roster_entity::api_token;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::{AuthError, Caller, TokenScope};
use crate::database::Database;

/// Lets people and secret scanners recognize a token.
const PREFIX: &str = "roster_";

/// How exactly `last_used_at` is kept: a busy script should not write a row at each call.
const LAST_USED_GRAIN: TimeDelta = TimeDelta::minutes(1);

/// Whether a bearer token is meant to be an API token.
pub fn looks_like(bearer: &str) -> bool {
    bearer.starts_with(PREFIX)
}

/// A new secret.
pub fn generate() -> Result<SecretString, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)).into())
}

/// What is kept of a secret.
pub fn hash(secret: &SecretString) -> Vec<u8> {
    Sha256::digest(secret.expose_secret().as_bytes()).to_vec()
}

/// The member as whom a token acts, and what it confines them to.
pub(super) async fn authenticate(
    database: &Database,
    bearer: &str,
    now: DateTime<Utc>,
) -> Result<Caller, AuthError> {
    let (token, user) = api_token::by_hash(database.read(), &hash(&bearer.into()))
        .await?
        .ok_or(AuthError::Refused("There is no such API token."))?;
    if token.revoked_at.is_some() {
        return Err(AuthError::Refused("This API token was revoked."));
    }
    if token.expires_at.is_some_and(|at| at <= now) {
        return Err(AuthError::Refused("This API token has expired. Create another one."));
    }
    if token.last_used_at.is_none_or(|at| now - at >= LAST_USED_GRAIN) {
        let mut used = token.clone().into_active_model();
        used.last_used_at = Set(Some(now));
        used.update(database.write()).await?;
    }
    let scope =
        TokenScope { id: token.id, organization: token.organization_id, permissions: token.permissions };
    Ok(Caller { user, api_token: Some(scope), standings: None, expires_at: token.expires_at })
}
