//! The tables of emails.

use std::time::Duration;

use super::{Bare, DELAY, Sent, Way, queue::Speed};
use crate::{
    stats::{Figure, Spread, percentile},
    table::{Table, heading, say},
};

pub(super) fn print(ways: &[Way], latencies: &[Duration], queue: &[Speed]) {
    let Some(first) = ways.first() else { return };
    let size = first.roster.first().map_or(0, |sent| sent.mail.len());
    heading("Emails");
    say(&format!(
        "One worker, {} rounds, by turns; medians (least..most). Mails of {size} bytes. The bare loop sends the same mail again and \
         again with lettre over connections that stay open: one for each core to the instant relay, as many as the worker had to the \
         other. The limit there is what the connections can carry: a mail takes four answers, {} ms.",
        first.roster.len(),
        4 * DELAY
    ));
    speeds(ways);
    let millis = |percent| Figure(percentile(latencies, percent).as_secs_f64() * 1e3);
    say(&format!(
        "From the commit of a removal to its email's arrival, when nothing else happens, `serve` and `worker` over Redis, {} times: \
         p50 {} ms, p99 {} ms, at most {} ms.",
        latencies.len(),
        millis(50),
        millis(99),
        millis(100)
    ));
    say("The queue's limit, by redis-benchmark over 16 connections, with ids of the same length:");
    let mut table = Table::new(&["command", "sent at once", "a second"]);
    for Speed { pipeline, command, rate } in queue {
        table.row([command.clone(), pipeline.to_string(), Figure(*rate).to_string()]);
    }
    table.print();
}

fn speeds(ways: &[Way]) {
    let mut table = Table::new(&[
        "relay",
        "mails",
        "connections",
        "mails/s",
        "worker CPU µs",
        "PostgreSQL CPU µs",
        "mails/s of the bare loop",
        "over",
        "its CPU µs",
        "mails/s, of the limit",
        "CPU, × the bare loop's",
    ]);
    for Way { name, delay, mails, roster, bare, .. } in ways {
        let rounds = || roster.iter().zip(bare);
        let limit = |sent: &Sent, bare: &Bare| match delay {
            0 => bare.rate,
            _ => sent.connections as f64 * 1000.0 / (4 * delay) as f64,
        };
        table.row([
            (*name).to_owned(),
            mails.to_string(),
            roster.last().map_or(0, |sent| sent.connections).to_string(),
            Spread::of(roster.iter().map(|sent| sent.rate)).to_string(),
            Figure(Spread::of(roster.iter().map(|sent| sent.worker)).median).to_string(),
            Figure(Spread::of(roster.iter().map(|sent| sent.postgres)).median).to_string(),
            Spread::of(bare.iter().map(|bare| bare.rate)).to_string(),
            bare.last().map_or(0, |bare| bare.connections).to_string(),
            Figure(Spread::of(bare.iter().map(|bare| bare.cpu)).median).to_string(),
            Spread::of(rounds().map(|(sent, bare)| sent.rate / limit(sent, bare))).to_string(),
            Spread::of(rounds().map(|(sent, bare)| sent.worker / bare.cpu)).to_string(),
        ]);
    }
    table.print();
}
