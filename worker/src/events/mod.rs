//! Events: what happens in organizations, told to those who watch them now. A hint like the queue: a message carries ids only,
//! is sent after the commit as well as that goes, and may be lost; who may have missed one is told so.
//!
//! Every process that publishes, the API and the worker, reaches every process that somebody is connected to: through a Redis
//! channel in production, within the process on the embedded default. From there the [`hub`] hands a message to the
//! subscribers of its organization.

mod hub;
mod message;
mod redis_channel;

use std::{sync::Arc, time::Duration};

use roster_entity::OrganizationId;
use serde::Deserialize;
use tokio::time::timeout;

use self::{hub::Hub, redis_channel::RedisChannel};
use crate::{
    config::{ConfigError, at_least_one},
    redis::Redis,
};

pub use self::{
    hub::{Heard, Subscription},
    message::{Event, Kind, Message},
};

/// How long publishing may take: nobody waits for those who watch.
const PUBLISH: Duration = Duration::from_millis(200);

/// The section `[events]` of the settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The name of the channel in Redis.
    pub channel: String,
    /// How many messages wait for a subscriber that is slow, before it is told that it has missed some.
    pub buffer: usize,
}

/// Where events are published and heard. Clones are the same.
#[derive(Clone)]
pub struct Events {
    hub: Arc<Hub>,
    /// What reaches other processes; without it there are none.
    channel: Option<RedisChannel>,
}

impl Events {
    /// Events that reach as far as the queue does: through its Redis, or within this process. Does not connect yet.
    pub fn new(config: &Config, redis: Option<Redis>) -> Result<Self, ConfigError> {
        at_least_one("events.buffer", config.buffer)?;
        if config.channel.is_empty() {
            let problem = "should be the name of a Redis channel, like roster:events.";
            return Err(ConfigError::new("events.channel", problem));
        }
        let hub = Arc::new(Hub::new(config.buffer));
        let channel = redis.map(|redis| RedisChannel::new(redis, config.channel.clone(), hub.clone()));
        Ok(Self { hub, channel })
    }

    /// Tells what has happened, after it was committed: as well as that goes in a short time.
    pub async fn publish(&self, messages: Vec<Message>) {
        let Some(channel) = &self.channel else {
            messages.into_iter().for_each(|message| self.hub.tell(message));
            return;
        };
        if messages.is_empty() {
            return;
        }
        match timeout(PUBLISH, channel.publish(&messages)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "events could not be published: who watches misses them")
            }
            Err(_) => tracing::warn!("events were not published in time: who watches may miss them"),
        }
    }

    /// What happens in an organization from now on.
    pub async fn subscribe(&self, organization: OrganizationId) -> Subscription {
        if let Some(channel) = &self.channel {
            channel.listen_in_time().await;
        }
        Hub::subscribe(&self.hub, organization)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_setting_is_named() {
        let good = Config { channel: "roster:test".to_owned(), buffer: 4 };
        assert!(Events::new(&good, None).is_ok());
        for (bad, named) in [
            (Config { buffer: 0, ..good.clone() }, "events.buffer"),
            (Config { channel: String::new(), ..good.clone() }, "events.channel"),
        ] {
            let error = Events::new(&bad, None).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
