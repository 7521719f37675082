//! Notifications: emails to be sent. The row is the truth about an email: it is written in the transaction of the
//! change that it tells about, and it says whether the email was sent. The queue only carries its id.

use chrono::{DateTime, Utc};
use sea_orm::{
    FromJsonQueryResult, QueryOrder, Select,
    entity::prelude::*,
    sea_query::{Expr, SimpleExpr},
};
use serde::{Deserialize, Serialize};

use crate::{
    ActivityId, EmailAddress, InvitationId, MemberId, NotificationId, OrganizationId, Role,
    literal::has_word, one_of,
};

/// What an email is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// The recipient was invited.
    Invitation,
    /// An invitation was revoked.
    InvitationRevoked,
    /// The recipient was removed.
    Removed,
    /// The recipient's removal was undone.
    Restored,
    /// The recipient has another role.
    RoleChanged,
}

/// Where the delivery of an email stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// To be sent, for the first time or again.
    Queued,
    /// The mail server has taken it.
    Sent,
    /// The mail server has refused it for good, or the attempts are used up.
    Failed,
    /// Overtaken before it was sent: the invitation in it was resent, revoked or answered; or the removal undone
    /// before the email of it, which could not be sent at first, was tried again.
    Canceled,
}

/// What an email says, as it was when the change was made: the names may change later, the email tells what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Snapshot {
    /// The organization's name.
    pub organization: String,
    /// Who did it.
    pub actor: Person,
    /// Whom the recipient can ask: the organization's contact, or who did it.
    pub contact: EmailAddress,
    /// Where answers go, if not to the contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<EmailAddress>,
    /// The organization's own line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branding_line: Option<String>,
    /// When it was done.
    pub at: DateTime<Utc>,
    /// What was done.
    #[serde(flatten)]
    pub event: Event,
}

/// A person as an email names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their name, or their address where no name is known.
    pub name: String,
    /// Their address.
    pub email: EmailAddress,
}

/// What an email tells about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Event {
    /// The recipient was invited. The link is derived from the id and version when the email is written.
    Invitation {
        /// The role.
        role: Role,
        /// The names of the groups that they will be in.
        groups: Vec<String>,
        /// The invitation that it tells about.
        invitation_id: InvitationId,
        /// The version of the link that is valid.
        link_version: i32,
        /// From when on it no longer holds.
        expires_at: DateTime<Utc>,
    },
    /// The recipient's invitation was revoked.
    InvitationRevoked {
        /// What the administrator wrote.
        note: Option<String>,
    },
    /// The recipient was removed.
    Removed {
        /// The names of all groups that they were in.
        groups: Vec<String>,
        /// What the administrator wrote.
        note: Option<String>,
    },
    /// The recipient's removal was undone.
    Restored {
        /// The role, as before.
        role: Role,
        /// The names of the groups that they are in again.
        groups: Vec<String>,
        /// The names of the groups that they were in and that are gone.
        lost_groups: Vec<String>,
    },
    /// The recipient has another role.
    RoleChanged {
        /// The role before.
        before: Role,
        /// The role now.
        after: Role,
    },
}

impl Event {
    /// The kind of email that tells about this.
    pub fn kind(&self) -> Kind {
        match self {
            Event::Invitation { .. } => Kind::Invitation,
            Event::InvitationRevoked { .. } => Kind::InvitationRevoked,
            Event::Removed { .. } => Kind::Removed,
            Event::Restored { .. } => Kind::Restored,
            Event::RoleChanged { .. } => Kind::RoleChanged,
        }
    }
}

/// A row of `notifications`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub struct Model {
    /// The id of the row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NotificationId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// What it is about.
    pub kind: Kind,
    /// The member.
    pub member_id: MemberId,
    /// The invitation that it tells about.
    pub invitation_id: Option<InvitationId>,
    /// The entry of the activity log that it goes with; `None` for emails of the first release.
    pub activity_id: Option<ActivityId>,
    /// The address it goes to.
    pub recipient_email: EmailAddress,
    /// The name of whom it goes to, if it is known.
    pub recipient_name: Option<String>,
    /// What it says.
    #[sea_orm(column_type = "JsonBinary")]
    pub snapshot: Snapshot,
    /// Where it stands.
    pub status: Status,
    /// How often delivery was begun. Counted when a worker claims the row, so that an email that kills its worker
    /// runs out of attempts.
    pub attempts: i32,
    /// How often somebody had it sent again, after it was sent or given up.
    pub resends: i32,
    /// From when on a worker may claim the row: now, after the pause before the next attempt, or when the lease of
    /// the worker that has claimed it runs out.
    pub available_at: DateTimeUtc,
    /// From when on the sweep puts the id into the queue (again).
    pub sweep_at: DateTimeUtc,
    /// Why the last attempt failed, in the mail server's words where they are known.
    pub last_error: Option<String>,
    /// When it was last sent.
    pub sent_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// In the words of the partial index for them: SQLite does not see that this follows from what is asked for.
const NOT_SENT: &str = "notifications.status <> 'SENT'";

impl Entity {
    /// The emails of an organization.
    pub fn in_organization(organization: OrganizationId) -> Select<Entity> {
        Self::find().filter(Column::OrganizationId.eq(organization))
    }

    /// Those of an organization that have not been delivered: on their way, or given up.
    pub fn undelivered(organization: OrganizationId) -> Select<Entity> {
        Self::in_organization(organization)
            .filter(has_word("notifications.status", &[Status::Queued, Status::Failed]))
            .filter(Expr::cust(NOT_SENT))
    }

    /// Those of an organization whose delivery stands at one of `statuses`.
    pub fn with_status(organization: OrganizationId, statuses: &[Status]) -> Select<Entity> {
        // Bound: written out, PostgreSQL would take the index of the sweep, which has all organizations.
        let emails =
            Self::in_organization(organization).filter(Column::Status.is_in(statuses.iter().copied()));
        match statuses.contains(&Status::Sent) {
            true => emails,
            false => emails.filter(Expr::cust(NOT_SENT)),
        }
    }
}

/// A row is queued. Written out, not bound, so that PostgreSQL can use the partial indexes with any plan: for what looks for
/// queued rows. Where they are found otherwise, by id or by member, the status is bound instead: PostgreSQL often believes that no row is
/// queued, and would then rather read all of these.
pub fn queued() -> SimpleExpr {
    Expr::cust("status = 'QUEUED'")
}

/// The emails that went with each of these entries of an organization's activity log.
pub async fn of_activities(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    activities: impl IntoIterator<Item = ActivityId>,
) -> Result<Vec<Model>, DbErr> {
    Entity::in_organization(organization)
        .filter(one_of(conn.get_database_backend(), Column::ActivityId, activities))
        .all(conn)
        .await
}

/// The emails that told each of these members of an organization of the end of a membership or an invitation, oldest first.
pub async fn of_removals(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    members: impl IntoIterator<Item = MemberId>,
) -> Result<Vec<Model>, DbErr> {
    Entity::in_organization(organization)
        .filter(one_of(conn.get_database_backend(), Column::MemberId, members))
        .filter(Column::Kind.is_in([Kind::Removed, Kind::InvitationRevoked]))
        .order_by_asc(Column::Id)
        .all(conn)
        .await
}
