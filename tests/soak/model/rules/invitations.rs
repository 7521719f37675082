//! Inviting, resending and revoking: by those who may invite.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{Access, Caller, Invitation, Member, RESEND_INTERVAL, Ruled, Stop, done, lists::Decision};
use crate::model::{
    operation::{Call, InvitationNo, Invitee, List, MemberOf},
    state::{Org, Person, Says, Status, World},
};

impl World {
    pub(super) fn invite(
        &mut self,
        caller: Caller,
        org: Org,
        people: &[Invitee],
        list: List,
        call: &Call,
    ) -> Ruled {
        let access = self.enter(caller, org)?;
        access.require("MEMBERS_INVITE")?;
        if let Some(answer) = self.answered_before(&access, call, list)? {
            return Ok(answer);
        }
        let mut seen = BTreeSet::new();
        let decisions = people.iter().map(|invitee| self.may_invite(&access, invitee, &mut seen)).collect();
        let items = self.carry_out(list, decisions, |world, (person, invitee)| {
            world.invite_one(&access, person, invitee);
            "done"
        });
        self.answer(&access, call, list, items, Vec::new())
    }

    /// The order of the checks is that of the code: the address, what is given, what there is.
    fn may_invite<'a>(
        &self,
        access: &Access,
        invitee: &'a Invitee,
        seen: &mut BTreeSet<Person>,
    ) -> Decision<(Person, &'a Invitee)> {
        let Some(person) = invitee.person else { return Err("INVALID_EMAIL") };
        if !seen.insert(person) {
            return Err("DUPLICATE_IN_REQUEST");
        }
        if !access.covers(&invitee.role.permissions()) {
            return Err("ROLE_ABOVE_YOURS");
        }
        // Groups are checked in the order in which they were made.
        for no in invitee.groups.iter().collect::<BTreeSet<_>>() {
            if no.0 != access.org || self.group(*no).is_deleted {
                return Err("GROUP_NOT_FOUND");
            }
            // Nobody gives through a group what they do not have (schema: `PERMISSION_ABOVE_YOURS`).
            if !access.covers(&self.group(*no).permissions) {
                return Err("PERMISSION_ABOVE_YOURS");
            }
        }
        match self.of(access.org).members.get(&person).map(|member| member.status) {
            Some(Status::Active) => Err("ALREADY_MEMBER"),
            Some(Status::Invited) => Err("ALREADY_INVITED"),
            Some(Status::Removed) | None => Ok(Some((person, invitee))),
        }
    }

    /// "re-inviting or restoring works, with no clash and no old access coming back by itself"
    fn invite_one(&mut self, access: &Access, person: Person, invitee: &Invitee) {
        let (org, now) = (access.org, self.now);
        let groups = invitee.groups.iter().copied().collect();
        let member =
            Member { role: invitee.role, status: Status::Invited, groups, end: None, restored_at: None };
        let lifetime = TimeDelta::days(self.of(org).settings.invitation_days);
        let organization = self.of_mut(org);
        organization.members.insert(person, member);
        let no = InvitationNo(org, organization.invitations.len());
        let expires_at = now + lifetime;
        let by = access.who;
        organization.invitations.push(Invitation {
            to: person,
            by,
            answer: None,
            link: 1,
            sent_at: now,
            expires_at,
        });
        self.record(access, "MEMBER_INVITED", Some(person));
        self.notify(MemberOf(org, person), Says::Invitation { invitation: no, link: 1, expires_at });
    }

    /// "an expired one is renewed (new link, new date), no error"; "resending makes the older link invalid".
    pub(super) fn resend(&mut self, caller: Caller, no: InvitationNo) -> Ruled {
        let access = self.enter(caller, no.0)?;
        access.require("MEMBERS_INVITE")?;
        let now = self.now;
        let lifetime = TimeDelta::days(self.of(no.0).settings.invitation_days);
        let invitation = self.invitation_mut(no);
        match invitation.answer {
            Some("ACCEPTED") => return Err(Stop::Fails("INVITATION_ALREADY_ACCEPTED")),
            Some("REVOKED") => return Err(Stop::Fails("INVITATION_REVOKED")),
            Some(_) => return Err(Stop::Fails("INVITATION_DECLINED")),
            None if now < invitation.sent_at + RESEND_INTERVAL => return Err(Stop::Fails("RESEND_TOO_SOON")),
            None => {}
        }
        invitation.link += 1;
        invitation.sent_at = now;
        invitation.expires_at = now + lifetime;
        let Invitation { to, link, expires_at, .. } = *invitation;
        self.cancel_emails_about(no);
        self.record(&access, "INVITATION_RESENT", Some(to));
        self.notify(MemberOf(no.0, to), Says::Invitation { invitation: no, link, expires_at });
        done()
    }

    pub(super) fn revoke(&mut self, caller: Caller, no: InvitationNo) -> Ruled {
        let access = self.enter(caller, no.0)?;
        access.require("MEMBERS_INVITE")?;
        let Invitation { to, answer, .. } = *self.invitation_mut(no);
        match answer {
            Some("ACCEPTED") => return Err(Stop::Fails("INVITATION_ALREADY_ACCEPTED")),
            Some("DECLINED") => return Err(Stop::Fails("INVITATION_DECLINED")),
            Some(_) => return Ok(super::Outcome::Unchanged),
            None => {}
        }
        if !access.covers(&self.granted(MemberOf(no.0, to))) {
            return Err(Stop::Fails("ROLE_ABOVE_YOURS"));
        }
        self.revoke_one(&access, no);
        done()
    }

    /// "revoking and removing, send an email (an organization can switch the revocation email off)"
    pub(super) fn revoke_one(&mut self, access: &Access, no: InvitationNo) {
        let to = self.invitation_mut(no).to;
        self.close_invitation(no, "REVOKED");
        self.end(MemberOf(no.0, to), "INVITATION_REVOKED");
        self.record(access, "INVITATION_REVOKED", Some(to));
        if self.of(no.0).settings.revocation_email {
            self.notify(MemberOf(no.0, to), Says::InvitationRevoked);
        }
    }

    /// The invitation of a person that was neither answered nor revoked.
    pub(super) fn open_invitation(&self, MemberOf(org, person): MemberOf) -> InvitationNo {
        let mut all = self.of(org).invitations.iter();
        let open = all.position(|it| it.to == person && it.answer.is_none());
        InvitationNo(org, open.expect("who is invited has an invitation"))
    }

    pub(super) fn close_invitation(&mut self, no: InvitationNo, answer: &'static str) {
        self.invitation_mut(no).answer = Some(answer);
        self.cancel_emails_about(no);
    }
}
