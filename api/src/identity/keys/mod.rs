//! What the signatures of tokens are checked with: a key of the settings, or those that an identity provider publishes.

pub(crate) mod address;
mod fetch;
mod jwks;
mod pem;
mod remote;

use jsonwebtoken::{Algorithm, DecodingKey};
use roster_entity::Clock;
use secrecy::ExposeSecret;

use self::{jwks::Key, remote::RemoteKeys};
use crate::config::{Auth, ConfigError, KeySource};

/// The keys of one provider.
#[derive(Clone)]
pub(super) enum Keys {
    /// One that stands in the settings.
    Fixed(Box<Key>),
    /// Those that the provider publishes.
    Remote(RemoteKeys),
}

/// Why there is no key for a token.
pub(super) enum KeyError {
    /// The provider does not publish it.
    Unknown,
    /// It is not for the token's algorithm.
    Unfit,
    /// The token may mean several.
    Ambiguous,
    /// The keys could not be fetched.
    Unavailable,
}

impl Keys {
    /// The keys of these settings, which stand in `section`. None is fetched yet.
    pub(super) fn new(section: &str, auth: &Auth, clock: Clock) -> Result<Self, ConfigError> {
        let key = match auth.key_source() {
            Some(KeySource::Secret) => {
                let key = DecodingKey::from_secret(auth.hs256_secret.expose_secret().as_bytes());
                Key { id: None, algorithms: vec![Algorithm::HS256], key }
            }
            Some(KeySource::PublicKeyFile) => pem::read(section, auth)?,
            None => {
                return Err(ConfigError::one(format!(
                    "{section}: only one of jwks_url, public_key_file and hs256_secret should be given."
                )));
            }
            Some(KeySource::Discovery | KeySource::JwksUrl) => {
                let remote = RemoteKeys::new(auth, clock)
                    .map_err(|problem| ConfigError::one(format!("{section}.issuer: {problem}")))?;
                return Ok(Self::Remote(remote));
            }
        };
        Ok(Self::Fixed(Box::new(key)))
    }

    /// The key for a token with this header.
    pub(super) async fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<DecodingKey, KeyError> {
        match self {
            // There is one only, whatever its issuer calls it.
            Self::Fixed(key) if key.algorithms.contains(&algorithm) => Ok(key.key.clone()),
            Self::Fixed(_) => Err(KeyError::Unfit),
            Self::Remote(keys) => keys.find(kid, algorithm).await,
        }
    }

    /// Whether it is a secret that is shared with the issuer.
    pub(super) fn is_secret(&self) -> bool {
        matches!(self, Self::Fixed(key) if key.algorithms == [Algorithm::HS256])
    }

    /// Begins to fetch what is to be fetched.
    pub(super) fn fetch(&self) {
        if let Self::Remote(keys) = self {
            keys.fetch_beside();
        }
    }
}
