//! Identity providers that publish their keys: real ones, changing ones, broken ones, and tokens of people who mean harm.

mod again;
mod caching;
mod documents;
mod hostile_tokens;
mod outages;
mod real;
mod settings;
mod several;

use jsonwebtoken::Algorithm;
use roster_api::config::Auth;
use roster_tests::{IdentityProvider, On, Roster, SigningKey};
use serde_json::Value;

use super::{counts, name_by, refused, who_is};

/// A provider with one published key, and a Roster that trusts it.
struct Trusted {
    provider: IdentityProvider,
    key: SigningKey,
    roster: Roster,
}

impl Trusted {
    async fn start() -> Self {
        Self::on(On::Sqlite).await
    }

    async fn on(on: On) -> Self {
        Self::with(on, Algorithm::ES256, |_, _| {}).await
    }

    /// Whose key signs by this algorithm, and what is prepared before Roster starts.
    async fn with(on: On, algorithm: Algorithm, prepare: impl FnOnce(&IdentityProvider, &mut Auth)) -> Self {
        let (provider, key) = (IdentityProvider::start().await, SigningKey::generate(algorithm, "first"));
        provider.publish(&[&key]);
        let mut auth = provider.settings();
        prepare(&provider, &mut auth);
        let roster = Roster::start_with(on, |config| config.auth = auth).await;
        Self { provider, key, roster }
    }

    fn claims(&self) -> Value {
        self.provider.claims(&self.roster, "Bob")
    }

    /// A good token, if this key is a good one.
    fn token(&self, key: &SigningKey) -> String {
        key.sign(&self.claims())
    }

    /// Whether a token by this key is taken.
    async fn takes(&self, key: &SigningKey) -> bool {
        let reply = who_is(&self.roster, &format!("Bearer {}", self.token(key))).await;
        match reply.status {
            200 => reply.answer().at("/viewer/user/name") == "Bob",
            401 => false,
            _ => panic!("{reply:?}"),
        }
    }

    /// A token by this key must be answered with: try again.
    async fn cannot_say(&self, key: &SigningKey) {
        let reply = who_is(&self.roster, &format!("Bearer {}", self.token(key))).await;
        let sentence = reply.is_refused_with(503, "IDENTITY_PROVIDER_UNAVAILABLE");
        assert!(sentence.contains("Try again"), "{sentence}");
        assert_eq!(reply.header("retry-after"), "10");
        assert_eq!(reply.header("www-authenticate"), "", "nothing is wrong with the token");
    }

    /// Somebody else's key with the same name and way to sign.
    fn forged(&self) -> SigningKey {
        let mut key = SigningKey::generate(self.key.algorithm, "forged");
        key.id.clone_from(&self.key.id);
        key
    }
}

/// A new key with this name.
fn new_key(id: &str) -> SigningKey {
    SigningKey::generate(Algorithm::ES256, id)
}
