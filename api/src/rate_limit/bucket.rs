//! A bucket that is full at first, is taken from, and fills again evenly: the generic cell rate algorithm. All that is kept
//! of a bucket is one time, at which it will be full; one that is full need not be kept.

use chrono::TimeDelta;

/// How often something may be done: so often at once, and then evenly so often in each period.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    count: u32,
    period: TimeDelta,
}

/// How a bucket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How much a full one holds.
    pub limit: u32,
    /// How much is left.
    pub remaining: u32,
    /// In how many seconds it is full again.
    pub reset_seconds: u64,
}

/// There was not enough left. Nothing was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// In how many seconds there will be.
    pub retry_after_seconds: u64,
    /// How the bucket stands.
    pub standing: Standing,
}

/// How far the clocks of the processes that count together may differ.
pub(super) const SKEW: Micros = 10_000_000;

/// A time in microseconds.
pub(super) type Micros = i64;

impl Limit {
    /// `None` for a count of 0, which means that there is no limit.
    pub(super) fn new(count: u32, period: TimeDelta) -> Option<Self> {
        (count > 0).then_some(Self { count, period })
    }

    /// How much a full bucket holds.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// How long it takes to fill an empty bucket.
    pub(super) fn period(&self) -> Micros {
        self.period.num_microseconds().expect("a period is days at most")
    }

    /// How long it takes to fill in so much.
    pub(super) fn time_for(&self, cost: u32) -> Micros {
        self.period() / i64::from(self.count) * i64::from(cost.min(self.count))
    }

    /// Takes from a bucket that will be full at a time, and says when it will be full then; if there is not enough left, when it
    /// will be full without that.
    pub(super) fn take(&self, full_at: Option<Micros>, cost: u32, now: Micros) -> Result<Micros, Micros> {
        // A time further ahead than an empty bucket's was written by a clock that was wrong, or has been set back since.
        let full_at = full_at.filter(|at| *at <= now + self.period() + SKEW);
        let full_at = full_at.unwrap_or(now).clamp(now, now + self.period());
        let after = full_at + self.time_for(cost);
        if after <= now + self.period() { Ok(after) } else { Err(full_at) }
    }

    /// What somebody is told after [`Limit::take`].
    pub(super) fn answer(
        &self,
        taken: Result<Micros, Micros>,
        cost: u32,
        now: Micros,
    ) -> Result<Standing, Exceeded> {
        match taken {
            Ok(full_at) => Ok(self.standing(full_at, now)),
            Err(full_at) => Err(Exceeded {
                retry_after_seconds: seconds(full_at + self.time_for(cost) - self.period() - now),
                standing: self.standing(full_at, now),
            }),
        }
    }

    fn standing(&self, full_at: Micros, now: Micros) -> Standing {
        let remaining = (now + self.period() - full_at) / self.time_for(1);
        Standing {
            limit: self.count,
            remaining: u32::try_from(remaining).unwrap_or(0).min(self.count),
            reset_seconds: seconds(full_at - now),
        }
    }
}

/// Whole seconds, so that whoever waits so long has waited enough.
fn seconds(micros: Micros) -> u64 {
    u64::try_from(micros).unwrap_or(0).div_ceil(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Micros = 1_000_000;

    fn limit() -> Limit {
        Limit::new(6, TimeDelta::minutes(1)).unwrap()
    }

    #[test]
    fn a_full_bucket_gives_all_that_it_holds_and_then_as_much_as_comes_in() {
        let limit = limit();
        let mut full_at = None;
        for _ in 0..6 {
            full_at = Some(limit.take(full_at, 1, 0).unwrap());
        }
        assert!(limit.take(full_at, 1, 9 * SECOND).is_err());
        full_at = Some(limit.take(full_at, 1, 10 * SECOND).unwrap());
        assert!(limit.take(full_at, 1, 10 * SECOND).is_err());
        assert!(limit.take(full_at, 6, 70 * SECOND).is_ok());
    }

    #[test]
    fn who_waits_as_long_as_they_are_told_gets_what_they_want() {
        let limit = limit();
        let full_at = limit.take(None, 5, 0).unwrap();
        let refused = limit.answer(limit.take(Some(full_at), 3, 1), 3, 1).unwrap_err();
        assert_eq!(refused.retry_after_seconds, 20);
        assert_eq!(refused.standing, Standing { limit: 6, remaining: 1, reset_seconds: 50 });
        assert!(limit.take(Some(full_at), 3, 20 * SECOND).is_ok());
        assert!(limit.take(Some(full_at), 3, 19 * SECOND).is_err());
    }

    #[test]
    fn more_than_a_bucket_holds_takes_all_of_it_so_that_nothing_is_impossible_for_ever() {
        let full_at = limit().take(None, 100, 0).unwrap();
        assert_eq!(full_at, 60 * SECOND);
        assert!(limit().take(Some(full_at), 100, 59 * SECOND).is_err());
    }

    #[test]
    fn a_clock_that_was_set_back_makes_nobody_wait_and_one_that_differs_a_little_gives_nobody_more() {
        let at = |now| limit().take(None, 6, now).unwrap();
        assert!(limit().take(Some(at(86_400 * SECOND)), 1, 0).is_ok());
        let refused = limit().answer(limit().take(Some(at(9 * SECOND)), 1, 0), 1, 0).unwrap_err();
        assert_eq!(refused.retry_after_seconds, 10);
    }
}
