//! What administrators need beyond the first release: settings, the undoing of removals, filters of the activity log,
//! idempotency keys, emails that can be sent again.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &str = include_str!("m20261122_000002_administration.sql");

/// SQLite cannot change a CHECK, nor PostgreSQL copy a large table as quickly as change its columns: the new columns and
/// kind of `notifications` in the way of each.
const POSTGRES_NOTIFICATIONS: &str = "
    ALTER TABLE notifications
        ADD COLUMN activity_id uuid,
        ADD COLUMN resends integer NOT NULL DEFAULT 0,
        DROP CONSTRAINT notifications_kind_check,
        ADD CONSTRAINT notifications_kind_check
            CHECK (kind IN ('INVITATION', 'INVITATION_REVOKED', 'REMOVED', 'RESTORED', 'ROLE_CHANGED')),
        ADD FOREIGN KEY (organization_id, activity_id) REFERENCES activities (organization_id, id);
";
/// In the order in which operations come to them, so that a running version and the migration do not wait for each other.
const LOCK: &str =
    "LOCK TABLE members, organizations, api_tokens, activities, notifications IN ACCESS EXCLUSIVE MODE";
const SQLITE_NOTIFICATIONS: &str = include_str!("m20261122_000002_administration.sqlite.sql");

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let backend = db.get_database_backend();
        if backend == DatabaseBackend::Postgres {
            db.execute_unprepared(LOCK).await?;
        }
        let notifications = match backend {
            DatabaseBackend::Postgres => POSTGRES_NOTIFICATIONS,
            _ => SQLITE_NOTIFICATIONS,
        };
        let sql = TABLES.replace("{notifications}", notifications);
        db.execute_unprepared(&dialect(&sql, backend)).await?;
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("A migration cannot be taken back: restore the backup instead.".to_owned()))
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
