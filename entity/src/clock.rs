//! Time is handed in, so that a test can move it.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Tells the time. Everything that compares with `expires_at` or writes a time asks this clock, and nothing else.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    /// Microseconds since the epoch.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at `start` until [`Clock::advance`] moves it. Clones move together.
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(start.timestamp_micros()))))
    }

    /// Now, cut to microseconds: what PostgreSQL keeps, so that a value read back equals the value written.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Source::System => Utc::now().trunc_subsecs(6),
            Source::Manual(micros) => DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst))
                .expect("a manual clock is moved within chrono's range"),
        }
    }

    /// Moves a manual clock, forwards or backwards.
    ///
    /// # Panics
    /// On the system clock, which is not ours to move.
    pub fn advance(&self, by: TimeDelta) {
        let Source::Manual(micros) = &self.0 else {
            panic!("only a manual clock can be moved");
        };
        let by = by.num_microseconds().expect("a test moves the clock by less than 292,000 years");
        micros.fetch_add(by, Ordering::SeqCst);
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::System => "Clock::system",
            Source::Manual(_) => "Clock::manual",
        })
    }
}
