//! The membership operations: what Roster is for. They know nothing of GraphQL or HTTP.
//!
//! Every operation has a file of its own (groups have two) and goes the same way: [`Membership::begin`] a transaction, `enter` the
//! organization (which locks it and says what the caller may do there), check, write, `record` the activity, `notify` the
//! people concerned, `commit` (which wakes the worker). Whatever happens before the commit leaves nothing behind.

mod accept_invitation;
mod access;
mod batch;
mod change_member_role;
mod create_api_token;
mod create_organization;
mod decline_invitation;
mod ending;
mod error;
mod events;
mod group_members;
mod groups;
mod idempotency;
mod invite_members;
mod leave_organization;
mod link;
mod place;
mod removal_preview;
mod removal_rules;
mod remove_member;
mod remove_members;
mod resend_invitation;
mod resend_notification;
mod restore_member;
mod revoke_api_token;
mod revoke_invitation;
mod rows;
mod sending_limits;
mod settings;
mod transaction;
mod update_organization;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use roster_entity::Clock;
use roster_worker::{events::Events, link::InvitationLinks, mail::Templates, queue::Queue};

use crate::{database::Database, rate_limit::RateLimits};

pub use accept_invitation::Accepted;
pub use access::{Access, granted};
pub use batch::{Batch, BatchMode};
pub use change_member_role::{ChangeMemberRole, RoleChanged};
pub use create_api_token::{CreateApiToken, NewApiToken};
pub use create_organization::{CreateOrganization, OrganizationCreated};
pub use decline_invitation::Declined;
pub use error::{Code, Error, Problem};
pub use group_members::{
    GroupMemberItem, GroupMembers, GroupMembersAnswer, GroupMembersChanged, MAX_GROUP_MEMBERS,
};
pub use groups::{CreateGroup, GroupChanged, GroupDeleted, UpdateGroup};
pub use invite_members::{InvitationsAnswer, InviteMembers, Invited, Invitee, SentInvitation};
pub use leave_organization::Left;
pub use link::Offer;
pub use removal_preview::{PreviewedEmail, RemovalPreview, Reviewed};
pub use removal_rules::removal_problem;
pub use remove_member::{RemoveMember, Removed};
pub use remove_members::{
    MAX_REMOVALS, MemberToRemove, MembersRemoved, Removal, RemovalItem, RemovalsAnswer, RemoveMembers,
};
pub use resend_invitation::Resent;
pub use resend_notification::NotificationResent;
pub use restore_member::{RestoreMember, Restored};
pub use revoke_api_token::ApiTokenRevoked;
pub use revoke_invitation::{RevokeInvitation, Revoked};
pub use rows::Rows;
pub use settings::Settings;
pub use transaction::Run;
pub use update_organization::{OrganizationUpdated, UpdateOrganization};

/// What an operation answers.
pub type Result<T> = std::result::Result<T, Error>;

/// The most items that one call takes.
pub const MAX_ITEMS: usize = 500;

/// The longest note to a person, in characters.
pub const MAX_NOTE: usize = 1_000;

/// How long a commit may wait for the queue. The sweep finds what was not pushed in this time.
const WAKE_UP: Duration = Duration::from_millis(200);

/// How long the sweep leaves a new notification to the queue.
const SWEEP_GRACE: TimeDelta = TimeDelta::seconds(10);

/// The operations, and what they need.
#[derive(Clone)]
pub struct Membership {
    database: Database,
    queue: Queue,
    events: Events,
    clock: Clock,
    links: InvitationLinks,
    /// For previews of emails.
    templates: Arc<Templates>,
    resend_interval: TimeDelta,
    rate_limits: RateLimits,
}

impl Membership {
    /// Operations on `database`, whose emails are announced in `queue`, and which are told to `events`.
    pub fn new(
        database: Database,
        queue: Queue,
        events: Events,
        clock: Clock,
        links: InvitationLinks,
        resend_interval: TimeDelta,
        rate_limits: RateLimits,
    ) -> Self {
        let templates = Arc::new(Templates::new());
        Self { database, queue, events, clock, links, templates, resend_interval, rate_limits }
    }

    /// The database, for queries.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// What happens, for those who watch.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// How many seconds it takes until what was sent then may be sent again. Nothing waits for a clock that was set back.
    fn resend_wait(&self, sent_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<u64> {
        let wait = sent_at + self.resend_interval - now;
        let is_meant = wait.num_milliseconds() > 0 && wait <= self.resend_interval;
        is_meant.then(|| wait.num_milliseconds().unsigned_abs().div_ceil(1000))
    }

    /// The clock, for what depends on the time.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }
}
