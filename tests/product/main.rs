//! What Roster does, in the words of its users: the two help pages, and the life of a member.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

mod activities;
mod changed_addresses;
mod coming_back;
mod group_permissions;
mod groups;
mod invitation_links;
mod invitations;
mod leaving;
mod members;
mod organizations;
mod owners;
mod privacy;
mod roles;
mod sentences;
