//! How much memory `roster serve` takes for an export. Only on Linux, which says what a process has taken at most.

use roster_tests::{Api, Installation, On, postgres_database, seed_members, smtp_server::SmtpServer};
use rstest::rstest;
use sea_orm::{ConnectOptions, Database};
use serde_json::json;

const FEW: usize = 1_000;
const MANY: usize = 100_000;

/// How much more the process may have taken for many members than for few, in KiB: what the caches of SQLite and of the allocator
/// grow to. Three times as many members take no more.
const GROWTH: u64 = 24 * 1024;

/// A hundred times the members take hardly more memory.
#[rstest]
#[tokio::test]
async fn an_export_takes_the_same_memory_whatever_its_size(#[values(On::Sqlite, On::Postgres)] on: On) {
    let smtp = SmtpServer::start().await;
    let roster = Installation::migrated(&smtp).await;
    let (roster, url) = match on {
        On::Sqlite => {
            let url = format!("sqlite://{}/roster.db", roster.folder().display());
            // Each connection of SQLite has a cache, which fills up to 2 MB whoever reads.
            let roster =
                roster.with("ROSTER_DATABASE__URL", url.as_str()).with("ROSTER_DATABASE__CONNECTIONS", "2");
            roster.run(&["migrate"]).await.succeeds();
            (roster, url)
        }
        On::Postgres => {
            let url = postgres_database().await;
            (roster.with("ROSTER_DATABASE__URL", url.as_str()), url)
        }
    };
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    let (serve, api) = roster.serve().await;
    let olivia = roster.token("olivia@acme.example", "Olivia").await;

    let mut peaks = Vec::new();
    for (slug, from, count) in [("small", 0, FEW), ("large", FEW, MANY)] {
        let input = json!({ "name": slug, "slug": slug });
        let created = api.mutate(&olivia, "createOrganization", input, "organization { id }").await;
        let organization = created["organization"]["id"].as_str().unwrap();
        let input = json!({ "organizationId": organization, "name": "Design", "permissions": [] });
        let group = api.mutate(&olivia, "createGroup", input, "group { id }").await;
        let group = group["group"]["id"].as_str().unwrap();
        seed_members(&db, organization, group, from + 1..=from + count, "").await;

        let (lines, bytes) = export(&api, &olivia, slug).await;
        assert_eq!(lines, 2 + count, "the names of the columns, the members and Olivia");
        let peak = serve.peak_memory();
        println!("{on:?}: {count} members, {bytes} bytes: at most {peak} KiB");
        peaks.push(peak);
    }
    assert!(peaks[1] - peaks[0] < GROWTH, "{peaks:?}");
    serve.stop().await;
}

/// Reads an export to its end: its lines and bytes.
async fn export(api: &Api, token: &str, organization: &str) -> (usize, usize) {
    let url = format!("{}/export/members?organization={organization}", api.url);
    let mut response = api.http.get(url).bearer_auth(token).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let (mut lines, mut bytes) = (0, 0);
    while let Some(part) = response.chunk().await.unwrap() {
        lines += part.iter().filter(|byte| **byte == b'\n').count();
        bytes += part.len();
    }
    (lines, bytes)
}
