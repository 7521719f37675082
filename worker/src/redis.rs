//! The connection to Redis: made when it is first used, and again whenever that is necessary, so that no process needs a
//! reachable Redis to start.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection, PubSubSink, PubSubStream},
};
use secrecy::{ExposeSecret, SecretString};

use crate::config::ConfigError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);

/// A Redis. Clones share one connection.
#[derive(Clone)]
pub struct Redis(Arc<Inner>);

struct Inner {
    client: Client,
    manager: Mutex<Option<ConnectionManager>>,
}

impl Redis {
    /// The Redis at the address that is set as `queue.url`. Does not connect yet.
    pub fn open(url: &SecretString) -> Result<Self, ConfigError> {
        // The client's own message might show the password.
        let client = Client::open(url.expose_secret()).map_err(|_| {
            ConfigError::new(
                "queue.url",
                "should be in-process, redis://user:password@host:6379 or (with TLS) rediss://user:password@host:6379.",
            )
        })?;
        Ok(Self(Arc::new(Inner { client, manager: Mutex::default() })))
    }

    /// Sends a command over the shared connection: one that does not block it.
    pub async fn query<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        self.ask(async |mut redis| command.query_async(&mut redis).await).await
    }

    /// Asks something over the shared connection.
    pub async fn ask<T>(
        &self,
        call: impl AsyncFnOnce(ConnectionManager) -> RedisResult<T>,
    ) -> RedisResult<T> {
        let result = call(self.connection()?).await;
        // A manager connects again after an I/O error only: a login that was refused once (a password that was changed,
        // too many clients) would stay refused for ever. So any other error ends the manager.
        if result.as_ref().is_err_and(|error| !RedisError::is_io_error(error)) {
            *self.manager() = None;
        }
        result
    }

    /// A connection of one's own, for what blocks it.
    pub async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT));
        self.0.client.get_multiplexed_async_connection_with_config(&config).await
    }

    /// The messages of a channel from now on, over a connection of their own, and the way to ask that connection something.
    pub async fn subscribe(&self, channel: &str) -> RedisResult<(PubSubSink, PubSubStream)> {
        let subscribed = async {
            let mut connection = self.0.client.get_async_pubsub().await?;
            connection.subscribe(channel).await?;
            Ok(connection.split())
        };
        let late = |_| RedisError::from((redis::ErrorKind::Io, "no answer in time"));
        tokio::time::timeout(CONNECT_TIMEOUT, subscribed).await.map_err(late)?
    }

    fn connection(&self) -> RedisResult<ConnectionManager> {
        let mut manager = self.manager();
        if let Some(manager) = &*manager {
            return Ok(manager.clone());
        }
        // The defaults would let a caller wait ten seconds for a Redis that is down, and half a second for one that is slow.
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            .set_number_of_retries(2);
        let new = self.0.client.get_connection_manager_lazy(config)?;
        Ok(manager.insert(new).clone())
    }

    fn manager(&self) -> MutexGuard<'_, Option<ConnectionManager>> {
        self.0.manager.lock().expect("nothing panics while it holds the manager")
    }
}
