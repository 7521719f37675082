//! An outbox that has filled while the mail server was away for long: it goes out oldest first, each email once, in memory
//! that does not grow; and the API goes on answering.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use roster_tests::{
    Api, Effort, Installation, On, Process, seed_members, seed_outbox, smtp_server::SmtpServer,
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::json;

/// How far from its place in the line an email may arrive: as many are under way at one time, and as many wait in hand.
const UNDER_WAY: usize = 64;
/// How much more memory the last four fifths may need than the first, in KiB.
const GROWTH: u64 = 16 * 1024;

/// A Roster whose mail server is away.
struct Waiting {
    roster: Installation,
    api: Api,
    /// What sends the emails.
    worker: Process,
    _serve: Option<Process>,
    db: DatabaseConnection,
}

async fn start(on: On, smtp: &SmtpServer) -> Waiting {
    let (roster, serve, api, worker, url);
    match on {
        On::Postgres => {
            roster = Installation::migrated(smtp).await;
            let (process, served) = roster.serve().await;
            (serve, api, worker) = (Some(process), served, roster.start(&["worker"]));
            url = roster.variable("ROSTER_DATABASE__URL").to_owned();
        }
        On::Sqlite => {
            roster = Installation::embedded().with_mail_to(smtp);
            worker = roster.start(&[]);
            let line = worker.says("/graphql").await;
            api = Api::new(line.trim().trim_start_matches("API").trim().trim_end_matches("/graphql"));
            serve = None;
            url = format!("sqlite://{}/data/roster.db", roster.folder().display());
        }
    }
    worker.says("emails cannot be sent now").await;
    let db = Database::connect(url).await.unwrap();
    Waiting { roster, api, worker, _serve: serve, db }
}

/// The address of the member with this number.
fn number(address: &str) -> usize {
    address.strip_prefix('p').unwrap().strip_suffix("@example.com").unwrap().parse().unwrap()
}

/// How long a page of members takes, many times over.
async fn pages(api: &Api, token: &str, acme: &str, times: usize) -> Vec<Duration> {
    let query = "query ($id: ID!) { organization(id: $id) { members(first: 50) { nodes { role user { displayName } groups { name } } } } }";
    let mut took = Vec::new();
    for _ in 0..times {
        let start = Instant::now();
        let page = api.graphql(token, query, json!({ "id": acme })).await;
        assert_eq!(page.at("/organization/members/nodes").as_array().unwrap().len(), 50);
        took.push(start.elapsed());
    }
    took.sort_unstable();
    took
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_has_piled_up_goes_out_oldest_first_and_once(#[values(On::Sqlite, On::Postgres)] on: On) {
    let rows = Effort::get().of(3_000, 100_000);
    let smtp = SmtpServer::builder().headers_only().start().await;
    smtp.refuse_connections().await;
    let waiting = start(on, &smtp).await;
    let token = waiting.roster.token("ada@example.com", "Ada").await;
    let acme = waiting.api.create_organization(&token, "Piled Up").await;
    let group = json!({ "organizationId": acme, "name": "Design" });
    let group = waiting.api.mutate(&token, "createGroup", group, "group { id }").await;
    seed_members(&waiting.db, &acme, group["group"]["id"].as_str().unwrap(), 1..=rows, "").await;
    let before = pages(&waiting.api, &token, &acme, 50).await;
    seed_outbox(&waiting.db, &acme).await;

    smtp.heal();
    let drained = async {
        let (start, mut fifths, mut peak, mut arrived) = (Instant::now(), Vec::new(), 0, Vec::new());
        for n in 1..=rows {
            arrived.push(number(&smtp.next_mail().await.to[0]));
            if n == rows / 5 {
                peak = waiting.worker.peak_memory();
            }
            if n % (rows / 5) == 0 {
                fifths.push(start.elapsed());
            }
        }
        (fifths, waiting.worker.peak_memory() - peak, arrived)
    };
    let during = async { pages(&waiting.api, &token, &acme, 50).await };
    let ((fifths, growth, arrived), during) = tokio::join!(drained, during);

    let places: HashMap<_, _> =
        arrived.iter().enumerate().map(|(place, number)| (*number, place + 1)).collect();
    assert_eq!(places.len(), rows, "each recipient got one");
    let moved = places.iter().map(|(number, place)| number.abs_diff(*place)).max().unwrap();
    assert!(moved <= UNDER_WAY, "an email arrived {moved} places from where it should");
    assert!(growth <= GROWTH, "memory grew by {growth} KiB");
    waiting.all_sent_at_the_first_attempt(rows).await;

    let rate = |from: Duration, to: Duration| (rows / 5) as f64 / (to - from).as_secs_f64();
    println!(
        "{on:?}: {rows} emails in {:.1?}; emails a second in the first fifth {:.0}, in the last {:.0}; a page before {:.1?}, during {:.1?} (medians); memory +{growth} KiB; at most {moved} places out of line",
        fifths[4],
        rate(Duration::ZERO, fifths[0]),
        rate(fifths[3], fifths[4]),
        before[25],
        during[25],
    );
}

impl Waiting {
    /// The last ones are written down a moment after they have arrived.
    async fn all_sent_at_the_first_attempt(&self, rows: usize) {
        let count = "SELECT count(*) AS n FROM notifications WHERE kind = 'REMOVED' AND status = 'SENT' AND attempts = 1";
        let patience = Instant::now() + Duration::from_secs(30);
        loop {
            let statement = Statement::from_string(self.db.get_database_backend(), count);
            let row = self.db.query_one_raw(statement).await.unwrap().unwrap();
            let sent: i64 = row.try_get("", "n").unwrap();
            if sent == rows as i64 {
                return;
            }
            assert!(Instant::now() < patience, "{sent} of {rows} are SENT at the first attempt");
            tokio::task::yield_now().await;
        }
    }
}
