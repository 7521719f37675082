//! How it grows: with members, connections, API processes and workers.

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
    stats::Figure,
    table::{Table, heading, say},
    worker::{self, Outbox, Source},
};

const CONNECTIONS: [usize; 4] = [1, 4, 16, 64];
/// How many members are removed at each step.
const REMOVALS: u64 = 400;

const REMOVE: &str = "mutation ($input: RemoveMemberInput!) { removeMember(input: $input) { changed } }";

/// Measures, and prints.
pub(crate) async fn run(site: &Site, seeds: &Seeds, emails: &worker::Blocks, token: &str) -> Result<()> {
    heading("Growth");
    say(&format!(
        "The first page of 50 members with user, role and groups ({:?} each), and single removals, all in one organization ({REMOVALS} \
         each); {} connections to PostgreSQL for each API process.",
        site.options.duration(),
        site.options.database_connections
    ));
    let mut table = Table::new(&[
        "members",
        "API processes",
        "connections",
        "pages/s",
        "p50 ms",
        "p99 ms",
        "CPU µs a page",
        "removals/s",
        "p50 ms",
        "p99 ms",
        "CPU µs a removal",
    ]);
    for block in &seeds.sized {
        for processes in [1, 2] {
            let mut servers = Vec::new();
            for _ in 0..processes {
                servers.push(site.serve(token).await?);
            }
            for connections in CONNECTIONS {
                eprintln!(
                    "growth: {} members, {processes} process(es), {connections} connection(s)",
                    block.size()
                );
                let page = pages(site, &servers, block, connections, token).await?;
                let removal = removals(site, &servers, block, connections, token).await?;
                let cells = [block.size().to_string(), processes.to_string(), connections.to_string()];
                let figures = [page, removal].map(|Sample { rate, p50, p99, server, postgres, .. }| {
                    [rate, p50, p99, server + postgres].map(|figure| Figure(figure).to_string())
                });
                table.row(cells.into_iter().chain(figures.into_iter().flatten()));
            }
            for server in servers {
                server.process.stop().await?;
            }
        }
    }
    table.print();
    workers(site, emails).await
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
    let mut table = Table::new(&["workers", "mails/s", "worker CPU µs a mail", "PostgreSQL CPU µs a mail"]);
    for workers in [1, 2] {
        eprintln!("growth: {workers} worker(s)");
        outbox.fill(Source::Queue, mails).await?;
        let sent = worker::send_all(site, &relay, &outbox, mails, workers).await?;
        let figures = [sent.rate, sent.worker, sent.postgres].map(|figure| Figure(figure).to_string());
        table.row([workers.to_string()].into_iter().chain(figures));
    }
    table.print();
    outbox.clear().await?;
    relay.stop().await
}
