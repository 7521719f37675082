//! The schema of Roster's database, for PostgreSQL and SQLite.
//!
//! A migration is one SQL text for both: the few words that differ are written in braces (see [`dialect`]).

use std::collections::HashSet;

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, IntoDatabaseExecutor, TransactionTrait},
};

mod m20261121_000001_initial;
mod m20261122_000002_administration;
mod script;

/// All migrations, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_initial::Migration),
            Box::new(m20261122_000002_administration::Migration),
            Box::new(script::FLAT_LISTS),
            Box::new(script::LISTS_BY_STATUS),
        ]
    }
}

/// Where sea-orm-migration keeps what was applied.
const TABLE: &str = "seaql_migrations";

/// "ROST": the advisory lock that makes migrating processes wait for each other.
const LOCK: i64 = 0x524F_5354;

/// How a database's schema stands to this program's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// How many migrations the database lacks.
    pub pending: usize,
    /// How many migrations of a newer program it has. That is fine: they are written so that the version before can go on
    /// while a deployment is under way.
    pub newer: usize,
}

/// Brings the database to the newest schema, all or nothing, and returns how many migrations that took. Processes that
/// migrate at the same time wait for each other; the later ones find nothing to do.
pub async fn migrate(db: &DatabaseConnection) -> Result<usize, DbErr> {
    let tx = db.begin().await?;
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    }
    let Status { pending, .. } = status(&tx).await?;
    if pending > 0 {
        Migrator::up(&tx, None).await?;
    }
    tx.commit().await?;
    Ok(pending)
}

/// Compares the database's schema with this program's. Writes nothing.
pub async fn status<'c, C>(conn: &'c C) -> Result<Status, DbErr>
where
    C: ConnectionTrait,
    &'c C: IntoDatabaseExecutor<'c>,
{
    let applied: HashSet<String> = if SchemaManager::new(conn).has_table(TABLE).await? {
        let names = Query::select().column("version").from(TABLE).to_owned();
        let rows = conn.query_all(&names).await?;
        rows.iter().map(|row| row.try_get("", "version")).collect::<Result<_, _>>()?
    } else {
        HashSet::new()
    };
    let known: HashSet<String> = Migrator::migrations().iter().map(|m| m.name().to_owned()).collect();
    Ok(Status { pending: known.difference(&applied).count(), newer: applied.difference(&known).count() })
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
            ("{nulls_first}", "NULLS FIRST"),
        ],
        _ => [
            ("{uuid}", "blob"),
            ("{timestamp}", "text"),
            ("{json}", "text"),
            ("{bytes}", "blob"),
            ("{bytewise}", "COLLATE BINARY"),
            // They always are.
            ("{nulls_first}", ""),
        ],
    };
    words.into_iter().fold(sql.to_owned(), |sql, (word, meaning)| sql.replace(word, meaning))
}
