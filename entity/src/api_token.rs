//! API tokens: a script's access to one organization, as the member who owns the token.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    QueryOrder, QuerySelect, Select,
    entity::prelude::*,
    sea_query::{Condition, ExprTrait},
};

use crate::{ApiTokenId, MemberId, OrganizationId, Permissions, member, one_of, user};

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

/// Where a token stands for a reader at a given time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Can be used.
    Active,
    /// Its time has passed.
    Expired,
    /// Was revoked, by somebody or with the membership of its owner.
    Revoked,
}

impl Model {
    /// Where the token stands at `now`.
    pub fn status(&self, now: DateTime<Utc>) -> Status {
        match (self.revoked_at, self.expires_at) {
            (Some(_), _) => Status::Revoked,
            (None, Some(end)) if end <= now => Status::Expired,
            (None, _) => Status::Active,
        }
    }
}

impl Entity {
    /// The tokens of an organization.
    pub fn in_organization(organization: OrganizationId) -> Select<Entity> {
        Self::find().filter(Column::OrganizationId.eq(organization))
    }

    /// The tokens of an organization that stand, at `now`, at one of `statuses`.
    pub fn with_status(
        organization: OrganizationId,
        statuses: &[Status],
        now: DateTime<Utc>,
    ) -> Select<Entity> {
        let mut any = Condition::any();
        for status in statuses {
            let valid = Column::RevokedAt.is_null();
            any = any.add(match status {
                Status::Revoked => Column::RevokedAt.is_not_null(),
                Status::Expired => valid.and(Column::ExpiresAt.lte(now)),
                Status::Active => valid.and(Column::ExpiresAt.is_null().or(Column::ExpiresAt.gt(now))),
            });
        }
        Self::in_organization(organization).filter(any)
    }
}

/// The tokens of each of these members of an organization that are valid at `now`.
pub async fn valid_of(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    members: impl IntoIterator<Item = MemberId>,
    now: DateTime<Utc>,
) -> Result<HashMap<MemberId, Vec<ApiTokenId>>, DbErr> {
    let rows: Vec<(MemberId, ApiTokenId)> = Entity::with_status(organization, &[Status::Active], now)
        .filter(one_of(conn.get_database_backend(), Column::MemberId, members))
        .select_only()
        .columns([Column::MemberId, Column::Id])
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(conn)
        .await?;
    let mut tokens: HashMap<_, Vec<_>> = HashMap::new();
    for (member, token) in rows {
        tokens.entry(member).or_default().push(token);
    }
    Ok(tokens)
}

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
