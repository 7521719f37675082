//! What a stretch of work has cost: CPU time of servers, of PostgreSQL, and of who makes the load.

use std::time::Duration;

use anyhow::Result;

use crate::{
    cpu,
    load::Answers,
    stats::{Spread, percentile},
};

/// CPU times, since they were last read.
pub(crate) struct Meter {
    servers: Vec<u32>,
    postmaster: u32,
    before: Used,
}

/// CPU times.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    pub(crate) servers: Duration,
    pub(crate) postgres: Duration,
    pub(crate) load: Duration,
}

impl Meter {
    /// Begins.
    pub(crate) fn start(servers: &[u32], postmaster: u32) -> Result<Self> {
        let mut meter = Self { servers: servers.to_vec(), postmaster, before: Used::default() };
        meter.before = meter.read()?;
        Ok(meter)
    }

    /// Since it began.
    pub(crate) fn used(&self) -> Result<Used> {
        let (now, before) = (self.read()?, self.before);
        Ok(Used {
            servers: now.servers - before.servers,
            postgres: now.postgres.saturating_sub(before.postgres),
            load: now.load - before.load,
        })
    }

    fn read(&self) -> Result<Used> {
        let servers = self.servers.iter().map(|&server| cpu::of(server)).sum::<Result<_>>()?;
        Ok(Used { servers, postgres: cpu::of_family(self.postmaster)?, load: cpu::of_myself()? })
    }
}

/// A stretch of work, per request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Requests a second.
    pub(crate) rate: f64,
    /// Milliseconds; not a number where single requests were not timed.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Microseconds of CPU a request: of the server, or of pgbench.
    pub(crate) server: f64,
    /// Microseconds of CPU a request: of PostgreSQL.
    pub(crate) postgres: f64,
    /// Microseconds of CPU a request: of who made the load.
    pub(crate) load: f64,
}

impl Sample {
    /// Of requests over HTTP.
    pub(crate) fn of_http(answers: &Answers, used: Used) -> Self {
        let count = answers.latencies.len() as f64;
        let each = |time: Duration| time.as_secs_f64() * 1e6 / count;
        let millis = |percent| percentile(&answers.latencies, percent).as_secs_f64() * 1e3;
        Self {
            rate: answers.rate(),
            p50: millis(50),
            p99: millis(99),
            server: each(used.servers),
            postgres: each(used.postgres),
            load: each(used.load),
        }
    }

    /// CPU of all together.
    pub(crate) fn total(&self) -> f64 {
        self.server + self.postgres
    }
}

/// A figure of all rounds.
pub(crate) fn spread(samples: &[Sample], figure: impl Fn(&Sample) -> f64) -> Spread {
    Spread::of(samples.iter().map(figure))
}

/// A ratio of figures of the same round.
pub(crate) fn ratio(these: &[Sample], those: &[Sample], figure: impl Fn(&Sample) -> f64) -> Spread {
    Spread::of(these.iter().zip(those).map(|(this, that)| figure(this) / figure(that)))
}
