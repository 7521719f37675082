//! Exporting a person: one JSON document of all that Roster keeps about them, for whoever asks the operator for it.
//!
//! The fields below are the document's, in camelCase. Lists are in the order of their ids, which is that of time. A later version
//! may add fields; what would break a reader counts [`FORMAT`] up.

mod mentions;
mod read;

use chrono::{DateTime, Utc};
use roster_entity::{
    ActivityId, ApiTokenId, GroupId, InvitationId, MemberId, NotificationId, OrganizationId, Permissions,
    Role, UserId, activity, invitation, member, notification,
};
use serde::Serialize;
use serde_json::Value;

/// The version of the document's shape.
pub const FORMAT: u32 = 1;

/// The document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Export {
    /// [`FORMAT`].
    pub format: u32,
    /// When it was made.
    pub exported_at: DateTime<Utc>,
    /// The person.
    pub user: User,
    /// As whom they sign in.
    pub identities: Vec<Identity>,
    /// Where they belong, or belonged.
    pub memberships: Vec<Membership>,
    /// Invitations to them.
    pub invitations: Vec<Invitation>,
    /// Invitations by them.
    pub sent_invitations: Vec<Invitation>,
    /// What the activity logs say that they did, or that was done to them.
    pub activities: Vec<Activity>,
    /// Emails to them.
    pub emails: Vec<Email>,
    /// Their API tokens, without what could be used to act with them.
    pub api_tokens: Vec<ApiToken>,
    /// What they were answered under idempotency keys.
    pub answers: Vec<Answer>,
    /// Where else they are named: emails to others, settings of organizations, and what others have typed.
    pub mentions: Vec<Mention>,
    /// The files of the emails to them, and of those that name their address, where emails are kept as files.
    pub mail_files: Vec<String>,
}

/// A row of `users`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub email_normalized: Option<String>,
    pub email_verified: bool,
    pub name: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// A row of `identities`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
    pub created_at: DateTime<Utc>,
}

/// An organization, where something refers to it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    pub id: OrganizationId,
    pub slug: String,
    pub name: String,
}

/// A row of `members`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Membership {
    pub id: MemberId,
    pub organization: Organization,
    pub role: Role,
    pub status: member::Status,
    pub groups: Vec<Group>,
    /// By what they are found.
    pub search: String,
    pub sort_name: String,
    pub invited_at: Option<DateTime<Utc>>,
    pub joined_at: Option<DateTime<Utc>>,
    pub removed_at: Option<DateTime<Utc>>,
    pub removed_by: Option<UserId>,
    pub removal: Option<member::Removal>,
    pub removal_note: Option<String>,
    pub restored_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// A group in which they are.
#[derive(Debug, Serialize)]
pub struct Group {
    pub id: GroupId,
    pub name: String,
}

/// A row of `invitations`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    pub id: InvitationId,
    pub organization: Organization,
    pub member_id: MemberId,
    pub email: String,
    pub email_normalized: String,
    pub answer: invitation::Answer,
    pub expires_at: DateTime<Utc>,
    pub sent_at: DateTime<Utc>,
    pub invited_by: UserId,
    pub answered_at: Option<DateTime<Utc>>,
    pub revoked_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
}

/// A row of `activities`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    pub id: ActivityId,
    pub organization: Organization,
    pub action: activity::Action,
    pub actor: UserId,
    pub api_token: Option<ApiTokenId>,
    pub member: Option<MemberId>,
    pub invitation: Option<InvitationId>,
    pub group: Option<GroupId>,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub reason: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// A row of `notifications`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Email {
    pub id: NotificationId,
    pub organization: Organization,
    pub kind: notification::Kind,
    pub recipient_email: String,
    pub recipient_name: Option<String>,
    /// What it says.
    pub snapshot: notification::Snapshot,
    pub status: notification::Status,
    pub attempts: i32,
    pub resends: i32,
    pub last_error: Option<String>,
    pub sent_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// A row of `api_tokens`, without the hash of its secret.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiToken {
    pub id: ApiTokenId,
    pub organization: Organization,
    pub name: String,
    pub permissions: Permissions,
    pub expires_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// A row of `idempotency_keys`, without the hash of the request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    pub organization: Organization,
    pub key: String,
    pub answer: Value,
    pub created_at: DateTime<Utc>,
}

/// A text in which they are named.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mention {
    /// Whose it is.
    pub organization: Organization,
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The text, or JSON.
    pub text: Value,
}
