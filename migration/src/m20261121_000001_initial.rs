//! All tables of the first release.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &str = include_str!("m20261121_000001_initial.sql");

/// Substring search on PostgreSQL. SQLite scans, which is fine for the sizes it is used for.
const POSTGRES_SEARCH: &str = "
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE EXTENSION IF NOT EXISTS btree_gin;
    CREATE INDEX members_search ON members USING gin (organization_id, search gin_trgm_ops);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let backend = db.get_database_backend();
        db.execute_unprepared(&dialect(TABLES, backend)).await?;
        if backend == DatabaseBackend::Postgres {
            db.execute_unprepared(POSTGRES_SEARCH).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration(
            "The first migration cannot be taken back: drop the database instead.".to_owned(),
        ))
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
