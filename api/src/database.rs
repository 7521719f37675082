//! The connections to the database.

use std::{borrow::Cow, fs, io, path::Path, time::Duration};

use roster_entity::crash_point::at_each_statement;
use roster_migration::migrate;
use sea_orm::{
    AccessMode, ConnAcquireErr, ConnectOptions, DatabaseBackend, DatabaseConnection, DatabaseTransaction,
    DbErr, IsolationLevel, RuntimeErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sqlx::{self, Connection, PgConnection},
};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use crate::config;

/// What PostgreSQL itself ends, so that a frozen process cannot hold a lock for ever. (Waiting for a busy organization
/// ends with `lock_timeout`, so that it cannot use up all connections.)
const IDLE_IN_TRANSACTION: (&str, &str) = ("idle_in_transaction_session_timeout", "60s");

/// How long connecting to PostgreSQL may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections for writing and for reading. On PostgreSQL they are one pool. On SQLite one connection writes, so that
/// writers queue up fairly instead of failing, and others read beside it.
#[derive(Clone, Debug)]
pub struct Database {
    write: DatabaseConnection,
    read: DatabaseConnection,
}

/// Why there is no usable database. Its `Display` says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// No connection.
    #[error(
        "Cannot reach the database of the setting database.url: {0}\nIs the server running, and are the address, user and password right?"
    )]
    Unreachable(DbErr),
    /// The folder of the SQLite file cannot be made.
    #[error("Cannot create the folder of the database file, {path}: {error}")]
    Folder {
        /// The folder.
        path: String,
        /// The reason.
        error: std::io::Error,
    },
    /// A schema older than this program.
    #[error(
        "The database lacks {0} migration(s) that this version of Roster needs. Run `roster migrate` first."
    )]
    OldSchema(usize),
    /// Migrating failed; nothing was changed.
    #[error("The database could not be migrated, and was left as it was: {0}")]
    Migration(DbErr),
}

impl Database {
    /// Connects.
    pub async fn connect(config: &config::Database) -> Result<Self, DatabaseError> {
        let url = config.url.expose_secret();
        match url.strip_prefix("sqlite://") {
            Some(path) => sqlite(path, config).await,
            None => postgres(url, config).await,
        }
    }

    /// For statements that change something, and for reading what was just changed.
    pub fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    /// For statements that only read.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// A transaction that may write. On SQLite it is IMMEDIATE: a transaction that reads first and writes later fails
    /// there as soon as another one has written.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.write.begin_with_options(options).await
    }

    /// A transaction that only reads, and sees the database as it is at one moment.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = match self.read.get_database_backend() {
            DatabaseBackend::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
            // Every transaction of SQLite is so.
            _ => TransactionOptions::default(),
        };
        self.read.begin_with_options(options).await
    }

    /// Brings the schema up to date, and returns how many migrations that took.
    pub async fn migrate(&self) -> Result<usize, DatabaseError> {
        migrate(&self.write).await.map_err(DatabaseError::Migration)
    }

    /// Refuses a schema that is older than the program.
    pub async fn require_schema(&self) -> Result<(), DatabaseError> {
        let schema = roster_migration::status(&self.write).await.map_err(DatabaseError::Unreachable)?;
        if schema.newer > 0 {
            tracing::warn!(migrations = schema.newer, "the database belongs to a newer version; going on");
        }
        match schema.pending {
            0 => Ok(()),
            pending => Err(DatabaseError::OldSchema(pending)),
        }
    }
}

/// Whether the database has broken a transaction off for the sake of another, so that running it again helps: a
/// serialization failure or deadlock of PostgreSQL, BUSY or LOCKED of SQLite with their extended codes.
pub fn broken_off(error: &DbErr) -> bool {
    code(error).is_some_and(|code| ["40001", "40P01", "5", "6", "261", "262", "517"].contains(&code.as_ref()))
}

/// Whether a statement has waited for others as long as the settings let it: for a lock, on SQLite for another process (5) or
/// for the one connection that writes.
pub fn waited_too_long(error: &DbErr) -> bool {
    matches!(error, DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))
        || code(error).is_some_and(|code| code == "55P03" || code == "5")
}

/// Whether the connection was lost, because PostgreSQL was stopped or the network failed. What was not committed was not done;
/// of a commit it is not known.
pub fn disconnected(error: &DbErr) -> bool {
    match sqlx_error(error) {
        Some(sqlx::Error::Io(_) | sqlx::Error::Protocol(_)) => true,
        // 57P01 to 57P05: PostgreSQL is stopped, or ends the connection.
        _ => code(error).is_some_and(|code| code.starts_with("57P") || code.starts_with("08")),
    }
}

fn code(error: &DbErr) -> Option<Cow<'_, str>> {
    sqlx_error(error)?.as_database_error()?.code()
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

async fn postgres(url: &str, config: &config::Database) -> Result<Database, DatabaseError> {
    try_postgres(url).await.map_err(DatabaseError::Unreachable)?;
    let lock_timeout = format!("{}s", config.lock_timeout_seconds);
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(config.connections)
        .min_connections(1)
        .connect_timeout(CONNECT_TIMEOUT)
        .acquire_timeout(CONNECT_TIMEOUT)
        // The default pings at every checkout, which costs a third of a short statement. While PostgreSQL is started anew,
        // all connections are idle for longer.
        .test_before_acquire_if_idle_for(Duration::from_secs(1))
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(move |options| {
            let limits = [("lock_timeout", lock_timeout.as_str()), IDLE_IN_TRANSACTION];
            options.statement_cache_capacity(500).options(limits)
        });
    let pool = sea_orm::Database::connect(options).await.map_err(DatabaseError::Unreachable)?;
    let pool = at_each_statement(pool);
    Ok(Database { write: pool.clone(), read: pool })
}

/// Connects once. The pool would try again until its time is up, and then say that and not the reason.
async fn try_postgres(url: &str) -> Result<(), DbErr> {
    let connect = async { PgConnection::connect(url).await?.close().await };
    let too_late = || Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into()));
    let result = timeout(CONNECT_TIMEOUT, connect).await.unwrap_or_else(|_| too_late());
    result.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))
}

async fn sqlite(path: &str, config: &config::Database) -> Result<Database, DatabaseError> {
    let path = path.split('?').next().unwrap_or(path);
    if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)
            .map_err(|error| DatabaseError::Folder { path: folder.display().to_string(), error })?;
    }
    let busy_timeout = Duration::from_secs(config.lock_timeout_seconds.into());
    let mut writer = ConnectOptions::new(format!("sqlite://{path}?mode=rwc"));
    writer
        .max_connections(1)
        .min_connections(1)
        .acquire_timeout(busy_timeout)
        .sqlx_logging(false)
        // WAL lets readers read while somebody writes.
        .map_sqlx_sqlite_opts(move |options| {
            let options = options.busy_timeout(busy_timeout);
            options.pragma("journal_mode", "WAL").pragma("synchronous", "NORMAL")
        });
    let write = sea_orm::Database::connect(writer).await.map_err(DatabaseError::Unreachable)?;
    let mut reader = ConnectOptions::new(format!("sqlite://{path}?mode=ro"));
    reader.max_connections(config.connections).min_connections(1).sqlx_logging(false);
    let read = sea_orm::Database::connect(reader).await.map_err(DatabaseError::Unreachable)?;
    Ok(Database { write: at_each_statement(write), read: at_each_statement(read) })
}
