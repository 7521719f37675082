//! The queue: the ids of notifications that wait for a worker. It may lose or repeat them, because the rows in the
//! database are the truth: the sweep finds what the queue has lost, and a claim lets a repeated id come to nothing.

mod backend;
mod in_process;
mod redis_list;

use std::time::Duration;

use roster_entity::NotificationId;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub(crate) use self::backend::QueueBackend;
use self::{in_process::InProcess, redis_list::RedisList};
use crate::{
    config::{ConfigError, at_least_one},
    redis::Redis,
};

const IN_PROCESS: &str = "in-process";
/// How long giving back may take: what the queue does not take back, the sweep finds.
const GIVE_BACK: Duration = Duration::from_secs(2);

/// The section `[queue]` of the settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `in-process`, or the address of a Redis: `redis://host:6379`, or `rediss://host:6379` with TLS.
    pub url: SecretString,
    /// The name of the list in Redis.
    pub key: String,
    /// The most ids in the queue.
    pub capacity: usize,
}

impl Config {
    /// Whether the queue reaches only as far as this process.
    pub fn is_in_process(&self) -> bool {
        self.url.expose_secret() == IN_PROCESS
    }
}

/// Why the queue did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("the queue: {0}")]
pub struct Error(#[from] redis::RedisError);

/// The queue. Clones are the same queue.
#[derive(Clone)]
pub struct Queue {
    source: Source,
    capacity: usize,
}

#[derive(Clone)]
enum Source {
    InProcess(InProcess),
    Redis(RedisList),
}

impl Queue {
    /// The queue that the settings ask for. Redis is connected to when it is first needed, and again whenever that
    /// is necessary, so that neither the API nor the worker needs a reachable Redis to start.
    pub fn connect(config: &Config) -> Result<Self, ConfigError> {
        at_least_one("queue.capacity", config.capacity)?;
        let source = if config.is_in_process() {
            Source::InProcess(InProcess::default())
        } else {
            Source::Redis(RedisList::new(config)?)
        };
        Ok(Self { source, capacity: config.capacity })
    }

    /// The Redis that it is in, for whatever else reaches as far; none if it reaches only as far as this process.
    pub fn redis(&self) -> Option<Redis> {
        match &self.source {
            Source::InProcess(_) => None,
            Source::Redis(list) => Some(list.redis()),
        }
    }

    /// Puts ids at the end, and returns how many there was room for. The others wait in the database for the sweep.
    pub async fn push(&self, ids: &[NotificationId]) -> Result<usize, Error> {
        match &self.source {
            Source::InProcess(list) => Ok(list.push(ids, self.capacity)),
            Source::Redis(list) => list.push(ids, self.capacity).await,
        }
    }

    /// Takes up to `max` ids from the front, without waiting.
    pub async fn pop(&self, max: usize) -> Result<Vec<NotificationId>, Error> {
        match &self.source {
            Source::InProcess(list) => Ok(list.pop(max)),
            Source::Redis(list) => list.pop(max).await,
        }
    }

    /// How many ids are in the queue.
    pub async fn len(&self) -> Result<usize, Error> {
        match &self.source {
            Source::InProcess(list) => Ok(list.len()),
            Source::Redis(list) => list.len().await,
        }
    }

    /// Whether the queue is empty.
    pub async fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.len().await? == 0)
    }

    /// How many more ids there is room for.
    pub(crate) async fn room(&self) -> Result<usize, Error> {
        Ok(self.capacity.saturating_sub(self.len().await?))
    }

    /// Takes up to `max` ids from the front and waits until there are any. Returns none now and then, and soon after
    /// `stop`. To drop the future can lose ids: `stop` it instead.
    async fn wait(&self, max: usize, stop: &CancellationToken) -> Result<Vec<NotificationId>, Error> {
        match &self.source {
            Source::InProcess(list) => Ok(list.wait(max, stop).await),
            Source::Redis(list) => list.wait(max).await,
        }
    }

    /// Puts ids that a worker has taken and not begun with back at the front, as well as that goes in a short time.
    pub(crate) async fn give_back_in_time(&self, ids: Vec<NotificationId>) {
        let count = ids.len();
        match timeout(GIVE_BACK, self.give_back(ids)).await {
            Ok(Ok(())) => tracing::info!(count, "gave back to the queue what was not begun"),
            _ => tracing::warn!(
                count,
                "could not give back to the queue what was not begun; the sweep will find it"
            ),
        }
    }

    /// Puts ids that nobody has begun to work on back at the front, even where there is no room.
    async fn give_back(&self, ids: Vec<NotificationId>) -> Result<(), Error> {
        match &self.source {
            Source::InProcess(list) => {
                list.give_back(ids);
                Ok(())
            }
            Source::Redis(list) => list.give_back(ids).await,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use roster_entity::Clock;

    use super::*;

    pub(crate) fn config(url: &str) -> Config {
        Config { url: url.into(), key: "roster:test".to_owned(), capacity: 3 }
    }

    pub(crate) fn ids(count: usize) -> Vec<NotificationId> {
        (0..count).map(|_| NotificationId::generate(Clock::system().now())).collect()
    }

    #[test]
    fn a_wrong_setting_is_named_and_the_password_is_not_shown() {
        for (config, named) in [
            (Config { capacity: 0, ..config("in-process") }, "queue.capacity"),
            (Config { key: String::new(), ..config("redis://localhost") }, "queue.key"),
            (config("http://:hunter2@localhost"), "queue.url"),
            (config("redis://:hunter2@localhost/not-a-number"), "queue.url"),
            (config(""), "queue.url"),
        ] {
            let error = Queue::connect(&config).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(named) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn redis_need_not_be_there_to_start() {
        Queue::connect(&config("redis://localhost:1")).map(|_| ()).unwrap();
        Queue::connect(&config("rediss://localhost:1")).map(|_| ()).unwrap();
    }
}
