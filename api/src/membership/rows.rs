//! What an operation knows when it is done: rows that its answer shows need not be read again.

use std::collections::HashMap;

use roster_entity::{InvitationId, MemberId, invitation, member, user};

/// Members with their people, and invitations, as they are now.
#[derive(Debug, Default)]
pub struct Rows {
    /// The members, each with the person as the organization may know them.
    pub members: HashMap<MemberId, (member::Model, user::Model)>,
    /// The invitations.
    pub invitations: HashMap<InvitationId, invitation::Model>,
}

impl Rows {
    /// A member with the person.
    pub(super) fn add_member(&mut self, member: member::Model, user: user::Model) {
        self.members.insert(member.id, (member, user));
    }

    /// What became of a member who is known.
    pub(super) fn change_member(&mut self, changed: member::Model) {
        if let Some((member, _)) = self.members.get_mut(&changed.id) {
            *member = changed;
        }
    }

    /// An invitation, or what became of it.
    pub(super) fn add_invitation(&mut self, invitation: invitation::Model) {
        self.invitations.insert(invitation.id, invitation);
    }
}
