//! An outbox that has filled while the mail server was away for long: it goes out oldest first, each email once, in memory
//! that does not grow; and the API goes on answering.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use roster_tests::{
    Api, Effort, Installation, On, Process, seed_members, seed_outbox, smtp_server::SmtpServer,
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::json;

/// How many emails a worker works on at one time, as the settings say.
const CONCURRENCY: usize = 64;
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
            url = roster.setting("ROSTER_DATABASE__URL").unwrap().to_owned();
        }
        On::Sqlite => {
            roster = Installation::embedded().sending_to(smtp);
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

/// The number of the member who gets the next email. Others get some too: the embedded default has an organization to play with.
async fn next_of_the_crowd(smtp: &SmtpServer) -> usize {
    loop {
        let mail = smtp.next_mail().await;
        let number = mail.to[0].strip_prefix('p').and_then(|address| address.strip_suffix("@example.com"));
        if let Some(number) = number.and_then(|number| number.parse().ok()) {
            return number;
        }
    }
}

/// The order in which emails have arrived. Each once: all below `lowest`, and those above it that are in `early`.
#[derive(Default)]
struct Line {
    lowest: usize,
    early: BTreeSet<usize>,
    /// How many older ones had not arrived when an email came; the most.
    overtaken: usize,
}

impl Line {
    fn arrived(&mut self, number: usize) {
        // Members count from 1.
        let place = number - 1;
        assert!(place >= self.lowest && self.early.insert(place), "{number} got the email twice");
        let older = place - self.lowest - self.early.range(..place).count();
        self.overtaken = self.overtaken.max(older);
        while self.early.remove(&self.lowest) {
            self.lowest += 1;
        }
    }
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
    let rows = Effort::get().of(2_000, 100_000);
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
        let (start, mut fifths, mut peak, mut line) = (Instant::now(), Vec::new(), 0, Line::default());
        for n in 1..=rows {
            line.arrived(next_of_the_crowd(&smtp).await);
            if n == rows / 5 {
                peak = waiting.worker.peak_memory();
            }
            if n % (rows / 5) == 0 {
                fifths.push(start.elapsed());
            }
        }
        (fifths, waiting.worker.peak_memory() - peak, line.overtaken)
    };
    let during = pages(&waiting.api, &token, &acme, 50);
    let ((fifths, growth, overtaken), during) = tokio::join!(drained, during);

    assert!(overtaken < CONCURRENCY, "an email overtook {overtaken} older ones");
    assert!(growth <= GROWTH, "memory grew by {growth} KiB");
    waiting.all_sent_at_the_first_attempt(rows).await;

    let rate = |from: Duration, to: Duration| (rows / 5) as f64 / (to - from).as_secs_f64();
    println!(
        "{on:?}: {rows} emails in {:.1?}; emails a second in the first fifth {:.0}, in the last {:.0}; a page before {:.1?}, during {:.1?} (medians); memory +{growth} KiB; {overtaken} overtaken at most",
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
