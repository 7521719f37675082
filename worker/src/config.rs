//! The section `[worker]` of the settings, and what is said about a setting that is wrong.

use std::time::Duration;

use chrono::TimeDelta;
use serde::Deserialize;

/// How emails are worked on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How many emails one worker process works on at one time.
    pub concurrency: usize,
    /// How often delivery of an email is begun before it is given up.
    pub attempts: u32,
    /// How long to wait before the second attempt. The pause doubles each time, up to six hours.
    pub retry_seconds: u32,
    /// How long a worker has an email to itself. Longer than sending one takes, so that nobody else sends it meanwhile.
    /// Half as long, the sweep leaves an id to the queue.
    pub lease_seconds: u32,
    /// How often the database is looked through for emails that the queue does not hold.
    pub sweep_interval_seconds: u32,
}

/// A setting that is wrong. Its `Display` names it and says what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} {problem}")]
pub struct ConfigError {
    key: &'static str,
    problem: String,
}

impl ConfigError {
    /// `problem` goes on after the setting's name: "should be …".
    pub(crate) fn new(key: &'static str, problem: impl Into<String>) -> Self {
        Self { key, problem: problem.into() }
    }
}

impl Config {
    /// Checks the settings, also against the time that sending one email may take.
    pub(crate) fn check(&self, send_timeout: Duration) -> Result<(), ConfigError> {
        at_least_one("worker.concurrency", self.concurrency)?;
        at_least_one("worker.attempts", self.attempts)?;
        at_least_one("worker.retry_seconds", self.retry_seconds)?;
        at_least_one("worker.sweep_interval_seconds", self.sweep_interval_seconds)?;
        if self.lease() <= send_timeout {
            let problem = format!(
                "should be longer than mail.smtp.send_timeout_seconds ({}): a worker must have an email to itself until it is sent.",
                send_timeout.as_secs()
            );
            return Err(ConfigError::new("worker.lease_seconds", problem));
        }
        Ok(())
    }

    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds.into())
    }

    /// The lease as a difference of two times in the database.
    pub(crate) fn lease_delta(&self) -> TimeDelta {
        TimeDelta::seconds(self.lease_seconds.into())
    }

    pub(crate) fn sweep_interval(&self) -> Duration {
        Duration::from_secs(self.sweep_interval_seconds.into())
    }
}

/// Refuses 0.
pub(crate) fn at_least_one<T: Default + PartialEq>(key: &'static str, value: T) -> Result<(), ConfigError> {
    if value == T::default() { Err(ConfigError::new(key, "should be at least 1.")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_setting_is_named() {
        let good = Config {
            concurrency: 16,
            attempts: 16,
            retry_seconds: 30,
            lease_seconds: 120,
            sweep_interval_seconds: 2,
        };
        let check = |config: &Config| config.check(Duration::from_secs(60)).map_err(|e| e.to_string());
        assert_eq!(check(&good), Ok(()));
        for (bad, named) in [
            (Config { concurrency: 0, ..good.clone() }, "worker.concurrency should be at least 1"),
            (Config { attempts: 0, ..good.clone() }, "worker.attempts should"),
            (Config { retry_seconds: 0, ..good.clone() }, "worker.retry_seconds should"),
            (Config { sweep_interval_seconds: 0, ..good.clone() }, "worker.sweep_interval_seconds should"),
            (
                Config { lease_seconds: 60, ..good.clone() },
                "worker.lease_seconds should be longer than mail.smtp",
            ),
        ] {
            let error = check(&bad).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }
}
