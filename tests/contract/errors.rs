//! Every error that a person can meet, reached through HTTP: the code, a sentence that says what to do, the part of the
//! input it is about, and that nothing was changed. A file for each operation.

mod accept_invitation;
mod call_wide;
mod change_member_role;
mod completeness;
mod conflict;
mod create_api_token;
mod create_organization;
mod decline_invitation;
mod group_members;
mod groups;
mod idempotency;
mod invite_members;
mod leave_organization;
mod rate_limited;
mod remove_member;
mod remove_members;
mod resend_invitation;
mod resend_notification;
mod restore_member;
mod revoke_api_token;
mod revoke_invitation;
mod stale_preview;
mod update_organization;

/// A note of one character more than is taken.
fn too_long_a_note() -> String {
    "é".repeat(1_001)
}

/// The id of a member that nobody has.
fn unknown_member() -> String {
    roster_entity::MemberId::generate(roster_tests::noon()).to_string()
}

/// The id of a group that nobody has.
fn unknown_group() -> String {
    roster_entity::GroupId::generate(roster_tests::noon()).to_string()
}
