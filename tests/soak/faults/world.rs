//! The installation in the storm: two API processes and two workers, beside servers of their own.

use std::{
    collections::BTreeSet,
    sync::{Arc, RwLock},
    time::Duration,
};

use fastrand::Rng;
use roster_entity::{Role, member, notification};
use roster_tests::{
    Installation, PostgresServer, Process, RedisServer, seed_members, smtp_server::SmtpServer,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, TransactionTrait,
};
use serde_json::json;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::{
    clients::{Front, PATIENCE},
    errands::{Acme, Size},
};

/// The name of the Redis list.
pub(super) const LIST: &str = "roster:storm";
/// How many emails one worker works on at one time.
pub(super) const CONCURRENCY: usize = 16;
/// How long sending an email may take.
pub(super) const SEND_TIMEOUT: Duration = Duration::from_secs(3);

const SETTINGS: [(&str, &str); 8] = [
    ("ROSTER_QUEUE__KEY", LIST),
    ("ROSTER_WORKER__CONCURRENCY", "16"),
    // Longer than a restart of PostgreSQL takes on a busy machine: what was sent must be written down in this time.
    ("ROSTER_WORKER__LEASE_SECONDS", "8"),
    ("ROSTER_WORKER__RETRY_SECONDS", "1"),
    ("ROSTER_WORKER__SWEEP_INTERVAL_SECONDS", "1"),
    ("ROSTER_MAIL__SMTP__CONNECT_TIMEOUT_SECONDS", "1"),
    ("ROSTER_MAIL__SMTP__SEND_TIMEOUT_SECONDS", "3"),
    ("ROSTER_LOG__FILTER", "info"),
];

pub(super) struct World {
    pub(super) smtp: SmtpServer,
    pub(super) postgres: PostgresServer,
    pub(super) redis: RedisServer,
    pub(super) front: Arc<Front>,
    /// Nothing only while one is being started again.
    apis: [Option<Process>; 2],
    pub(super) workers: Vec<Worker>,
    /// The names of workers that were killed.
    pub(super) killed: Vec<String>,
    pub(super) acme: Acme,
    /// The addresses that have no mailbox.
    pub(super) unknown: BTreeSet<String>,
    roster: Installation,
    hired: usize,
}

/// A worker process.
pub(super) struct Worker {
    /// What it greets the mail server with: no other, before or after, has the same.
    pub(super) name: String,
    pub(super) process: Process,
}

impl World {
    /// Everything runs, and an organization has its members.
    pub(super) async fn start(chance: &mut Rng, size: Size) -> Self {
        let unknown = size.unknown(chance);
        let smtp = unknown.iter().fold(SmtpServer::builder(), |smtp, address| smtp.without_mailbox(address));
        let (smtp, postgres, redis) =
            tokio::join!(smtp.start(), PostgresServer::start(), RedisServer::start());
        let installation = Installation::beside(&smtp, &postgres, &redis);
        let roster =
            SETTINGS.into_iter().fold(installation, |roster, (name, value)| roster.with(name, value));
        roster.run(&["migrate"]).await.succeeds();

        let ((one, api), (other, second)) = tokio::join!(roster.serve(), roster.serve());
        let mut hired = 0;
        let workers = vec![hire(&roster, &mut hired), hire(&roster, &mut hired)];
        let token = roster.token("olivia@acme.example", "Olivia").await;
        let id = api.create_acme(&token).await;
        let query = "query ($id: ID!) { organization(id: $id) { viewerMember { id } } }";
        let owner =
            api.graphql(&token, query, json!({ "id": id })).await.text("/organization/viewerMember/id");
        let db = connect(&postgres).await;
        let half = size.members() / 2;
        for (name, numbers) in [("Design", 1..=half), ("On-call", half + 1..=size.members())] {
            let input = json!({ "organizationId": id, "name": name });
            let group = api.mutate(&token, "createGroup", input, "group { id }").await;
            seed_members(&db, &id, group["group"]["id"].as_str().unwrap(), numbers, "").await;
        }
        let members = member::Entity::find().filter(member::Column::Role.eq(Role::Member));
        let members = members.all(&db).await.unwrap().iter().map(|member| member.id.to_string()).collect();

        let front = Front {
            http: api.http.clone(),
            token,
            urls: RwLock::new([api.url, second.url]),
            in_flight: watch::Sender::default(),
        };
        Self {
            smtp,
            postgres,
            redis,
            front: Arc::new(front),
            apis: [Some(one), Some(other)],
            workers,
            killed: Vec::new(),
            acme: Acme { id, owner, members },
            unknown,
            roster,
            hired,
        }
    }

