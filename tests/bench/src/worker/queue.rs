//! The limit of the queue: what Redis does a second with a list, by redis-benchmark.

use anyhow::{Context, Result};
use tokio::process::Command;

use crate::{process, site::Site};

/// The length of an id in the queue, in bytes.
const ID: usize = "notification_01h455vb4pex5vsknk084sn02q".len();

/// What Redis did.
pub(super) struct Speed {
    /// Commands sent at once.
    pub(super) pipeline: u32,
    pub(super) command: String,
    /// Commands a second.
    pub(super) rate: f64,
}

/// Pushes and pops ids, one by one and many at once, over as many connections as the API has.
pub(super) async fn measure(site: &Site) -> Result<Vec<Speed>> {
    let address = site.redis.strip_prefix("redis://").context("--redis should begin with redis://")?;
    let (host, port) =
        address.trim_end_matches('/').rsplit_once(':').context("--redis should have a port")?;
    let mut speeds = Vec::new();
    for pipeline in [1, 64] {
        let mut command = Command::new("redis-benchmark");
        command.args(["-h", host, "-p", port, "-t", "rpush,lpop", "-c", "16", "--csv"]);
        command.arg("-d").arg(ID.to_string()).arg("-P").arg(pipeline.to_string());
        command.arg("-n").arg(if site.options.quick { "20000" } else { "200000" });
        let said = process::run(command).await.context("redis-benchmark comes with Redis")?;
        speeds.extend(parse(&said).map(|(command, rate)| Speed { pipeline, command, rate }));
    }
    Ok(speeds)
}

/// Commands, and how many a second.
fn parse(said: &str) -> impl Iterator<Item = (String, f64)> {
    said.lines().filter_map(|line| {
        let mut fields = line.split(',').map(|field| field.trim_matches('"'));
        Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_table_is_read() {
        let said = "\"test\",\"rps\",\"avg_latency_ms\"\n\"RPUSH\",\"102040.82\",\"0.1\"\n\"LPOP\",\"99.5\",\"0.2\"\n";
        let read: Vec<_> = parse(said).collect();
        assert_eq!(read, [("RPUSH".to_owned(), 102_040.82), ("LPOP".to_owned(), 99.5)]);
    }
}
