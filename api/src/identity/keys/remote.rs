//! The keys of an identity provider, fetched from it and kept.
//!
//! They are fresh for a while; then they are fetched again beside the requests, and when they are stale before the next
//! request. A token that names another key has them fetched at once. There is one fetch at a time, and a pause between
//! two, whatever tokens come. While fetching fails, the last ones are used until the outage has lasted too long.

use std::sync::{
    Arc, RwLock,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey};
use roster_entity::Clock;
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    task::{JoinHandle, spawn_blocking},
};

use super::{
    KeyError,
    fetch::{Fetched, Fetcher},
    jwks::{Found, KeySet},
};
use crate::config::Auth;

/// How long keys are fresh, whatever the provider says: a day at most, as a key may have to be withdrawn; a minute at
/// least, as each fetch costs the provider something.
const FRESH: (TimeDelta, TimeDelta) = (TimeDelta::minutes(1), TimeDelta::days(1));

/// Keys that are fetched.
#[derive(Clone)]
pub(in crate::identity) struct RemoteKeys(Arc<Inner>);

struct Inner {
    issuer: String,
    fetcher: Fetcher,
    clock: Clock,
    fresh_for: TimeDelta,
    pause: TimeDelta,
    outage: TimeDelta,
    kept: RwLock<Option<Kept>>,
    /// When the last fetch began. Whoever fetches holds it.
    turn: Arc<Mutex<Option<DateTime<Utc>>>>,
    /// Whether the last fetch failed.
    failing: AtomicBool,
}

/// What the last good fetch brought.
#[derive(Clone)]
struct Kept {
    keys: Arc<KeySet>,
    fetched_at: DateTime<Utc>,
    fresh_for: TimeDelta,
}

impl RemoteKeys {
    /// Fetches nothing yet.
    pub(super) fn new(auth: &Auth, clock: Clock) -> Result<Self, String> {
        let seconds = |seconds: u32| TimeDelta::seconds(seconds.into());
        Ok(Self(Arc::new(Inner {
            issuer: auth.issuer.clone(),
            fetcher: Fetcher::new(auth)?,
            clock,
            fresh_for: seconds(auth.fetch.fresh_seconds),
            pause: seconds(auth.fetch.pause_seconds),
            outage: seconds(auth.fetch.outage_seconds),
            kept: RwLock::default(),
            turn: Arc::default(),
            failing: AtomicBool::new(false),
        })))
    }

    /// The key that a token names.
    pub(super) async fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<DecodingKey, KeyError> {
        let mut keys = self.current().await?;
        if matches!(keys.find(kid, algorithm), Found::Unknown) {
            self.fetch().await;
            keys = self.usable().ok_or(KeyError::Unavailable)?.keys;
        }
        match keys.find(kid, algorithm) {
            Found::Key(key) => Ok(key.clone()),
            // It may be a new one.
            Found::Unknown if self.0.failing.load(Relaxed) => Err(KeyError::Unavailable),
            Found::Unknown => Err(KeyError::Unknown),
            Found::Unfit => Err(KeyError::Unfit),
            Found::Ambiguous => Err(KeyError::Ambiguous),
        }
    }

    /// Begins to fetch the keys, so that the first request need not wait.
    pub(super) fn fetch_beside(&self) {
        if let Ok(turn) = self.0.turn.clone().try_lock_owned() {
            self.begin(turn);
        }
    }

    async fn current(&self) -> Result<Arc<KeySet>, KeyError> {
        match self.usable() {
            Some(kept) => {
                let age = self.0.clock.now() - kept.fetched_at;
                // Nobody waits for a provider that does not answer.
                if age >= kept.fresh_for * 2 && !self.0.failing.load(Relaxed) {
                    self.fetch().await;
                } else if age >= kept.fresh_for {
                    self.fetch_beside();
                }
            }
            None => self.fetch().await,
        }
        Ok(self.usable().ok_or(KeyError::Unavailable)?.keys)
    }

    /// What is kept, if it is not too old.
    fn usable(&self) -> Option<Kept> {
        let kept = self.0.kept.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()?;
        (self.0.clock.now() - kept.fetched_at < self.0.outage).then_some(kept)
    }

    /// Fetches the keys, or waits for who does, if the pause is over.
    async fn fetch(&self) {
        let turn = self.0.turn.clone().lock_owned().await;
        if let Some(fetch) = self.begin(turn)
            && let Err(error) = fetch.await
        {
            tracing::error!(%error, "a fetch of keys has ended before it was done");
        }
    }

    /// In a task of its own: a request that is given up does not end what others wait for.
    fn begin(&self, mut turn: OwnedMutexGuard<Option<DateTime<Utc>>>) -> Option<JoinHandle<()>> {
        let now = self.0.clock.now();
        // A clock that was set back must not make the pause longer.
        let in_pause = |last| (TimeDelta::zero()..self.0.pause).contains(&(now - last));
        if turn.is_some_and(in_pause) {
            return None;
        }
        *turn = Some(now);
        let keys = self.clone();
        Some(tokio::spawn(async move {
            let fetcher = keys.0.fetcher.clone();
            let fetched = spawn_blocking(move || fetcher.fetch()).await;
            keys.keep(now, fetched.unwrap_or_else(|error| Err(error.to_string())));
            drop(turn);
        }))
    }

    fn keep(&self, now: DateTime<Utc>, fetched: Result<Fetched, String>) {
        let issuer = &self.0.issuer;
        match fetched {
            Ok(Fetched { keys, fresh_for }) => {
                let count = keys.len();
                let fresh_for = fresh_for.unwrap_or(self.0.fresh_for).clamp(FRESH.0, FRESH.1);
                let kept = Kept { keys: Arc::new(keys), fetched_at: now, fresh_for };
                *self.0.kept.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(kept);
                if self.0.failing.swap(false, Relaxed) {
                    tracing::info!(issuer, count, "the keys of an identity provider are fetched again");
                } else {
                    tracing::debug!(issuer, count, "the keys of an identity provider are fetched");
                }
            }
            Err(problem) if self.0.failing.swap(true, Relaxed) => {
                tracing::debug!(issuer, problem, "the keys of an identity provider still cannot be fetched");
            }
            Err(problem) => tracing::warn!(
                issuer,
                problem,
                "the keys of an identity provider cannot be fetched: tokens are checked with those of before, if there are any"
            ),
        }
    }
}
