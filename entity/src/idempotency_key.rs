//! Idempotency keys: what a caller was answered to a request, so that the same request is not carried out twice.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::{OrganizationId, UserId};

/// A row of `idempotency_keys`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// The organization in which the request acted.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// Who sent it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// What the caller calls it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// SHA-256 of the operation and its input.
    pub request_hash: Vec<u8>,
    /// What was answered.
    #[sea_orm(column_type = "JsonBinary")]
    pub answer: Json,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// A caller's key.
pub async fn find(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    user: UserId,
    key: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((organization, user, key.to_owned())).one(conn).await
}

/// Forgets the keys of an organization that are as old as `until` or older.
pub async fn forget(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    until: DateTime<Utc>,
) -> Result<(), DbErr> {
    let old = Entity::delete_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::CreatedAt.lte(until));
    old.exec(conn).await.map(drop)
}
