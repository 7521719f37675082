//! Reviewing a member before the removal.

mod email;
mod fingerprint;
mod losses;
mod permissions;
mod who_can;

use roster_tests::{Member, Organization, Payload, Person};
use serde_json::{Value, json};

/// Some fields of a member's removal preview, as somebody sees them.
async fn preview(acme: &Organization, viewer: &Person, member: &Member, fields: &str) -> Value {
    let seen = acme.member_seen_by(viewer, member, &format!("removalPreview {{ {fields} }}")).await;
    seen["removalPreview"].clone()
}

/// Removes a member if they are as they were reviewed.
async fn remove_as_reviewed(acme: &Organization, member: &Member, fingerprint: &str) -> Payload {
    let input = json!({ "memberId": member.id, "expectedFingerprint": fingerprint });
    acme.owner.remove_with(input).await
}
