//! What Roster does, in the words of its users: the two help pages, and the life of a member.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

mod activities;
mod activity_filters;
mod allowed_domains;
mod api_token_owners;
mod api_tokens;
mod batches;
mod changed_addresses;
mod coming_back;
mod dry_runs;
mod emails_of_changes;
mod group_permissions;
mod groups;
mod idempotency;
mod invitation_links;
mod invitations;
mod leaving;
mod members;
mod organizations;
mod owners;
mod permissions_that_mean_something;
mod person;
mod privacy;
mod removal_preview;
mod resent_emails;
mod restoring;
mod roles;
mod sentences;
mod settings;
mod settings_in_emails;
mod settings_of_time;
