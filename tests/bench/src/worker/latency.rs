//! From the commit of a removal to its email's arrival, when nothing else happens: `roster serve` and `roster worker` as two
//! processes, over Redis.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context, Result, ensure};
use roster_entity::{MemberId, NotificationId};
use sea_orm::sqlx;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::{
    http,
    mail::Relay,
    seed::{Block, Kind, id},
    site::Site,
};

/// Between two removals, so that the one before is done with.
const PAUSE: Duration = Duration::from_millis(25);
/// How long an email may take.
const PATIENCE: Duration = Duration::from_secs(30);

const REMOVE: &str = "mutation ($input: RemoveMemberInput!) { removeMember(input: $input) { changed } }";

/// How long each took; sorted.
pub(super) async fn measure(site: &Site, relay: &Relay, block: &Block, token: &str) -> Result<Vec<Duration>> {
    let (server, worker) = (site.serve(token).await?, site.worker(relay).await?);
    relay.reset().await?;
    for number in block.members.clone() {
        let member = MemberId(id(Kind::Member, number));
        let request = http::graphql(token, REMOVE, &json!({ "input": { "memberId": member } }));
        let answer = server.ask(&request).await?;
        ensure!(answer["data"]["removeMember"]["changed"] == json!(true), "not removed: {answer}");
        sleep(PAUSE).await;
    }
    let arrivals = arrivals(relay, block.size()).await?;
    worker.stop().await?;
    server.process.stop().await?;

    let commits: Vec<(uuid::Uuid, f64)> = sqlx::query_as(
        "SELECT n.id, extract(epoch FROM pg_xact_commit_timestamp(a.xmin))::float8 * 1000000
         FROM notifications AS n JOIN activities AS a ON a.id = n.activity_id
         WHERE n.member_id BETWEEN $1 AND $2",
    )
    .bind(id(Kind::Member, block.members.start))
    .bind(id(Kind::Member, block.members.end - 1))
    .fetch_all(&site.db)
    .await?;
    ensure!(
        commits.len() as u64 == block.size(),
        "{} of {} removals are in the log",
        commits.len(),
        block.size()
    );
    let mut latencies = Vec::new();
    for (id, committed) in commits {
        let id = NotificationId(id).to_string();
        let arrived = arrivals.iter().find(|(message, _)| message.contains(&id));
        let (_, arrived) =
            arrived.with_context(|| format!("no email with {id} in its Message-ID has arrived"))?;
        // The clocks are one; a commit's time is taken a moment before others can see it.
        latencies.push(Duration::from_micros((*arrived as f64 - committed).max(0.0) as u64));
    }
    latencies.sort_unstable();
    Ok(latencies)
}

/// When each email has arrived, by its Message-ID.
async fn arrivals(relay: &Relay, emails: u64) -> Result<HashMap<String, i64>> {
    let start = Instant::now();
    loop {
        let report = relay.report().await?;
        if report.mails >= emails {
            return Ok(report.received.into_iter().collect());
        }
        ensure!(start.elapsed() < PATIENCE, "{} of {emails} emails have arrived", report.mails);
        sleep(Duration::from_millis(50)).await;
    }
}