    /// Kills an API process, and starts another one in its place.
    pub(super) async fn kill_api(&mut self, number: usize) {
        self.apis[number].take().unwrap().kill().await;
        let (process, api) = self.roster.serve().await;
        self.front.urls.write().unwrap()[number] = api.url;
        self.apis[number] = Some(process);
    }

    /// What the API processes that there are have logged as errors.
    pub(super) fn errors(&self) -> String {
        let said: Vec<_> = self.apis.iter().flatten().map(Process::said).collect();
        let errors = said.iter().flat_map(|said| said.lines()).filter(|line| line.contains("ERROR"));
        errors.collect::<Vec<_>>().join("\n")
    }

    /// Starts a worker in the place of one that is to be ended; returns that one.
    pub(super) fn replace_worker(&mut self, number: usize) -> Worker {
        let new = hire(&self.roster, &mut self.hired);
        std::mem::replace(&mut self.workers[number], new)
    }

    /// Somebody else changes the organization for a while: requests wait.
    pub(super) async fn lock_organization(&self) -> DatabaseTransaction {
        let tx = connect(&self.postgres).await.begin().await.unwrap();
        tx.execute_unprepared("SELECT id FROM organizations FOR UPDATE").await.unwrap();
        tx
    }

    /// The ids of emails, the newest first.
    pub(super) async fn newest_notifications(&self, count: u64) -> Vec<String> {
        let newest = notification::Entity::find().order_by_desc(notification::Column::Id).limit(count);
        let rows = newest.all(&connect(&self.postgres).await).await.unwrap();
        rows.iter().map(|row| row.id.to_string()).collect()
    }

    /// Ends all workers in good order, so that nothing happens any more.
    pub(super) async fn stop_workers(&mut self) {
        for worker in self.workers.drain(..) {
            let said = worker.process.stop().await;
            assert!(!said.contains("panicked"), "{said}");
        }
    }

    /// Waits until every email was sent or given up, and the queue is empty.
    pub(super) async fn drained(&self, patience: Duration) {
        let db = connect(&self.postgres).await;
        let drained = async {
            while !queued(&db).await.is_empty() || self.redis.length(LIST).await > 0 {
                sleep(Duration::from_millis(100)).await;
            }
        };
        if timeout(patience, drained).await.is_err() {
            let (left, ids) = (queued(&db).await, self.redis.length(LIST).await);
            panic!(
                "after {patience:?}, {} emails are queued, and {ids} ids are in Redis; {:#?}",
                left.len(),
                left.first()
            );
        }
    }
}

fn hire(roster: &Installation, hired: &mut usize) -> Worker {
    *hired += 1;
    let name = format!("worker-{hired}.acme.example");
    let process = roster.start_with(&["worker"], &[("ROSTER_MAIL__SMTP__HELLO", &name)]);
    Worker { name, process }
}

pub(super) async fn connect(postgres: &PostgresServer) -> DatabaseConnection {
    timeout(PATIENCE, Database::connect(postgres.url())).await.expect("PostgreSQL answers").unwrap()
}

async fn queued(db: &DatabaseConnection) -> Vec<notification::Model> {
    notification::Entity::find().filter(notification::queued()).all(db).await.unwrap()
}
