//! pgbench: the statements alone, prepared, without anything around them.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::{
    cpu,
    meter::{Meter, Sample},
    process,
    site::Site,
    statements::Script,
};

/// How long a script is run.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    /// So long, in whole seconds.
    Time(Duration),
    /// So many times by each connection.
    Count(u64),
}

/// What is run.
pub(crate) struct Work<'a> {
    /// Its variable `i` is the number of transactions that the connection has run before; the script counts it up.
    pub(crate) script: &'a Script,
    pub(crate) connections: u64,
    /// How often each connection runs it before it is measured.
    pub(crate) warm_up: u64,
    pub(crate) until: Until,
    /// What connections ask for, as Roster's do.
    pub(crate) options: &'a str,
}

/// What came of one start of pgbench.
#[derive(Debug, Default, PartialEq)]
struct Done {
    transactions: f64,
    /// In seconds, without the time for connecting.
    elapsed: f64,
    /// CPU time of pgbench itself, in seconds.
    cpu: f64,
    /// CPU time of PostgreSQL, in seconds.
    postgres: f64,
}

impl Work<'_> {
    /// Runs it. A new connection has nothing prepared and its caches are empty, which costs PostgreSQL as much as a hundred
    /// transactions; pgbench has no warm connections. So it is run twice, the first time for the warm-up only, and what
    /// that has cost is taken off.
    pub(crate) async fn measure(&self, site: &Site) -> Result<Sample> {
        let cold = match self.warm_up {
            0 => Done::default(),
            count => self.run(site, 0, Until::Count(count)).await?,
        };
        let until = match self.until {
            Until::Count(count) => Until::Count(self.warm_up + count),
            time => time,
        };
        // The same again from the start, or where the transactions go on that cannot be run twice.
        let all = self.run(site, self.warm_up, until).await?;
        Ok(all.without(&cold))
    }

    async fn run(&self, site: &Site, i: u64, until: Until) -> Result<Done> {
        let file = tempfile::Builder::new().suffix(".sql").tempfile_in(site.folder.path())?;
        std::fs::write(&file, &self.script.text)?;
        let mut command = Command::new(&site.pgbench);
        command.env("PGOPTIONS", self.options).env("LC_ALL", "C");
        command.args(["--no-vacuum", "--protocol=prepared", "--jobs=1", "--client"]);
        command.arg(self.connections.to_string());
        match until {
            Until::Time(time) => command.arg("--time").arg(time.as_secs_f64().ceil().to_string()),
            Until::Count(count) => command.arg("--transactions").arg(count.to_string()),
        };
        command.arg("--define").arg(format!("i={i}"));
        for (name, value) in &self.script.variables {
            command.arg("--define").arg(format!("{name}={value}"));
        }
        command.arg("--file").arg(file.path()).arg(&site.database);

        let (meter, before) = (Meter::start(&[], site.postmaster)?, cpu::of_ended_children()?);
        let said = process::run(command).await?;
        let cpu = (cpu::of_ended_children()? - before).as_secs_f64();
        let postgres = meter.used()?.postgres.as_secs_f64();
        let (transactions, rate) = parse(&said).with_context(|| format!("not what pgbench says: {said}"))?;
        ensure!(
            transactions > 0.0 && failed(&said) == Some(0),
            "transactions of pgbench have failed:\n{said}\n{}",
            self.script.text
        );
        Ok(Done { transactions, elapsed: transactions / rate, cpu, postgres })
    }
}

impl Done {
    fn without(&self, other: &Self) -> Sample {
        let count = self.transactions - other.transactions;
        Sample {
            rate: count / (self.elapsed - other.elapsed),
            p50: f64::NAN,
            p99: f64::NAN,
            server: (self.cpu - other.cpu) * 1e6 / count,
            postgres: (self.postgres - other.postgres) * 1e6 / count,
            load: f64::NAN,
        }
    }
}

/// Transactions, and transactions a second.
fn parse(said: &str) -> Option<(f64, f64)> {
    let after = |start: &str| said.lines().find_map(|line| line.trim().strip_prefix(start));
    let transactions =
        after("number of transactions actually processed: ")?.split('/').next()?.parse().ok()?;
    let rate = after("tps = ")?.split(' ').next()?.parse().ok()?;
    Some((transactions, rate))
}

/// Before version 15 pgbench does not count them: a client that has an error ends, and pgbench with an error.
fn failed(said: &str) -> Option<u64> {
    match said.split_once("number of failed transactions: ") {
        Some((_, rest)) => rest.split(' ').next()?.parse().ok(),
        None => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_says_is_read() {
        let said = "transaction type: x.sql\nnumber of transactions actually processed: 160/160\n\
            number of failed transactions: 0 (0.000%)\nlatency average = 0.5 ms\n\
            initial connection time = 9.9 ms\ntps = 1234.500000 (without initial connection time)\n";
        assert_eq!(parse(said), Some((160.0, 1234.5)));
        assert_eq!(failed(said), Some(0));
        assert_eq!(failed("number of failed transactions: 3 (1.9%)"), Some(3));
    }

    #[test]
    fn what_the_warm_up_has_cost_is_taken_off() {
        let cold = Done { transactions: 10.0, elapsed: 1.0, cpu: 0.1, postgres: 0.5 };
        let all = Done { transactions: 110.0, elapsed: 3.0, cpu: 0.2, postgres: 1.0 };
        let sample = all.without(&cold);
        assert_eq!((sample.rate, sample.server.round(), sample.postgres), (50.0, 1000.0, 5000.0));
    }
}
