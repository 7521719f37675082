//! Identity providers: which of them a token is of, and whether it is genuine and holds.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, dangerous, errors::ErrorKind};
use roster_entity::Clock;
use serde::Deserialize;
use serde_json::Value;

use super::{
    AuthError, Claims,
    claims::{self, LACKS, UNREADABLE},
    genuine::{Genuine, Seal},
    keys::{KeyError, Keys},
};
use crate::config::{Auth, ClaimSettings, ConfigError};

/// The longest token, in bytes. Those of providers that put a person's groups into them have a few thousand.
const MAX_TOKEN: usize = 16 * 1024;

/// What the `typ` header of tokens for APIs says (RFC 7519, RFC 9068), beside nothing. Other kinds of JWT that a
/// provider signs, as for signing out, are none.
const TYPES: [&str; 2] = ["jwt", "at+jwt"];

/// The identity providers of the settings.
#[derive(Clone)]
pub struct Providers(Arc<HashMap<String, Provider>>);

struct Provider {
    keys: Keys,
    algorithms: Vec<Algorithm>,
    audience: String,
    leeway: TimeDelta,
    claims: ClaimSettings,
    genuine: Genuine,
}

/// A token that is genuine and holds.
pub(super) struct Verified {
    pub(super) claims: Arc<Claims>,
    /// Until when it will be taken.
    pub(super) expires_at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Issuer {
    iss: Option<Value>,
}

impl Providers {
    /// Those of `[auth]`. None of them need be reachable.
    pub fn new(auth: &Auth, clock: &Clock) -> Result<Self, ConfigError> {
        let provider = |(section, auth): (String, &Auth)| {
            Ok((auth.issuer.clone(), Provider::new(&section, auth, clock.clone())?))
        };
        Ok(Self(Arc::new(auth.providers().map(provider).collect::<Result<_, ConfigError>>()?)))
    }

    /// Begins to fetch the keys that are to be fetched, so that the first requests need not wait for them.
    pub fn fetch_keys(&self) {
        for provider in self.0.values() {
            provider.keys.fetch();
        }
    }

    /// What a token says, if it is genuine and holds at `now`.
    pub(super) async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Verified, AuthError> {
        if token.len() > MAX_TOKEN {
            return Err(AuthError::Refused("The token is too long: more than 16 kB."));
        }
        let header = jsonwebtoken::decode_header(token).map_err(|error| {
            AuthError::Refused(match error.kind() {
                // Also `none`.
                ErrorKind::Json(_) => {
                    "The token's header cannot be read, or names no algorithm that is known."
                }
                other => reason(other),
            })
        })?;
        check_header(&header)?;
        // Not verified yet: it says only with whose keys to go on, and whose claims it must have.
        let claims: Issuer = dangerous::insecure_decode_claims(token).map_err(refusal)?;
        let iss = claims::text(claims.iss.as_ref())?.ok_or(AuthError::Refused(LACKS))?;
        let provider = self.0.get(&iss).ok_or(AuthError::Refused(reason(&ErrorKind::InvalidIssuer)))?;
        provider.verify(token, &header, &iss, now).await
    }
}

impl Provider {
    fn new(section: &str, auth: &Auth, clock: Clock) -> Result<Self, ConfigError> {
        let keys = Keys::new(section, auth, clock)?;
        // With a secret there is nothing to choose.
        let algorithms = match keys.is_secret() {
            true => vec![Algorithm::HS256],
            false => auth.algorithms.clone(),
        };
        Ok(Self {
            keys,
            algorithms,
            audience: auth.audience.clone(),
            leeway: auth.leeway(),
            claims: auth.claims.clone(),
            genuine: Genuine::default(),
        })
    }

