//! How it grows: with members, connections, API processes and workers.

mod report;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use roster_entity::MemberId;
use sea_orm::sqlx;
use serde_json::json;

use crate::{
    http::{self, Request},
    load::{self, Good, Requests},
    mail::Relay,
    meter::{Meter, Sample},
    reads::first_page,
    roster::Server,
    seed::{Block, Kind, Seeds, id},
    site::Site,
    stats::Spread,
    table::{Table, say},
    worker::{self, Outbox, Source},
};

const CONNECTIONS: [usize; 4] = [1, 4, 16, 64];
const PROCESSES: [usize; 2] = [1, 2];
/// How many members are removed at each step.
const REMOVALS: u64 = 400;

const REMOVE: &str = "mutation ($input: RemoveMemberInput!) { removeMember(input: $input) { changed } }";

/// A row of the table.
struct Step<'a> {
    processes: usize,
    connections: usize,
    block: &'a Block,
    /// Round by round.
    pages: Vec<Sample>,
    removals: Vec<Sample>,
}

/// Measures, and prints.
pub(crate) async fn run(site: &Site, seeds: &Seeds, emails: &worker::Blocks, token: &str) -> Result<()> {
    // The sizes one after the other, so that a machine that grows slower meanwhile is as slow for all of them.
    let mut steps = Vec::new();
    for processes in PROCESSES {
        for connections in CONNECTIONS {
            let step =
                |block| Step { processes, connections, block, pages: Vec::new(), removals: Vec::new() };
            steps.extend(seeds.sized.iter().map(step));
        }
    }
    for round in 1..=rounds(site) {
        for steps in steps.chunk_by_mut(|a, b| a.processes == b.processes) {
            eprintln!("growth: round {round}, {} API process(es)", steps[0].processes);
            measure(site, steps, token).await?;
        }
    }
    report::print(site, &steps, seeds.sized.len());
    workers(site, emails).await
}

/// More take very long.
fn rounds(site: &Site) -> usize {
    site.options.rounds().min(3)
}

async fn measure(site: &Site, steps: &mut [Step<'_>], token: &str) -> Result<()> {
    let mut servers = Vec::new();
    for _ in 0..steps[0].processes {
        servers.push(site.serve(token).await?);
    }
    for step in steps {
        step.pages.push(pages(site, &servers, step.block, step.connections, token).await?);
        step.removals.push(removals(site, &servers, step.block, step.connections, token).await?);
    }
    for server in servers {
        server.process.stop().await?;
    }
    Ok(())
}

async fn pages(
    site: &Site,
    servers: &[Server],
    block: &Block,
    connections: usize,
    token: &str,
) -> Result<Sample> {
    let request = first_page(block, token);
    let mut connection = http::Connection::open(servers[0].address).await?;
    let (status, body) = connection.exchange(&request).await?;
    ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(body));
    let good = Good::Length(body.len());
    // What is prepared or remembered the first time.
    let warm_up = Requests::Same(request.clone(), Duration::from_millis(300));
    send(site, servers, connections, warm_up, good).await?;
    send(site, servers, connections, Requests::Same(request, site.options.duration()), good).await
}

/// Removes the first members of an organization, and takes it back.
async fn removals(
    site: &Site,
    servers: &[Server],
    block: &Block,
    connections: usize,
    token: &str,
) -> Result<Sample> {
    let count = REMOVALS.min(block.size() / 2);
    let first = block.members.start;
    let request = |number: u64| -> Request {
        let member = MemberId(id(Kind::Member, number));
        http::graphql(token, REMOVE, &json!({ "input": { "memberId": member } }))
    };
    let requests = Requests::Each((first..first + count).map(request).collect());
    let sample = send(site, servers, connections, requests, Good::Contains(r#""changed":true"#)).await?;
    restore(site, block, count).await.context("the removals cannot be taken back")?;
    Ok(sample)
}

async fn send(
    site: &Site,
    servers: &[Server],
    connections: usize,
    requests: Requests,
    good: Good,
) -> Result<Sample> {
    let addresses: Vec<_> = servers.iter().map(|server| server.address).collect();
    let processes = servers.iter().map(|server| server.process.id()).collect::<Result<Vec<_>>>()?;
    let meter = Meter::start(&processes, site.postmaster)?;
    let answers = load::send(&addresses, connections, requests, good).await?;
    Ok(Sample::of_http(&answers, meter.used()?))
}

/// Makes members of those who were removed, straight in the database, so that the next step finds what this one found.
async fn restore(site: &Site, block: &Block, count: u64) -> Result<()> {
    let (first, last) = (block.members.start, block.members.start + count - 1);
    sqlx::query(
        "UPDATE members SET status = 'ACTIVE', removed_at = NULL, removed_by = NULL, removal = NULL
         WHERE id BETWEEN $1 AND $2 AND status = 'REMOVED'",
    )
    .bind(id(Kind::Member, first))
    .bind(id(Kind::Member, last))
    .execute(&site.db)
    .await?;
    let organization = block.organization().0;
    let numbers = first..=last;
    let pairs = numbers.flat_map(|number| {
        let groups =
            block.groups_of(number).map(|group| id(Kind::Group, block.organizations.start * 100 + group));
        groups.map(|group| (group, id(Kind::Member, number)))
    });
    let (groups, members): (Vec<_>, Vec<_>) = pairs.unzip();
    sqlx::query(
        "INSERT INTO group_members (group_id, member_id, organization_id) SELECT *, $3 FROM unnest($1::uuid[], $2::uuid[])",
    )
    .bind(groups)
    .bind(members)
    .bind(organization)
    .execute(&site.db)
    .await?;
    sqlx::query("VACUUM members, group_members").execute(&site.db).await?;
    Ok(())
}

async fn workers(site: &Site, emails: &worker::Blocks) -> Result<()> {
    let relay = Relay::start(site, 0).await?;
    let outbox = Outbox::new(site, &emails.outbox);
    let mails = emails.outbox.size();
    say(&format!("{mails} emails to a relay that answers at once:"));
    let mut sent = [1, 2].map(|workers| (workers, Vec::new()));
    for round in 1..=rounds(site) {
        for (workers, sent) in &mut sent {
            eprintln!("growth: round {round}, {workers} worker(s)");
            outbox.fill(Source::Queue, mails).await?;
            sent.push(worker::send_all(site, &relay, &outbox, mails, *workers).await?);
        }
    }
    let mut table = Table::new(&["workers", "mails/s", "worker CPU µs a mail", "PostgreSQL CPU µs a mail"]);
    for (workers, sent) in &sent {
        let figures: [Spread; 3] = [
            Spread::of(sent.iter().map(|sent| sent.rate)),
            Spread::of(sent.iter().map(|sent| sent.worker)),
            Spread::of(sent.iter().map(|sent| sent.postgres)),
        ];
        table.row([workers.to_string()].into_iter().chain(figures.map(|figure| figure.to_string())));
    }
    table.print();
    outbox.clear().await?;
    relay.stop().await
}
