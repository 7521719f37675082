//! How a person signs in: a subject at an issuer of tokens. A person can have several.

use sea_orm::entity::prelude::*;

use crate::{UserId, user};

/// A row of `identities`.
#[sea_orm::model]
#[allow(missing_docs, reason = "sea-orm's macro adds a field without one")]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identities")]
pub struct Model {
    /// The `iss` claim.
    #[sea_orm(primary_key, auto_increment = false)]
    pub issuer: String,
    /// The `sub` claim.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    /// The person.
    pub user_id: UserId,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The person who signs in as `subject` at `issuer`.
pub async fn user_of(
    conn: &impl ConnectionTrait,
    issuer: &str,
    subject: &str,
) -> Result<Option<user::Model>, DbErr> {
    let found = Entity::find_by_id((issuer.to_owned(), subject.to_owned()))
        .find_also_related(user::Entity)
        .one(conn)
        .await?;
    Ok(found.and_then(|(_, user)| user))
}
