//! The enums of the schema. Each mirrors one of the model; the conversion between them fails to compile when a value is
//! missing here.

use async_graphql::{Enum, InputType, Value};
use roster_entity::{activity, api_token, invitation, member, notification};

use crate::membership;

/// The role of a member: a set of permissions with a name. Groups can grant more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "roster_entity::Role")]
pub(crate) enum Role {
    /// May do everything. An organization always has an owner.
    Owner,
    /// May do everything but make, change or remove owners.
    Admin,
    /// May see the organization, its members and groups.
    Member,
}

/// One thing that a member may do in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "roster_entity::Permission")]
pub(crate) enum Permission {
    /// See the organization, its members and its groups.
    MembersRead,
    /// Invite people, see invitations, resend and revoke them.
    MembersInvite,
    /// Remove members.
    MembersRemove,
    /// Change the role of members.
    RolesManage,
    /// Create, change and delete groups, and decide who is in them.
    GroupsManage,
    /// Read the activity log.
    ActivitiesRead,
    /// See which emails were sent, and which were not.
    NotificationsRead,
    /// Send emails again.
    NotificationsResend,
    /// Change the organization's name and settings.
    OrganizationManage,
    /// Create and revoke API tokens.
    ApiTokensManage,
    /// Make people owners, and change or remove owners.
    OwnersManage,
}

/// Where a person stands in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "member::Status")]
pub(crate) enum MemberStatus {
    /// Pending: has an invitation that was neither accepted nor ended. No access.
    Invited,
    /// Verified: has accepted. Has access.
    Active,
    /// Was removed, has left, or the invitation came to nothing. No access.
    Removed,
}

/// What ended a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "member::Removal")]
pub(crate) enum RemovalReason {
    /// An administrator removed the person.
    Removed,
    /// The person left.
    Left,
    /// The invitation was revoked before it was accepted.
    InvitationRevoked,
    /// The person declined the invitation.
    InvitationDeclined,
}

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "invitation::Status")]
pub(crate) enum InvitationStatus {
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

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "activity::Action")]
pub(crate) enum ActivityAction {
    /// The organization was created.
    OrganizationCreated,
    /// The settings of the organization were changed.
    OrganizationUpdated,
    /// A person was invited.
    MemberInvited,
    /// An invitation was sent again.
    InvitationResent,
    /// An invitation was revoked.
    InvitationRevoked,
    /// A person accepted their invitation and became a member.
    InvitationAccepted,
    /// A person declined their invitation.
    InvitationDeclined,
    /// A member was removed.
    MemberRemoved,
    /// A removal was undone.
    MemberRestored,
    /// A member left.
    MemberLeft,
    /// A member got another role.
    MemberRoleChanged,
    /// A group was created.
    GroupCreated,
    /// A group was changed.
    GroupUpdated,
    /// A group was deleted.
    GroupDeleted,
    /// A member was put into a group.
    GroupMemberAdded,
    /// A member was taken out of a group.
    GroupMemberRemoved,
    /// An API token was created.
    ApiTokenCreated,
    /// An API token was revoked.
    ApiTokenRevoked,
    /// An email was sent again.
    NotificationResent,
}

/// What an email is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "notification::Kind")]
pub(crate) enum NotificationKind {
    /// The recipient was invited.
    Invitation,
    /// The recipient's invitation was revoked.
    InvitationRevoked,
    /// The recipient was removed.
    Removed,
    /// The recipient's removal was undone.
    Restored,
    /// The recipient has another role.
    RoleChanged,
}

/// Where the delivery of an email stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "notification::Status")]
pub(crate) enum NotificationStatus {
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

/// Where an API token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "api_token::Status")]
pub(crate) enum ApiTokenStatus {
    /// Can be used.
    Active,
    /// Its time has passed.
    Expired,
    /// Was revoked, by somebody or with the membership of its owner.
    Revoked,
}

/// What happens to a list when some of its items are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "membership::BatchMode")]
pub(crate) enum BatchMode {
    /// Nothing is done.
    Atomic,
    /// The others are done.
    Partial,
}

/// The kind of error of a mutation, or of one item of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "membership::Code")]
pub(crate) enum ErrorCode {
    /// The address is not one that mail can be sent to.
    InvalidEmail,
    /// The same person or member stands in the list before; the first one counts.
    DuplicateInRequest,
    /// The person belongs to the organization already.
    AlreadyMember,
    /// The person has an open invitation; resend that one.
    AlreadyInvited,
    /// The organization has no such group.
    GroupNotFound,
    /// The role, or what the person has, is more than you have.
    RoleAboveYours,
    /// The group grants more than you have.
    PermissionAboveYours,
    /// The token is of no invitation, or of a link that was replaced.
    InvitationNotFound,
    /// The invitation was accepted before.
    InvitationAlreadyAccepted,
    /// The invitation was revoked.
    InvitationRevoked,
    /// The invitation was declined.
    InvitationDeclined,
    /// The invitation's time has passed; ask for it to be sent again.
    InvitationExpired,
    /// The invitation was sent a moment ago.
    ResendTooSoon,
    /// The invitation is for another address than yours.
    WrongRecipient,
    /// Your email address is not verified.
    EmailNotVerified,
    /// Nobody can remove themselves; leave the organization instead.
    CannotRemoveSelf,
    /// The organization would be left without an owner.
    LastOwner,
    /// The organization has no such member.
    MemberNotFound,
    /// The note is too long.
    NoteTooLong,
    /// Nobody can change their own role.
    CannotChangeOwnRole,
    /// The person was removed.
    AlreadyRemoved,
    /// You are not a member of this organization.
    NotAMember,
    /// The name is empty or too long.
    InvalidName,
    /// Another group of the organization has this name.
    NameTaken,
    /// The slug has other characters than lower case letters, digits and hyphens, or too many.
    InvalidSlug,
    /// Another organization has this slug.
    SlugTaken,
    /// The organization does not invite addresses of this domain.
    EmailDomainNotAllowed,
    /// What was reviewed has changed since; review it again.
    StalePreview,
    /// The member was not removed, so that there is nothing to undo.
    NotRemoved,
    /// The removal is too long ago to be undone; invite the person again.
    RestoreWindowPassed,
    /// The person left on their own; invite them.
    LeftVoluntarily,
    /// What the email says no longer holds, so that it is not sent again.
    NotificationOvertaken,
    /// The text is not the domain of an email address.
    InvalidDomain,
    /// The text is too long.
    TextTooLong,
    /// The time at which the token should expire has passed.
    InvalidExpiry,
    /// The address has got many invitations within a short time.
    RateLimited,
}

impl ErrorCode {
    /// The code as the API spells it.
    pub(super) fn name(self) -> String {
        match self.to_value() {
            Value::Enum(name) => name.to_string(),
            other => other.to_string(),
        }
    }
}