    async fn verify(
        &self,
        token: &str,
        header: &Header,
        issuer: &str,
        now: DateTime<Utc>,
    ) -> Result<Verified, AuthError> {
        // First of all, so that nothing is fetched for such a token.
        if !self.algorithms.contains(&header.alg) {
            return Err(AuthError::Refused(reason(&ErrorKind::InvalidAlgorithm)));
        }
        let key = self.keys.find(header.kid.as_deref(), header.alg).await.map_err(|error| match error {
            KeyError::Unknown => AuthError::Refused(
                "The token is signed with a key that its issuer does not publish. Sign in again.",
            ),
            KeyError::Unfit => AuthError::Refused(reason(&ErrorKind::InvalidAlgorithm)),
            KeyError::Ambiguous => AuthError::Refused(
                "The token does not say which of its issuer's keys it is signed with: its header needs a kid that one key has.",
            ),
            KeyError::Unavailable => AuthError::Unavailable,
        })?;
        let seal = Seal::of(token, &key);
        if let Some(claims) = self.genuine.get(&seal) {
            return self.check_times(claims, now);
        }
        let claims = Arc::new(self.check(token, header.alg, &key, issuer)?);
        let verified = self.check_times(claims, now)?;
        self.genuine.put(seal, token, Arc::clone(&verified.claims));
        Ok(verified)
    }

    /// Checks all that stays as it is.
    fn check(
        &self,
        token: &str,
        algorithm: Algorithm,
        key: &DecodingKey,
        issuer: &str,
    ) -> Result<Claims, AuthError> {
        // The key is for this algorithm: a token cannot choose how it is checked.
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        // Times are compared with Roster's clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let token = jsonwebtoken::decode::<Value>(token, key, &validation).map_err(refusal)?;
        Claims::read(&token.claims, &self.claims)
    }

    fn check_times(&self, claims: Arc<Claims>, now: DateTime<Utc>) -> Result<Verified, AuthError> {
        let leeway = self.leeway.num_seconds();
        let expires_at = at(claims.exp.saturating_add(leeway));
        if expires_at <= now {
            return Err(AuthError::Refused("The token has expired. Sign in again."));
        }
        // One that was issued in the future is a sign of a clock that is wrong, or of a forgery.
        let begins = claims.nbf.into_iter().chain(claims.iat).max();
        if begins.is_some_and(|begins| now < at(begins.saturating_sub(leeway))) {
            return Err(AuthError::Refused("The token is not valid yet. Check the clock of its issuer."));
        }
        Ok(Verified { claims, expires_at })
    }
}

/// RFC 7515, section 4.1. Where a token says that its key is (`jku`, `jwk`, `x5u`, `x5c`) is not looked at: whoever has
/// made the token has written it.
fn check_header(header: &Header) -> Result<(), AuthError> {
    if header.crit.is_some() {
        return Err(AuthError::Refused(
            "The token's header has a crit: it asks for extensions that this service does not have.",
        ));
    }
    let typ = header.typ.as_deref().map(str::to_ascii_lowercase);
    let typ = typ.as_deref().map(|typ| typ.strip_prefix("application/").unwrap_or(typ));
    if typ.is_some_and(|typ| !TYPES.contains(&typ)) {
        return Err(AuthError::Refused(
            "The token's header says that it is of another kind (typ): JWT or at+jwt is for APIs.",
        ));
    }
    Ok(())
}

/// A moment; what is outside of the years that a clock can show, at their beginning or end.
fn at(seconds: i64) -> DateTime<Utc> {
    let limit = if seconds < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
    DateTime::from_timestamp(seconds, 0).unwrap_or(limit)
}

fn refusal(error: jsonwebtoken::errors::Error) -> AuthError {
    AuthError::Refused(reason(error.kind()))
}

fn reason(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidIssuer => "The token is of another issuer than this service trusts.",
        ErrorKind::InvalidAudience => {
            "The token was issued for another service: its audience is not this one."
        }
        ErrorKind::MissingRequiredClaim(_) => LACKS,
        ErrorKind::Json(_) => UNREADABLE,
        ErrorKind::InvalidAlgorithm => "The token is signed in another way than this service accepts.",
        ErrorKind::InvalidSignature => "The token's signature is not right.",
        _ => "This is not a valid token. Send `Authorization: Bearer` with a JWT or an API token.",
    }
}
