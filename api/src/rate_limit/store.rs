//! Where the buckets are: in Redis, for all processes together; in this process on the embedded default, and while Redis is
//! away.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use redis::{RedisResult, Script};
use roster_worker::redis::Redis;
use tokio::time::timeout;

use super::bucket::{Exceeded, Limit, Micros, SKEW, Standing};

/// How long Redis may take. Nobody waits longer to be counted.
const PATIENCE: Duration = Duration::from_millis(100);
/// How many buckets are kept in the process before those are dropped that are full again.
const MANY: usize = 10_000;

/// [`Limit::take`] for several buckets, in Redis: for each the time at which it will be full, negative if there was not
/// enough left. Full ones are not kept.
const TAKE: &str = "
    local now, period, skew, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
    local answers = {}
    for i, key in ipairs(KEYS) do
        local full_at = tonumber(redis.call('GET', key) or now)
        if full_at > now + period + skew then full_at = now end
        full_at = math.min(math.max(full_at, now), now + period)
        local after = full_at + cost
        if after <= now + period then
            redis.call('SET', key, string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000) + 1)
            answers[i] = after
        else
            answers[i] = -full_at
        end
    end
    return answers";

pub(super) struct Store {
    redis: Option<(Redis, Script)>,
    away: AtomicBool,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    full_at: HashMap<String, Micros>,
    /// When to drop those that are full again.
    many: usize,
}

impl Store {
    /// `None`: in this process.
    pub(super) fn new(redis: Option<Redis>) -> Self {
        let redis = redis.map(|redis| (redis, Script::new(TAKE)));
        Self { redis, away: AtomicBool::new(false), memory: Mutex::default() }
    }

    /// Whether asking it takes a way to Redis.
    pub(super) fn is_far(&self) -> bool {
        self.redis.is_some()
    }

    /// Takes from each bucket that has so much left.
    pub(super) async fn take(
        &self,
        limit: &Limit,
        keys: &[String],
        cost: u32,
        now: Micros,
    ) -> Vec<Result<Standing, Exceeded>> {
        let taken = match &self.redis {
            Some((redis, script)) => {
                match timeout(PATIENCE, ask(redis, script, limit, keys, cost, now)).await {
                    Ok(Ok(taken)) => {
                        self.away.store(false, Ordering::Relaxed);
                        taken
                    }
                    failed => {
                        let error = failed.map(|result| result.err().map(|error| error.to_string()));
                        self.is_away(
                            error.ok().flatten().unwrap_or_else(|| format!("no answer within {PATIENCE:?}")),
                        );
                        self.take_here(limit, keys, cost, now)
                    }
                }
            }
            None => self.take_here(limit, keys, cost, now),
        };
        taken.into_iter().map(|taken| limit.answer(taken, cost, now)).collect()
    }

    /// Says so once, not at each request.
    fn is_away(&self, error: String) {
        if !self.away.swap(true, Ordering::Relaxed) {
            tracing::warn!(error, "Redis cannot be asked for rate limits; this process counts for itself");
        }
    }

    fn take_here(
        &self,
        limit: &Limit,
        keys: &[String],
        cost: u32,
        now: Micros,
    ) -> Vec<Result<Micros, Micros>> {
        let mut memory = self.memory.lock().expect("nothing panics while it holds the buckets");
        memory.make_room(now);
        keys.iter()
            .map(|key| {
                let full_at = limit.take(memory.full_at.get(key).copied(), cost, now)?;
                memory.full_at.insert(key.clone(), full_at);
                Ok(full_at)
            })
            .collect()
    }
}

impl Memory {
    fn make_room(&mut self, now: Micros) {
        if self.full_at.len() >= self.many.max(MANY) {
            self.full_at.retain(|_, full_at| *full_at > now);
            self.many = self.full_at.len() * 2;
        }
    }
}

async fn ask(
    redis: &Redis,
    script: &Script,
    limit: &Limit,
    keys: &[String],
    cost: u32,
    now: Micros,
) -> RedisResult<Vec<Result<Micros, Micros>>> {
    let mut call = script.prepare_invoke();
    call.key(keys).arg(now).arg(limit.period()).arg(SKEW).arg(limit.time_for(cost));
    let answers: Vec<Micros> = redis.ask(async |mut redis| call.invoke_async(&mut redis).await).await?;
    Ok(answers.into_iter().map(|answer| if answer < 0 { Err(-answer) } else { Ok(answer) }).collect())
}
