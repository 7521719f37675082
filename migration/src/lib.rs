//! The schema of Roster's database, for PostgreSQL and SQLite.
//!
//! A migration is one SQL text for both: the few words that differ are written in braces (see [`dialect`]).

use sea_orm_migration::{
    prelude::*,
    sea_orm::{DatabaseBackend, DatabaseConnection, DatabaseTransaction, TransactionTrait},
};

mod m20261121_000001_initial;

/// All migrations, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261121_000001_initial::Migration)]
    }
}

/// "ROST": the advisory lock that makes migrating processes wait for each other.
const LOCK: i64 = 0x524F_5354;

/// Brings the database to the newest schema, all or nothing, and returns how many migrations that took. Processes that
/// migrate at the same time wait for each other; the later ones find nothing to do.
pub async fn migrate(db: &DatabaseConnection) -> Result<usize, DbErr> {
    let tx = db.begin().await?;
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    }
    let pending = pending_in(&tx).await?;
    Migrator::up(&tx, None).await?;
    tx.commit().await?;
    Ok(pending)
}

async fn pending_in(tx: &DatabaseTransaction) -> Result<usize, DbErr> {
    Ok(Migrator::get_pending_migrations(tx).await?.len())
}

/// How many migrations the database lacks. Writes nothing.
pub async fn pending(db: &DatabaseConnection) -> Result<usize, DbErr> {
    Ok(Migrator::get_pending_migrations_read_only(db).await?.len())
}

/// Puts a dialect's words for the braces in a migration's SQL.
fn dialect(sql: &str, backend: DatabaseBackend) -> String {
    let words = match backend {
        DatabaseBackend::Postgres => [
            ("{uuid}", "uuid"),
            ("{timestamp}", "timestamptz"),
            ("{json}", "jsonb"),
            ("{bytes}", "bytea"),
            ("{bytewise}", "COLLATE \"C\""),
        ],
        _ => [
            ("{uuid}", "blob"),
            ("{timestamp}", "text"),
            ("{json}", "text"),
            ("{bytes}", "blob"),
            ("{bytewise}", "COLLATE BINARY"),
        ],
    };
    words.into_iter().fold(sql.to_owned(), |sql, (word, meaning)| sql.replace(word, meaning))
}
