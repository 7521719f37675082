//! A database and a queue for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use roster_api::config::Config;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// On what a test runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// The embedded default: SQLite and the in-process queue.
    Sqlite,
    /// Production: PostgreSQL and Redis.
    Postgres,
}

impl On {
    /// Points the settings to a database and a queue that nobody else uses; returns what has to live as long as they.
    pub(crate) async fn prepare(self, config: &mut Config) -> TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        match self {
            On::Sqlite => {
                config.database.url = format!("sqlite://{}/roster.db", folder.path().display()).into();
            }
            On::Postgres => {
                config.database.url = postgres_database().await.into();
                config.queue.url = server("ROSTER_TEST_REDIS_URL").into();
                config.queue.key = unique("test");
                config.rate_limits.key = unique("limits");
                config.events.channel = unique("test-events");
            }
        }
        folder
    }
}

/// What `tests/with-services` says about the servers that it has started. A test never passes without its server.
#[expect(clippy::disallowed_methods, reason = "where tests/with-services says it")]
pub(crate) fn server(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set. Run `make test`, or `tests/with-services cargo test -p roster-tests NAME`.")
    })
}

/// A name that nobody else has on these servers.
fn unique(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{prefix}_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// The name of a migrated database, from which each test has a copy: much faster than migrating.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// A new database with the schema; its address.
pub async fn postgres_database() -> String {
    let url = server("ROSTER_TEST_POSTGRES_URL");
    let maintenance = connect(&url).await;
    let template = TEMPLATE
        .get_or_init(|| async {
            let name = unique("template");
            execute(&maintenance, &format!("CREATE DATABASE {name}")).await;
            let db = connect(&with_database(&url, &name)).await;
            roster_migration::migrate(&db).await.expect("the migrations run");
            db.close().await.expect("nobody is connected to the template");
            name
        })
        .await;
    let name = unique("test");
    execute(&maintenance, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    with_database(&url, &name)
}

/// A new database that is a copy of another one, to which nobody may be connected; its address.
pub async fn copy_of_postgres_database(original: &str) -> String {
    let url = server("ROSTER_TEST_POSTGRES_URL");
    let name = unique("test");
    execute(&connect(&url).await, &format!("CREATE DATABASE {name} TEMPLATE {}", name_of(original))).await;
    with_database(&url, &name)
}

/// Ends a database and whoever is connected to it.
pub async fn drop_postgres_database(database: &str) {
    let url = server("ROSTER_TEST_POSTGRES_URL");
    execute(&connect(&url).await, &format!("DROP DATABASE {} WITH (FORCE)", name_of(database))).await;
}

/// A new database without tables; its address.
pub async fn empty_postgres_database() -> String {
    let url = server("ROSTER_TEST_POSTGRES_URL");
    let name = unique("test");
    execute(&connect(&url).await, &format!("CREATE DATABASE {name}")).await;
    with_database(&url, &name)
}

/// The address of the tests' Redis.
pub fn redis_url() -> String {
    server("ROSTER_TEST_REDIS_URL")
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.expect("the tests' PostgreSQL can be reached")
}

async fn execute(db: &DatabaseConnection, sql: &str) {
    db.execute_unprepared(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
}

fn with_database(url: &str, name: &str) -> String {
    let (server, _) = url.rsplit_once('/').expect("the address ends with the database");
    format!("{server}/{name}")
}

/// The name of the database in an address.
pub(crate) fn name_of(url: &str) -> &str {
    url.rsplit_once('/').expect("the address ends with the database").1
}
