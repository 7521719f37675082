//! A small identity provider inside the test process: discovery and keys on a port of its own. It answers what it is told
//! to, and counts how often it is asked.
//!
//! ```no_run
//! # use jsonwebtoken::Algorithm;
//! # use roster_tests::{IdentityProvider, On, Roster, SigningKey};
//! # async fn test() {
//! let key = SigningKey::generate(Algorithm::ES256, "first");
//! let provider = IdentityProvider::start().await;
//! provider.publish(&[&key]);
//! let roster = Roster::start_with(On::Sqlite, |config| config.auth = provider.settings()).await;
//! let token = key.sign(&provider.claims(&roster, "bob"));
//! # }
//! ```

mod keys;

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Utc};
use roster_api::config::Auth;
use serde_json::{Value, json};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::timeout,
};

pub use self::keys::{SigningKey, unsigned};
use crate::{Roster, smtp_server::certified, test_config};

/// Longer than anything takes here, so that what does not happen fails its test instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running identity provider. It ends when it is dropped.
pub struct IdentityProvider {
    issuer: String,
    shared: Arc<Shared>,
    servers: Vec<JoinHandle<()>>,
}

/// How it answers, everywhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Answers {
    /// As it should.
    #[default]
    Well,
    /// With this status.
    Status(u16),
    /// With a way to another address.
    Redirect(String),
    /// Never.
    Never,
}

struct Shared {
    answers: watch::Sender<Answers>,
    discovery: Mutex<String>,
    jwks: Mutex<String>,
    cache_control: Mutex<Option<String>>,
    /// How often the keys were asked for, and where they are.
    fetches: watch::Sender<usize>,
    discoveries: watch::Sender<usize>,
}

impl IdentityProvider {
    /// A new one, without a key.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("a bound port"));
        let discovery = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/jwks") });
        let shared = Arc::new(Shared {
            answers: watch::Sender::default(),
            discovery: Mutex::new(discovery.to_string()),
            jwks: Mutex::new(json!({ "keys": [] }).to_string()),
            cache_control: Mutex::default(),
            fetches: watch::Sender::default(),
            discoveries: watch::Sender::default(),
        });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discover))
            .route("/jwks", get(jwks))
            .with_state(shared.clone());
        let server = tokio::spawn(async { axum::serve(listener, routes).await.expect("the server runs") });
        Self { issuer, shared, servers: vec![server] }
    }

    /// The same behind TLS, with an address of https; and the authority that it is to be trusted by, as PEM.
    pub async fn start_with_tls() -> (Self, String) {
        let mut provider = Self::start().await;
        let (acceptor, ca_pem) = certified();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let behind = provider.issuer.trim_start_matches("http://").to_owned();
        provider.issuer = format!("https://{}", listener.local_addr().expect("a bound port"));
        let discovery = json!({ "issuer": provider.issuer, "jwks_uri": provider.jwks_url() });
        provider.discover_as(discovery.to_string());
        provider.servers.push(tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                // Who does not trust the certificate hangs up.
                if let Ok(mut encrypted) = acceptor.accept(tcp).await {
                    let mut plain = TcpStream::connect(&behind).await.expect("it runs");
                    tokio::spawn(async move { copy_bidirectional(&mut encrypted, &mut plain).await.ok() });
                }
            }
        }));
        (provider, ca_pem)
    }

    /// What its tokens have as `iss`, and where it is.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where its keys are.
    pub fn jwks_url(&self) -> String {
        format!("{}/jwks", self.issuer)
    }

    /// The `[auth]` of a Roster that trusts it alone, and finds its keys by discovery.
    pub fn settings(&self) -> Auth {
        let mut auth = test_config().auth;
        auth.issuer = self.issuer.clone();
        auth.hs256_secret = "".into();
        auth
    }

    /// The claims of a good token of this person.
    pub fn claims(&self, roster: &Roster, person: &str) -> Value {
        self.claims_at(roster.now(), person)
    }

    /// The same of a token that is issued at this time.
    pub fn claims_at(&self, now: DateTime<Utc>, person: &str) -> Value {
        let now = now.timestamp();
        json!({
            "iss": self.issuer, "aud": "roster", "sub": person, "iat": now, "exp": now + 3_600,
            "email": format!("{person}@example.com"), "email_verified": true, "name": person,
        })
    }

    /// Publishes these keys in the place of those before.
    pub fn publish(&self, keys: &[&SigningKey]) {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        self.publish_document(json!({ "keys": keys }).to_string());
    }

    /// Publishes anything in the place of the keys.
    pub fn publish_document(&self, document: impl Into<String>) {
        *set(&self.shared.jwks) = document.into();
    }

    /// Says this about itself.
    pub fn discover_as(&self, document: impl Into<String>) {
        *set(&self.shared.discovery) = document.into();
    }

    /// Sends this with the keys.
    pub fn cache_control(&self, value: &str) {
        *set(&self.shared.cache_control) = Some(value.to_owned());
    }

    /// From now on it answers like this, also those who wait for an answer.
    pub fn answer(&self, how: Answers) {
        self.shared.answers.send_replace(how);
    }

    /// How often the keys were asked for.
    pub fn fetches(&self) -> usize {
        *self.shared.fetches.borrow()
    }

    /// How often it was asked where the keys are.
    pub fn discoveries(&self) -> usize {
        *self.shared.discoveries.borrow()
    }

    /// Waits until the keys have been asked for so often. It may not have answered yet.
    pub async fn fetched(&self, times: usize) {
        reached(&self.shared.fetches, times).await;
    }

    /// Waits until it has been asked so often where the keys are.
    pub async fn discovered(&self, times: usize) {
        reached(&self.shared.discoveries, times).await;
    }
}

async fn reached(count: &watch::Sender<usize>, times: usize) {
    let mut count = count.subscribe();
    let reached = timeout(PATIENCE, count.wait_for(|count| *count >= times)).await;
    reached.unwrap_or_else(|_| panic!("it is not asked {times} times")).expect("the provider is here");
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

fn set<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(|broken| broken.into_inner())
}

async fn discover(State(shared): State<Arc<Shared>>) -> Response {
    shared.discoveries.send_modify(|discoveries| *discoveries += 1);
    let document = set(&shared.discovery).clone();
    shared.answer(document).await
}

async fn jwks(State(shared): State<Arc<Shared>>) -> Response {
    shared.fetches.send_modify(|fetches| *fetches += 1);
    let document = set(&shared.jwks).clone();
    let mut response = shared.answer(document).await;
    if let Some(value) = &*set(&shared.cache_control) {
        response.headers_mut().insert(header::CACHE_CONTROL, value.parse().expect("a header"));
    }
    response
}

impl Shared {
    async fn answer(&self, document: String) -> Response {
        let mut answers = self.answers.subscribe();
        let how = answers.wait_for(|how| *how != Answers::Never).await.expect("the provider is here").clone();
        match how {
            Answers::Status(status) => StatusCode::from_u16(status).expect("a status").into_response(),
            Answers::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
            _ => ([(header::CONTENT_TYPE, "application/json")], document).into_response(),
        }
    }
}
