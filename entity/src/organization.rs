//! Organizations: the tenants. Everything else but people belongs to exactly one of them.

use sea_orm::{
    QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, LockType, Query, SimpleExpr},
};

use crate::{EmailAddress, EmailDomains, OrganizationId, UserId, cells::Cells, member};

/// A row of `organizations`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organizations")]
pub struct Model {
    /// The id of the row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrganizationId,
    /// Its name in addresses of pages: lower case letters, digits and hyphens. Unique.
    pub slug: String,
    /// The name.
    pub name: String,
    /// Whom members can ask; emails name it.
    pub contact_email: Option<EmailAddress>,
    /// Where answers to emails go; without it, to whom the emails name.
    pub reply_to_email: Option<EmailAddress>,
    /// A line of the organization's own under every email.
    pub branding_line: Option<String>,
    /// Whether people whose invitation is revoked are told by email.
    pub revocation_email: bool,
    /// How long an invitation can be accepted, in days.
    pub invitation_lifetime_days: i32,
    /// How long a removal can be undone, in days.
    pub restore_window_days: i32,
    /// The domains to whose addresses invitations can be sent; empty: all.
    #[sea_orm(column_type = "JsonBinary")]
    pub allowed_email_domains: EmailDomains,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// From the cells of its columns.
    pub(crate) fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            id: cells.take()?,
            slug: cells.take()?,
            name: cells.take()?,
            contact_email: cells.take_optional()?,
            reply_to_email: cells.take_optional()?,
            branding_line: cells.take_optional()?,
            revocation_email: cells.take()?,
            invitation_lifetime_days: cells.take()?,
            restore_window_days: cells.take()?,
            allowed_email_domains: cells.take()?,
            created_at: cells.take()?,
        })
    }

    /// How long an invitation can be accepted from the moment it is sent.
    pub fn invitation_lifetime(&self) -> chrono::TimeDelta {
        chrono::TimeDelta::days(self.invitation_lifetime_days.into())
    }

    /// How long a removal can be undone.
    pub fn restore_window(&self) -> chrono::TimeDelta {
        chrono::TimeDelta::days(self.restore_window_days.into())
    }
}

/// The organization, locked until the transaction ends, so that changes to its members happen one after the other:
/// this is what keeps an owner in every organization. `FOR NO KEY UPDATE` lets others insert rows that refer to it.
/// On SQLite the lock is the write transaction itself.
pub async fn lock(conn: &impl ConnectionTrait, id: impl Into<SimpleExpr>) -> Result<Option<Model>, DbErr> {
    let organization = Entity::find().filter(Expr::col((Entity, Column::Id)).eq(id.into()));
    organization.lock(LockType::NoKeyUpdate).one(conn).await
}

/// The same for an active member, in one statement: everybody else gets nothing, and waits for nobody. `id` is the id, or says
/// where it is found; of other organizations than `only` there is nothing either. Whether the member is still active when the
/// lock is got is to be asked again.
pub async fn lock_for(
    conn: &impl ConnectionTrait,
    id: SimpleExpr,
    user: UserId,
    only: Option<OrganizationId>,
) -> Result<Option<Model>, DbErr> {
    let is_member = Query::select()
        .expr(Expr::val(1))
        .from(member::Entity)
        .and_where(Expr::col((member::Entity, member::Column::OrganizationId)).equals((Entity, Column::Id)))
        .and_where(member::Column::UserId.eq(user))
        .and_where(member::Column::Status.eq(member::Status::Active))
        .take();
    let mut organization =
        Entity::find().filter(Expr::col((Entity, Column::Id)).eq(id)).filter(Expr::exists(is_member));
    if let Some(only) = only {
        organization = organization.filter(Column::Id.eq(only));
    }
    organization.lock(LockType::NoKeyUpdate).one(conn).await
}

/// The organization with this slug. No slug has a NUL, which PostgreSQL refuses in a text.
pub async fn by_slug(conn: &impl ConnectionTrait, slug: &str) -> Result<Option<Model>, DbErr> {
    if slug.contains('\0') {
        return Ok(None);
    }
    Entity::find().filter(Column::Slug.eq(slug)).one(conn).await
}
