//! Migrations that are a text, and no more.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::dialect;

/// A migration that is one SQL text for both databases.
pub(crate) struct Script {
    /// Under which it is known to have been applied: it never changes.
    name: &'static str,
    /// The tables that it changes and reads, in the order in which operations come to them. PostgreSQL locks them first, so that a running
    /// version and the migration do not wait for each other.
    locks: Option<&'static str>,
    sql: &'static str,
}

/// Indexes for lists that cost the same however large they are.
pub(crate) const FLAT_LISTS: Script = Script {
    name: "m20261122_000003_flat_lists",
    locks: None,
    sql: include_str!("m20261122_000003_flat_lists.sql"),
};

/// Indexes for lists by where their items stand, and for lists beside those of busier organizations.
pub(crate) const LISTS_BY_STATUS: Script = Script {
    name: "m20261122_000004_lists_by_status",
    locks: Some("api_tokens, invitations, notifications"),
    sql: include_str!("m20261122_000004_lists_by_status.sql"),
};

impl MigrationName for Script {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Script {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let backend = db.get_database_backend();
        if let (DatabaseBackend::Postgres, Some(tables)) = (backend, self.locks) {
            db.execute_unprepared(&format!("LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")).await?;
        }
        db.execute_unprepared(&dialect(self.sql, backend)).await?;
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("A migration cannot be taken back: restore the backup instead.".to_owned()))
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
