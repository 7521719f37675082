//! Events between processes: PUBLISH and SUBSCRIBE on one channel of Redis.
//!
//! A process listens from the moment on when the first subscriber comes, over a connection of its own, and listens again
//! whenever that has ended. Then everybody is told that they may have missed something.

use std::{
    convert::Infallible,
    sync::{Arc, Once},
    time::Duration,
};

use futures_util::StreamExt;
use redis::{RedisError, RedisResult, Value, pipe};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use super::{Message, hub::Hub};
use crate::redis::Redis;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a new subscriber waits until the process listens. Later, they are told that they may have missed something.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the connection is asked whether it is still there: nothing may come over it for days.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How long the answer to that may take.
const ANSWER: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(super) struct RedisChannel(Arc<Inner>);

struct Inner {
    redis: Redis,
    name: String,
    hub: Arc<Hub>,
    started: Once,
    listening: watch::Sender<bool>,
}

impl RedisChannel {
    pub(super) fn new(redis: Redis, name: String, hub: Arc<Hub>) -> Self {
        let (started, listening) = (Once::new(), watch::Sender::new(false));
        Self(Arc::new(Inner { redis, name, hub, started, listening }))
    }

    pub(super) async fn publish(&self, messages: &[Message]) -> RedisResult<()> {
        let mut publish = pipe();
        for message in messages {
            publish.publish(&self.0.name, message.to_json()).ignore();
        }
        self.0.redis.ask(async |mut redis| publish.query_async(&mut redis).await).await
    }

    /// Sees to it that the process listens, and waits for that, though not for long.
    pub(super) async fn listen_in_time(&self) {
        self.0.started.call_once(|| drop(tokio::spawn(self.clone().listen())));
        let mut listening = self.0.listening.subscribe();
        // Both errors mean that it does not listen yet.
        let _ = timeout(PATIENCE, listening.wait_for(|listening| *listening)).await;
    }

    async fn listen(self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let Err(error) = self.listen_once().await;
            if self.0.listening.send_replace(false) {
                pause = FIRST_PAUSE;
            }
            tracing::warn!(%error, "cannot hear events; trying again in {pause:?}");
            sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    /// Listens until the connection ends.
    async fn listen_once(&self) -> Result<Infallible, RedisError> {
        let Inner { redis, name, hub, listening, .. } = &*self.0;
        let (mut channel, mut messages) = redis.subscribe(name).await?;
        // Whoever has subscribed before may have missed something.
        hub.tell_missed();
        listening.send_replace(true);
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                message = messages.next() => {
                    let message = message.ok_or((redis::ErrorKind::Io, "the connection has ended"))?;
                    match Message::from_json(message.get_payload_bytes()) {
                        Ok(message) => hub.tell(message),
                        Err(error) => tracing::warn!(%error, "skipped a message that is not about events"),
                    }
                }
                _ = heartbeat.tick() => {
                    let late = |_| (redis::ErrorKind::Io, "the connection does not answer");
                    timeout(ANSWER, channel.ping::<Value>()).await.map_err(late)??;
                }
            }
        }
    }
}
