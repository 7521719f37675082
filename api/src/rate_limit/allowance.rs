//! What was taken from a far bucket in advance, so that not every request takes a way to Redis. What a process has taken and
//! does not use is lost to the caller, never won: no limit is exceeded by it.

use std::{collections::HashMap, sync::Mutex};

use super::{
    bucket::{Exceeded, Limit, Micros, Standing},
    store::Store,
};

/// The part of a full bucket that is taken at a time.
const PART: u32 = 50;
/// How many callers are remembered before those are dropped who were not heard of for a period.
const MANY: usize = 10_000;

#[derive(Default)]
pub(super) struct Allowances(Mutex<HashMap<String, Allowance>>);

struct Allowance {
    left: u32,
    /// How the bucket stood when this was taken.
    standing: Standing,
    taken_at: Micros,
}

impl Allowances {
    /// Takes from what is here, or from the bucket.
    pub(super) async fn take(
        &self,
        store: &Store,
        limit: &Limit,
        bucket: String,
        cost: u32,
        now: Micros,
    ) -> Result<Standing, Exceeded> {
        let cost = cost.min(limit.count());
        if let Some(standing) = self.take_here(&bucket, cost) {
            return Ok(standing);
        }
        let keys = [bucket];
        let advance = if store.is_far() { (limit.count() / PART).min(limit.count() - cost) } else { 0 };
        let mut answer = one(store.take(limit, &keys, cost + advance, now).await);
        let mut left = advance;
        if answer.is_err() && advance > 0 {
            (answer, left) = (one(store.take(limit, &keys, cost, now).await), 0);
        }
        let standing = answer?;
        if left > 0 {
            let [bucket] = keys;
            self.keep(bucket, left, standing, limit, now);
        }
        Ok(Standing { remaining: standing.remaining + left, ..standing })
    }

    fn take_here(&self, bucket: &str, cost: u32) -> Option<Standing> {
        let mut allowances = self.0.lock().expect("nothing panics while it holds the allowances");
        let allowance = allowances.get_mut(bucket)?;
        allowance.left = allowance.left.checked_sub(cost)?;
        let standing = allowance.standing;
        Some(Standing { remaining: standing.remaining + allowance.left, ..standing })
    }

    fn keep(&self, bucket: String, left: u32, standing: Standing, limit: &Limit, now: Micros) {
        let mut allowances = self.0.lock().expect("nothing panics while it holds the allowances");
        if allowances.len() >= MANY {
            allowances.retain(|_, allowance| now - allowance.taken_at < limit.period());
        }
        let allowance = allowances.entry(bucket).or_insert(Allowance { left: 0, standing, taken_at: now });
        *allowance = Allowance { left: allowance.left + left, standing, taken_at: now };
    }
}

fn one(answers: Vec<Result<Standing, Exceeded>>) -> Result<Standing, Exceeded> {
    answers.into_iter().next().expect("there is an answer for each bucket")
}
