//! pgbench: the statements alone, prepared, without anything around them.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::{cpu, process, site::Site, statements::Script};

/// How long a script is run.
pub(crate) enum Until {
    /// So long, in whole seconds.
    Time(Duration),
    /// So many times by each connection.
    Count(u64),
}

/// What came of it.
#[derive(Debug, PartialEq)]
pub(crate) struct Done {
    /// Transactions a second, without the time for connecting.
    pub(crate) rate: f64,
    pub(crate) transactions: u64,
    /// The CPU time of pgbench itself.
    pub(crate) cpu: Duration,
}

/// Runs a script over so many connections, with the `options` of Roster's own.
pub(crate) async fn run(
    site: &Site,
    script: &Script,
    connections: u64,
    until: Until,
    options: &str,
) -> Result<Done> {
    let file = tempfile::Builder::new().suffix(".sql").tempfile_in(site.folder.path())?;
    std::fs::write(&file, &script.text)?;
    let mut command = Command::new(&site.pgbench);
    command.env("PGOPTIONS", options).env("LC_ALL", "C");
    command.args(["--no-vacuum", "--protocol=prepared", "--jobs=1", "--client"]).arg(connections.to_string());
    match until {
        Until::Time(time) => command.arg("--time").arg(time.as_secs_f64().ceil().to_string()),
        Until::Count(count) => command.arg("--transactions").arg(count.to_string()),
    };
    for (name, value) in &script.variables {
        command.arg("--define").arg(format!("{name}={value}"));
    }
    command.arg("--file").arg(file.path()).arg(&site.database);
    let before = cpu::of_ended_children()?;
    let said = process::run(command).await?;
    let cpu = cpu::of_ended_children()? - before;
    let (transactions, rate) = parse(&said).with_context(|| format!("not what pgbench says: {said}"))?;
    ensure!(failed(&said) == Some(0), "transactions of pgbench have failed:\n{said}\n{}", script.text);
    Ok(Done { rate, transactions, cpu })
}

fn parse(said: &str) -> Option<(u64, f64)> {
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
        assert_eq!(parse(said), Some((160, 1234.5)));
        assert_eq!(failed(said), Some(0));
        assert_eq!(failed("number of failed transactions: 3 (1.9%)"), Some(3));
    }
}
