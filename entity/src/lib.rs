//! Roster's tables as sea-orm entities, and the scoped queries beside them.
//!
//! What belongs to an organization is read through it (`in_organization(id)`): the tenant is a part of the constructor, never
//! a filter that someone can forget. Look-ups that start
//! from a bare id are not here: those who have only that find out first which organization to ask for access.

pub mod activity;
pub mod api_token;
mod cells;
pub mod clock;
pub mod crash_point;
pub mod email;
pub mod group;
pub mod group_member;
pub mod id;
pub mod idempotency_key;
pub mod identity;
pub mod invitation;
pub mod keyset;
mod literal;
pub mod member;
pub mod notification;
pub mod organization;
mod own_plan;
pub mod permission;
pub mod role;
pub mod standing;
pub mod text;
pub mod user;
pub mod writes;

pub use clock::Clock;
pub use crash_point::CrashPoint;
pub use email::{EmailAddress, EmailDomain, EmailDomains, NormalizedEmail};
pub use id::{
    ActivityId, ApiTokenId, GroupId, InvitationId, MemberId, NotificationId, OrganizationId, UserId,
};
pub use permission::{Permission, Permissions};
pub use role::Role;
pub use writes::{Writes, one_of};
