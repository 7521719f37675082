//! Who calls: from the bearer token of a request to a person.
//!
//! `Authorization: Bearer` carries either a JWT of one of the product's identity providers ([`provider`]), whose subject
//! becomes a person on first sight ([`sign_in`]), or an API token ([`api_token`]), which acts as a member of one
//! organization.

pub mod api_token;
mod claims;
mod genuine;
pub mod jwt;
pub(crate) mod keys;
mod provider;
mod sign_in;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use roster_entity::{ApiTokenId, Clock, OrganizationId, Permissions, standing::Standings, user};
use sea_orm::DbErr;

use crate::database::{Database, disconnected};

pub use claims::Claims;
pub use provider::Providers;

/// How often a caller is looked for again over another connection.
const ATTEMPTS: usize = 4;

/// Somebody who has shown who they are.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person.
    pub user: user::Model,
    /// The API token through which the person acts, if it is one.
    pub api_token: Option<TokenScope>,
    /// Where the person stands in all of their organizations, if that was read with them: as it was when the request came, so
    /// for the queries of this request only.
    pub standings: Option<Arc<Standings>>,
    /// Until when the token holds, to the moment at which another request with it would be refused. `None`: no end.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Caller {
    /// Whether the token that was shown says nothing against an organization.
    pub fn may_reach(&self, organization: OrganizationId) -> bool {
        self.api_token.as_ref().is_none_or(|scope| scope.organization == organization)
    }
}

/// What an API token confines its owner to.
#[derive(Clone, Debug)]
pub struct TokenScope {
    /// The token.
    pub id: ApiTokenId,
    /// The only organization that it reaches.
    pub organization: OrganizationId,
    /// All that it may do, as far as its owner may.
    pub permissions: Permissions,
}

/// Why a bearer token was refused. Its `Display` is a sentence for the caller.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The token is not good; the sentence says why and what to do.
    #[error("{0}")]
    Refused(&'static str),
    /// The token cannot be checked now; it may be good.
    #[error(
        "The token cannot be checked at the moment: the keys of its issuer cannot be fetched. Try again in a moment."
    )]
    Unavailable,
    /// The database failed.
    #[error("internal error")]
    Database(#[from] DbErr),
}

/// Checks bearer tokens.
#[derive(Clone)]
pub struct Authenticator {
    providers: Providers,
    database: Database,
    clock: Clock,
}

impl Authenticator {
    /// Takes JWTs of `providers`, and API tokens of the database.
    pub fn new(providers: Providers, database: Database, clock: Clock) -> Self {
        Self { providers, database, clock }
    }

    /// The person whom a bearer token stands for.
    pub async fn authenticate(&self, bearer: &str) -> Result<Caller, AuthError> {
        let mut lost = 0;
        loop {
            match self.try_authenticate(bearer).await {
                // Who asks again is told the same, and the next connection is another one.
                Err(AuthError::Database(error)) if disconnected(&error) && lost < ATTEMPTS => lost += 1,
                result => return result,
            }
        }
    }

    async fn try_authenticate(&self, bearer: &str) -> Result<Caller, AuthError> {
        let now = self.clock.now();
        if api_token::looks_like(bearer) {
            return api_token::authenticate(&self.database, bearer, now).await;
        }
        let token = self.providers.verify(bearer, now).await?;
        let (user, standings) = sign_in::user_of(&self.database, &token.claims, now).await?;
        let standings = standings.map(Arc::new);
        Ok(Caller { user, api_token: None, standings, expires_at: Some(token.expires_at) })
    }
}
