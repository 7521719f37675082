//! Rate limits: how often somebody may call, guess tokens, and have emails sent.
//!
//! Redis never sees whom a limit is about: the names of the buckets are HMACs of ids and addresses.

mod allowance;
mod bucket;
mod store;

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use roster_entity::{Clock, NormalizedEmail, OrganizationId};
use roster_worker::redis::Redis;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use self::{
    allowance::Allowances,
    bucket::{Limit, Micros},
    store::Store,
};
use crate::{config, identity::Caller};

pub use self::bucket::{Exceeded, Standing};

/// Somebody who is counted.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// A person, or a script of theirs.
    Caller(&'a Caller),
    /// Nobody who is known; what counts is where the request comes from.
    Address(IpAddr),
}

/// Guesses of tokens and links by one client.
#[derive(Clone)]
pub struct Guesses {
    limits: RateLimits,
    address: IpAddr,
}

impl Guesses {
    /// Those of the client with this address.
    pub fn new(limits: RateLimits, address: IpAddr) -> Self {
        Self { limits, address }
    }

    /// Whether the client may show another one.
    pub fn may_try(&self) -> Result<(), Exceeded> {
        self.limits.may_try(self.address)
    }

    /// Counts one that was not good.
    pub async fn failed(&self) {
        self.limits.failed(self.address).await;
    }
}

/// The limits of the settings, and what was done. Clones count together.
#[derive(Clone)]
pub struct RateLimits(Arc<Inner>);

struct Inner {
    requests: Option<Limit>,
    failures: Option<Limit>,
    organization: Option<Limit>,
    recipient: Option<Limit>,
    prefix: String,
    /// Of the names of the buckets.
    key: SecretString,
    store: Store,
    allowances: Allowances,
    /// Addresses that have guessed too often, and until when they are not listened to.
    blocked: Mutex<HashMap<IpAddr, Micros>>,
    clock: Clock,
}

impl RateLimits {
    /// Counts in Redis, or without one in the process. `key` is a secret; all processes need the same.
    pub fn new(config: &config::RateLimits, redis: Option<Redis>, key: SecretString, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            requests: Limit::new(config.requests_per_minute, TimeDelta::minutes(1)),
            failures: Limit::new(config.failures_per_minute, TimeDelta::minutes(1)),
            organization: Limit::new(config.organization_invitations_per_hour, TimeDelta::hours(1)),
            recipient: Limit::new(config.recipient_invitations_per_day, TimeDelta::days(1)),
            prefix: config.key.clone(),
            key,
            store: Store::new(redis),
            allowances: Allowances::default(),
            blocked: Mutex::default(),
            clock,
        }))
    }

    /// Counts so many requests. `None` if there is no limit.
    pub async fn requests(&self, who: Who<'_>, count: u32) -> Result<Option<Standing>, Exceeded> {
        let Some(limit) = &self.0.requests else { return Ok(None) };
        let bucket = match who {
            Who::Caller(Caller { api_token: Some(scope), .. }) => {
                self.bucket("requests", &scope.id.to_string())
            }
            Who::Caller(caller) => self.bucket("requests", &caller.user.id.to_string()),
            Who::Address(address) => self.bucket("requests", &address.to_string()),
        };
        self.0.allowances.take(&self.0.store, limit, bucket, count, self.now()).await.map(Some)
    }

    /// Whether a client may show another token: not while it has guessed too often.
    pub fn may_try(&self, address: IpAddr) -> Result<(), Exceeded> {
        let (now, blocked) = (self.now(), self.blocked());
        match (blocked.get(&address), &self.0.failures) {
            (Some(until), Some(limit)) if (1..=limit.period()).contains(&(until - now)) => {
                limit.answer(Err(until + limit.period() - limit.time_for(1)), 1, now).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Counts a token that was not good.
    pub async fn failed(&self, address: IpAddr) {
        let Some(limit) = &self.0.failures else { return };
        let (bucket, now) = ([self.bucket("failures", &address.to_string())], self.now());
        let answers = self.0.store.take(limit, &bucket, 1, now).await;
        let may_fail_again = answers.iter().flatten().any(|standing| standing.remaining > 0);
        if !may_fail_again {
            let mut blocked = self.blocked();
            blocked.retain(|_, until| *until > now);
            blocked.insert(address, now + limit.time_for(1));
        }
    }

    /// Counts emails that an organization has sent by inviting people, and inviting them again.
    pub async fn invitations(&self, organization: OrganizationId, count: usize) -> Result<(), Exceeded> {
        let Some(limit) = &self.0.organization else { return Ok(()) };
        let bucket = [self.bucket("organization", &organization.to_string())];
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let answers = self.0.store.take(limit, &bucket, count, self.now()).await;
        answers.into_iter().next().map_or(Ok(()), |answer| answer.map(drop))
    }

    /// Counts such an email for each of these addresses, whoever sends it.
    pub async fn recipients(&self, addresses: &[NormalizedEmail]) -> Vec<Result<(), Exceeded>> {
        let Some(limit) = &self.0.recipient else { return vec![Ok(()); addresses.len()] };
        if addresses.is_empty() {
            return Vec::new();
        }
        let buckets: Vec<_> =
            addresses.iter().map(|address| self.bucket("recipient", address.as_str())).collect();
        let answers = self.0.store.take(limit, &buckets, 1, self.now()).await;
        answers.into_iter().map(|answer| answer.map(drop)).collect()
    }

    fn bucket(&self, kind: &str, subject: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.key.expose_secret().as_bytes())
            .expect("HMAC takes a key of any length");
        for part in ["roster rate limit", kind, subject] {
            mac.update(part.as_bytes());
            mac.update(b"\0");
        }
        let name = BASE64_URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..16]);
        format!("{}:{kind}:{name}", self.0.prefix)
    }

    fn now(&self) -> Micros {
        self.0.clock.now().timestamp_micros()
    }

    fn blocked(&self) -> std::sync::MutexGuard<'_, HashMap<IpAddr, Micros>> {
        self.0.blocked.lock().expect("nothing panics while it holds the addresses")
    }
}
