//! What somebody sees before they remove a member: whether they can, and what it would mean.

use super::{Caller, Outcome, Status, Stop};
use crate::model::{
    operation::MemberOf,
    rules::Access,
    state::{Person, Review, World},
};

impl World {
    /// Reviewed are active members, by those who may remove members.
    pub(in crate::model) fn can_review(&self, caller: Caller, MemberOf(org, person): MemberOf) -> bool {
        let access = self.enter(caller, org);
        access.is_ok_and(|access| access.has.contains("MEMBERS_REMOVE")) && self.of(org).is_active(person)
    }

    /// "a removal preview: role, effective permissions, groups, what else they would lose, warnings"; and the email, which an
    /// organization can switch off.
    pub(in crate::model) fn review(&self, no: MemberOf) -> Review {
        let (here, member) = (self.of(no.0), self.member(no));
        let sent = here.invitations.iter().enumerate().filter(|(_, it)| it.by == no.1 && it.answer.is_none());
        let tokens = here.tokens.iter().enumerate().filter(|(_, it)| it.owner == no.1 && !it.is_revoked);
        Review {
            role: member.role,
            status: member.status,
            groups: member.groups.iter().map(|no| (*no, self.group(*no).clone())).collect(),
            sent: sent.map(|(no, _)| no).collect(),
            tokens: tokens.map(|(no, _)| no).collect(),
            is_last_owner: here.owners() == [no.1],
            revocation_email: here.settings.revocation_email,
        }
    }

    /// What somebody sees of their organizations: who is there, and whom they can remove.
    pub(in crate::model) fn look(&self, caller: Caller) -> Outcome {
        if let Err(Stop::Refused(code) | Stop::Fails(code)) = self.identify(caller) {
            return Outcome::Refused(code.to_owned());
        }
        let mut seen = Vec::new();
        for org in self.organizations.keys() {
            let Ok(access) = self.enter(caller, *org) else { continue };
            seen.push(format!("{org:?}: {:?}", access.has));
            for person in self.of(*org).members.keys() {
                seen.push(format!("{person:?} of {org:?}: {}", self.removable(&access, *person)));
            }
        }
        Outcome::Seen(seen)
    }

    /// `viewerCanRemove`, and why not: to those who may remove members, and to everybody about themselves.
    pub(in crate::model) fn removable(&self, access: &Access, person: Person) -> &'static str {
        let may = access.has.contains("MEMBERS_REMOVE");
        let owners = self.of(access.org).owners().len();
        match self.member(MemberOf(access.org, person)).status {
            Status::Removed => "no",
            _ if !may && access.who != person => "no",
            _ => self.cannot_remove(access, person, owners).unwrap_or("yes"),
        }
    }
}
