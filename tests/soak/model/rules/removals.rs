//! Removing and restoring, and what members see of it beforehand.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{Access, Caller, Outcome, Ruled, Status, Stop, done, lists::Decision};
use crate::model::{
    operation::{Call, InvitationNo, List, MemberOf},
    state::{End, Org, Person, Review, Says, World},
};

impl World {
    pub(super) fn remove(
        &mut self,
        caller: Caller,
        member: MemberOf,
        review: Option<Review>,
        revoke_sent: bool,
    ) -> Ruled {
        let access = self.enter(caller, member.0)?;
        // "The platform shows a message when you try to remove yourself", whoever tries.
        if access.who == member.1 {
            return Err(Stop::Fails("CANNOT_REMOVE_SELF"));
        }
        may_remove(&access, revoke_sent)?;
        // "a fingerprint that the mutation can require"; who was removed before was, whatever was reviewed.
        let is_stale = review.is_some_and(|review| review != self.review(member));
        if is_stale && self.member(member).status != Status::Removed {
            return Err(Stop::Fails("STALE_PREVIEW"));
        }
        let owners = self.of(member.0).owners().len();
        match self.decide_removal(&access, member, &mut BTreeSet::new(), &mut { owners }) {
            Err(code) => Err(Stop::Fails(code)),
            Ok(None) => Ok(Outcome::Unchanged),
            Ok(Some(member)) => {
                let what = self.remove_one(&access, member);
                let also = if revoke_sent { self.revoke_sent(&access, &[member]) } else { Vec::new() };
                let first = (what != "done").then(|| what.to_owned());
                Ok(Outcome::Done(first.into_iter().chain(also).collect()))
            }
        }
    }

    pub(super) fn remove_many(
        &mut self,
        caller: Caller,
        org: Org,
        members: &[MemberOf],
        revoke_sent: bool,
        list: List,
        call: &Call,
    ) -> Ruled {
        let access = self.enter(caller, org)?;
        may_remove(&access, revoke_sent)?;
        if let Some(answer) = self.answered_before(&access, call, list)? {
            return Ok(answer);
        }
        let (mut seen, mut owners) = (BTreeSet::new(), self.of(org).owners().len());
        let decisions: Vec<_> = members
            .iter()
            .map(|member| self.decide_removal(&access, *member, &mut seen, &mut owners))
            .collect();
        // Those who have joined are told first, then those who are only invited.
        let (mut removed, mut revoked) = (Vec::new(), Vec::new());
        let items = self.carry_out(list, decisions, |world, member| {
            if world.member(member).status == Status::Invited {
                revoked.push(member);
                return "invitation revoked";
            }
            removed.push(member);
            "done"
        });
        let all = [removed, revoked].concat();
        for member in &all {
            self.remove_one(&access, *member);
        }
        let also = if revoke_sent { self.revoke_sent(&access, &all) } else { Vec::new() };
        self.answer(&access, call, list, items, also)
    }

    /// What is to be done about a member, when `owners` are left after what was decided before.
    fn decide_removal(
        &self,
        access: &Access,
        member: MemberOf,
        seen: &mut BTreeSet<MemberOf>,
        owners: &mut usize,
    ) -> Decision<MemberOf> {
        if !seen.insert(member) {
            return Err("DUPLICATE_IN_REQUEST");
        }
        if member.0 != access.org {
            return Err("MEMBER_NOT_FOUND");
        }
        // "removed before: `changed: false`"
        if member.1 != access.who && self.member(member).status == Status::Removed {
            return Ok(None);
        }
        if let Some(code) = self.cannot_remove(access, member.1, *owners) {
            return Err(code);
        }
        *owners -= usize::from(self.of(member.0).is_owner(member.1));
        Ok(Some(member))
    }

