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

/// Whether a person has ever signed in: nobody has as somebody who is known from an invitation only.
pub async fn has_signed_in(conn: &impl ConnectionTrait, user: UserId) -> Result<bool, DbErr> {
    Ok(Entity::find().filter(Column::UserId.eq(user)).one(conn).await?.is_some())
}

/// As which subject a person signs in at this issuer.
pub async fn subject_at(
    conn: &impl ConnectionTrait,
    user: UserId,
    issuer: &str,
) -> Result<Option<String>, DbErr> {
    let at_issuer = Entity::find().filter(Column::UserId.eq(user)).filter(Column::Issuer.eq(issuer));
    Ok(at_issuer.one(conn).await?.map(|identity| identity.subject))
}
