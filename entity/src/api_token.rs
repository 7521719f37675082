//! API tokens: a script's access to one organization, as the member who owns the token.

use sea_orm::entity::prelude::*;

use crate::{ApiTokenId, MemberId, OrganizationId, Permissions, member, user};

/// A row of `api_tokens`.
#[sea_orm::model]
#[allow(missing_docs, reason = "sea-orm's macro adds a field without one")]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_tokens")]
pub struct Model {
    /// The id of the row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiTokenId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// The member as whom the token acts.
    pub member_id: MemberId,
    /// The name.
    pub name: String,
    /// SHA-256 of the secret, which has 256 random bits: nothing slower is needed.
    pub secret_hash: Vec<u8>,
    /// What the token may do, as far as its owner may.
    #[sea_orm(column_type = "JsonBinary")]
    pub permissions: Permissions,
    /// From when on it no longer holds.
    pub expires_at: Option<DateTimeUtc>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTimeUtc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "member_id", to = "id")]
    pub member: BelongsTo<super::member::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The token with this hash, and the person as whom it acts.
pub async fn by_hash(
    conn: &impl ConnectionTrait,
    secret_hash: &[u8],
) -> Result<Option<(Model, user::Model)>, DbErr> {
    let Some((token, Some(member))) = Entity::find()
        .filter(Column::SecretHash.eq(secret_hash))
        .find_also_related(member::Entity)
        .one(conn)
        .await?
    else {
        return Ok(None);
    };
    Ok(user::Entity::find_by_id(member.user_id).one(conn).await?.map(|user| (token, user)))
}
