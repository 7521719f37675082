//! The queue of many processes: one list in Redis (7 or newer). It holds ids as people see them.

use std::sync::{Arc, LazyLock};

use redis::{Script, aio::MultiplexedConnection, cmd};
use roster_entity::NotificationId;

use super::{Config, Error};
use crate::{config::ConfigError, redis::Redis};

/// How long Redis itself waits for an id to come, in seconds. Shorter than the response timeout.
const BLOCK_SECONDS: u32 = 2;
/// How many ids one call of the script carries.
const CHUNK: usize = 1000;

/// Puts ids at the end of the list while it is shorter than the capacity, and returns how many that were.
static PUSH: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local room = tonumber(ARGV[1]) - redis.call('LLEN', KEYS[1])
         local taken = math.max(0, math.min(room, #ARGV - 1))
         for i = 2, taken + 1 do redis.call('RPUSH', KEYS[1], ARGV[i]) end
         return taken",
    )
});

#[derive(Clone)]
pub(super) struct RedisList(Arc<Inner>);

struct Inner {
    redis: Redis,
    key: String,
    /// What waiting goes over: it blocks its connection.
    waiting: tokio::sync::Mutex<Option<MultiplexedConnection>>,
}

impl RedisList {
    pub(super) fn new(config: &Config) -> Result<Self, ConfigError> {
        if config.key.is_empty() {
            return Err(ConfigError::new(
                "queue.key",
                "should be the name of a Redis list, like roster:notifications.",
            ));
        }
        let redis = Redis::open(&config.url)?;
        Ok(Self(Arc::new(Inner { redis, key: config.key.clone(), waiting: tokio::sync::Mutex::default() })))
    }

    pub(super) fn redis(&self) -> Redis {
        self.0.redis.clone()
    }

    pub(super) async fn push(&self, ids: &[NotificationId], capacity: usize) -> Result<usize, Error> {
        let mut taken = 0;
        for chunk in ids.chunks(CHUNK) {
            let mut push = PUSH.prepare_invoke();
            push.key(&self.0.key).arg(capacity);
            for id in chunk {
                push.arg(id.to_string());
            }
            let pushed: usize =
                self.0.redis.ask(async |mut redis| push.invoke_async(&mut redis).await).await?;
            taken += pushed;
            if pushed < chunk.len() {
                break;
            }
        }
        Ok(taken)
    }

    pub(super) async fn pop(&self, max: usize) -> Result<Vec<NotificationId>, Error> {
        let entries: Option<Vec<Vec<u8>>> = self.0.redis.query(cmd("LPOP").arg(&self.0.key).arg(max)).await?;
        Ok(parse(entries.unwrap_or_default()))
    }

    pub(super) async fn len(&self) -> Result<usize, Error> {
        Ok(self.0.redis.query(cmd("LLEN").arg(&self.0.key)).await?)
    }

    /// Returns none when nothing came for a while.
    pub(super) async fn wait(&self, max: usize) -> Result<Vec<NotificationId>, Error> {
        let mut slot = self.0.waiting.lock().await;
        // Taken out: after an error the connection is gone, and the next call makes another.
        let mut connection = match slot.take() {
            Some(connection) => connection,
            None => self.0.redis.connect().await?,
        };
        let mut pop = cmd("BLMPOP");
        pop.arg(BLOCK_SECONDS).arg(1).arg(&self.0.key).arg("LEFT").arg("COUNT").arg(max);
        let popped: Option<(String, Vec<Vec<u8>>)> = pop.query_async(&mut connection).await?;
        *slot = Some(connection);
        Ok(parse(popped.map(|(_, entries)| entries).unwrap_or_default()))
    }

    pub(super) async fn give_back(&self, ids: Vec<NotificationId>) -> Result<(), Error> {
        let mut push = cmd("LPUSH");
        push.arg(&self.0.key);
        for id in ids.iter().rev() {
            push.arg(id.to_string());
        }
        Ok(self.0.redis.query(&push).await?)
    }
}

/// The ids in the list. What is no id (somebody else's key?) is left out.
fn parse(entries: Vec<Vec<u8>>) -> Vec<NotificationId> {
    let id = |entry: Vec<u8>| {
        let id = str::from_utf8(&entry).ok().and_then(|entry| entry.parse().ok());
        if id.is_none() {
            tracing::warn!("skipped an entry of the queue that is not the id of a notification");
        }
        id
    };
    entries.into_iter().filter_map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::tests::ids, *};

    #[test]
    fn an_entry_that_is_no_id_is_skipped() {
        let id = ids(1)[0];
        let entries =
            vec![b"member_01h455vb4pex5vsknk084sn02q".to_vec(), vec![0xff], id.to_string().into_bytes()];
        assert_eq!(parse(entries), [id]);
    }
}