    /// Why somebody cannot remove a member, where so many owners are.
    pub(super) fn cannot_remove(
        &self,
        access: &Access,
        person: Person,
        owners: usize,
    ) -> Option<&'static str> {
        if access.who == person {
            return Some("CANNOT_REMOVE_SELF");
        }
        if !access.covers(&self.granted(MemberOf(access.org, person))) {
            return Some("ROLE_ABOVE_YOURS");
        }
        (self.of(access.org).is_owner(person) && owners <= 1).then_some("LAST_OWNER")
    }

    /// "they'll receive an email stating that they have been removed from the account and all of the associated groups";
    /// "only invited: no error, the result says that the invitation was revoked"
    fn remove_one(&mut self, access: &Access, member: MemberOf) -> &'static str {
        if self.member(member).status == Status::Invited {
            self.revoke_one(access, self.open_invitation(member));
            return "invitation revoked";
        }
        let names = self.group_names(member);
        self.end(member, "REMOVED");
        self.record(access, "MEMBER_REMOVED", Some(member.1));
        self.notify(member, Says::Removed(names));
        "done"
    }

    /// "invitations that they sent stay valid only if the remover leaves them so": revoked are those that the remover could
    /// revoke, the oldest first.
    fn revoke_sent(&mut self, access: &Access, removed: &[MemberOf]) -> Vec<String> {
        let org = access.org;
        let sent = |world: &World, no: usize| {
            let it = &world.of(org).invitations[no];
            it.answer.is_none()
                && removed.contains(&MemberOf(org, it.by))
                && access.covers(&world.granted(MemberOf(org, it.to)))
        };
        let sent: Vec<_> = (0..self.of(org).invitations.len()).filter(|no| sent(self, *no)).collect();
        let numbers = sent.into_iter().map(|no| InvitationNo(org, no));
        numbers
            .map(|no| {
                self.revoke_one(access, no);
                format!("{no:?} revoked")
            })
            .collect()
    }

    /// "all group memberships of that organization end with the membership", and the API tokens.
    pub(super) fn end(&mut self, member: MemberOf, reason: &'static str) {
        let mut tokens = 0;
        for token in &mut self.of_mut(member.0).tokens {
            if token.owner == member.1 && !token.is_revoked {
                token.is_revoked = true;
                tokens += 1;
            }
        }
        let at = self.now;
        let member = self.member_mut(member);
        let groups = std::mem::take(&mut member.groups);
        member.status = Status::Removed;
        member.end = Some(End { reason, at, groups, tokens });
        member.restored_at = None;
    }

    /// "back with the old role and groups; says what could not be restored"
    pub(super) fn restore(&mut self, caller: Caller, no: MemberOf) -> Ruled {
        let access = self.enter(caller, no.0)?;
        access.require("MEMBERS_REMOVE")?;
        let (now, window) = (self.now, TimeDelta::days(self.of(no.0).settings.restore_days));
        let member = self.member(no);
        if member.status == Status::Active && member.restored_at.is_some() {
            return Ok(Outcome::Unchanged);
        }
        // Who left on their own is told so, however long ago (order of the code).
        let end = match member.end.clone() {
            Some(end) if end.reason == "LEFT" => return Err(Stop::Fails("LEFT_VOLUNTARILY")),
            Some(end) if end.reason == "REMOVED" => end,
            _ => return Err(Stop::Fails("NOT_REMOVED")),
        };
        if end.at + window <= now {
            return Err(Stop::Fails("RESTORE_WINDOW_PASSED"));
        }
        let (gone, left) = end.groups.into_iter().partition(|no| self.group(*no).is_deleted);
        let member = self.member_mut(no);
        member.groups = left;
        member.status = Status::Active;
        member.end = None;
        member.restored_at = Some(now);
        if !access.covers(&self.granted(no)) {
            return Err(Stop::Fails("ROLE_ABOVE_YOURS"));
        }
        self.record(&access, "MEMBER_RESTORED", Some(no.1));
        self.notify(no, Says::Restored);
        let gone: BTreeSet<_> = gone;
        let warnings = gone.len() + usize::from(end.tokens > 0);
        Ok(match warnings {
            0 => return done(),
            n => Outcome::Done(vec![format!("{n} warnings")]),
        })
    }
}

/// `revokeSentInvitations` also needs what revoking needs (schema).
fn may_remove(access: &Access, revoke_sent: bool) -> Ruled<()> {
    access.require("MEMBERS_REMOVE")?;
    if revoke_sent { access.require("MEMBERS_INVITE") } else { Ok(()) }
}
