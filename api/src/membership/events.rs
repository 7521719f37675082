//! From the entries of the activity log that a commit has added to what is told to those who watch the organization.

use chrono::{DateTime, Utc};
use roster_entity::{OrganizationId, activity};
use roster_worker::events::{Event, Kind, Message};

use activity::Action;

/// The messages about these entries: none where nobody who watches would see a difference.
pub(super) fn messages(entries: &[activity::ActiveModel], at: DateTime<Utc>) -> Vec<Message> {
    let mut organizations: Vec<(OrganizationId, Vec<Event>)> = Vec::new();
    for entry in entries {
        let Some(kinds) = kinds(*entry.action.as_ref()) else { continue };
        let organization = *entry.organization_id.as_ref();
        let events = kinds.iter().map(|&kind| Event {
            member: *entry.member_id.as_ref(),
            invitation: *entry.invitation_id.as_ref(),
            activity: Some(*entry.id.as_ref()),
            ..Event::new(kind)
        });
        match organizations.last_mut() {
            Some((same, all)) if *same == organization => all.extend(events),
            _ => organizations.push((organization, events.collect())),
        }
    }
    organizations
        .into_iter()
        .flat_map(|(organization, events)| Message::all(organization, at, events))
        .collect()
}

/// What an action is to those who watch. The end of an invitation is two things: to those who may see invitations, and to
/// those who see the list of members.
fn kinds(action: Action) -> Option<&'static [Kind]> {
    Some(match action {
        Action::MemberInvited => &[Kind::MemberInvited],
        Action::InvitationResent => &[Kind::InvitationChanged],
        Action::InvitationAccepted => &[Kind::MemberJoined, Kind::InvitationChanged],
        Action::InvitationRevoked | Action::InvitationDeclined => {
            &[Kind::MemberRemoved, Kind::InvitationChanged]
        }
        Action::MemberRemoved | Action::MemberLeft => &[Kind::MemberRemoved],
        Action::MemberRestored
        | Action::MemberRoleChanged
        | Action::GroupMemberAdded
        | Action::GroupMemberRemoved
        | Action::GroupUpdated
        | Action::GroupDeleted => &[Kind::MemberChanged],
        // Whoever watches with that token is to be looked at.
        Action::ApiTokenRevoked => &[],
        Action::OrganizationCreated
        | Action::OrganizationUpdated
        | Action::GroupCreated
        | Action::ApiTokenCreated
        | Action::NotificationResent => return None,
    })
}
