//! Invitations of people to organizations. The secret of the link is derived when the email is written and is kept
//! nowhere; a row holds only the version of the link that is valid now.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    DatabaseBackend, QueryOrder, QuerySelect, Select,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};

use crate::{
    EmailAddress, InvitationId, MemberId, NormalizedEmail, OrganizationId, UserId, literal::has_word, one_of,
};

/// Where an invitation stands, as the database keeps it: that it has expired follows from `expires_at` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Answer {
    /// Neither answered nor revoked.
    Pending,
    /// The person has joined.
    Accepted,
    /// The person does not want to join.
    Declined,
    /// Somebody of the organization has withdrawn it.
    Revoked,
}

/// Where an invitation stands for a reader at a given time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Can be accepted.
    Pending,
    /// Its time has passed; resending renews it.
    Expired,
    /// The person has joined.
    Accepted,
    /// The person does not want to join.
    Declined,
    /// Somebody of the organization has withdrawn it.
    Revoked,
}

/// A row of `invitations`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub struct Model {
    /// The id of the row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// The member.
    pub member_id: MemberId,
    /// The address, as it was typed.
    pub email: EmailAddress,
    /// What addresses are compared by.
    pub email_norm: NormalizedEmail,
    /// What became of it.
    pub answer: Answer,
    /// Counts up when the invitation is resent, which makes the older link invalid.
    pub link_version: i32,
    /// From when on it no longer holds.
    pub expires_at: DateTimeUtc,
    /// When it was last sent.
    pub sent_at: DateTimeUtc,
    /// Who invited.
    pub invited_by: UserId,
    /// When it was accepted, declined or revoked.
    pub answered_at: Option<DateTimeUtc>,
    /// Who revoked it.
    pub revoked_by: Option<UserId>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl Status {
    /// What the row says.
    fn answer(self) -> Answer {
        match self {
            Status::Pending | Status::Expired => Answer::Pending,
            Status::Accepted => Answer::Accepted,
            Status::Declined => Answer::Declined,
            Status::Revoked => Answer::Revoked,
        }
    }
}

impl Model {
    /// Where the invitation stands at `now`.
    pub fn status(&self, now: DateTime<Utc>) -> Status {
        match self.answer {
            Answer::Pending if self.expires_at <= now => Status::Expired,
            Answer::Pending => Status::Pending,
            Answer::Accepted => Status::Accepted,
            Answer::Declined => Status::Declined,
            Answer::Revoked => Status::Revoked,
        }
    }
}

impl Entity {
    /// The invitations of an organization.
    pub fn in_organization(organization: OrganizationId) -> Select<Entity> {
        Self::find().filter(Column::OrganizationId.eq(organization))
    }

    /// The invitations of an organization that stand, at `now`, at one of `statuses`.
    pub fn with_status(
        backend: DatabaseBackend,
        organization: OrganizationId,
        statuses: &[Status],
        now: DateTime<Utc>,
    ) -> Select<Entity> {
        let answers: Vec<_> = statuses.iter().map(|status| status.answer()).collect();
        let mut invitations =
            Self::in_organization(organization).filter(has_word("invitations.answer", &answers));
        if backend == DatabaseBackend::Sqlite && !answers.contains(&Answer::Accepted) {
            // In the words of the partial index for them, as SQLite does not see that this follows. PostgreSQL does, and would take it for one
            // condition more.
            invitations = invitations.filter(Expr::cust("invitations.answer <> 'ACCEPTED'"));
        }
        let in_time = match [Status::Pending, Status::Expired].map(|status| statuses.contains(&status)) {
            [true, false] => Column::ExpiresAt.gt(now),
            [false, true] => Column::ExpiresAt.lte(now),
            _ => return invitations,
        };
        invitations.filter(in_time.or(Expr::cust("invitations.answer <> 'PENDING'")))
    }

    /// The invitations of an organization that are neither answered nor revoked, expired or not.
    pub fn open(organization: OrganizationId) -> Select<Entity> {
        // Written out, not bound, so that PostgreSQL can use the partial indexes with any plan.
        Self::in_organization(organization).filter(Expr::cust("invitations.answer = 'PENDING'"))
    }
}

/// A member's open invitation, expired or not; there is at most one.
pub async fn open_of_member(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    member: MemberId,
) -> Result<Option<Model>, DbErr> {
    Entity::open(organization).filter(Column::MemberId.eq(member)).one(conn).await
}

/// The open invitations of these members, expired or not; each has at most one.
pub async fn open_of_members(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    members: impl IntoIterator<Item = MemberId>,
) -> Result<HashMap<MemberId, Model>, DbErr> {
    let members: Vec<_> = members.into_iter().collect();
    if members.is_empty() {
        return Ok(HashMap::new());
    }
    let of_them = one_of(conn.get_database_backend(), Column::MemberId, members);
    let open = Entity::open(organization).filter(of_them).all(conn).await?;
    Ok(open.into_iter().map(|invitation| (invitation.member_id, invitation)).collect())
}

/// The open invitations of an organization that each of these people has sent.
pub async fn open_by_inviters(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    inviters: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, Vec<InvitationId>>, DbErr> {
    let rows: Vec<(UserId, InvitationId)> = Entity::open(organization)
        .filter(one_of(conn.get_database_backend(), Column::InvitedBy, inviters))
        .select_only()
        .columns([Column::InvitedBy, Column::Id])
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(conn)
        .await?;
    let mut sent: HashMap<_, Vec<_>> = HashMap::new();
    for (inviter, invitation) in rows {
        sent.entry(inviter).or_default().push(invitation);
    }
    Ok(sent)
}
