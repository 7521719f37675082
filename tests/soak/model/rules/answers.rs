//! What people do about their own membership: accepting, declining and leaving. Not through an API token (schema: it acts within
//! one organization, as a member of it).

use super::{Access, Caller, Invitation, Outcome, Ruled, Status, Stop, done};
use crate::model::{
    operation::{EmailNo, InvitationNo, MemberOf},
    state::{Org, Person, Says, World},
};

impl World {
    pub(super) fn accept(&mut self, caller: Caller, email: EmailNo) -> Ruled {
        let (no, invitation, access) = self.open_link(caller, email)?;
        let member = MemberOf(no.0, invitation.to);
        match invitation.answer {
            // "a second click: `changed: false`", as long as the membership lasts: afterwards the link is of no use.
            Some("ACCEPTED") if self.of(no.0).is_active(invitation.to) => return Ok(Outcome::Unchanged),
            Some("ACCEPTED") => return Err(Stop::Fails("INVITATION_NOT_FOUND")),
            Some("REVOKED") => return Err(Stop::Fails("INVITATION_REVOKED")),
            Some(_) => return Err(Stop::Fails("INVITATION_DECLINED")),
            None if invitation.expires_at <= self.now => return Err(Stop::Fails("INVITATION_EXPIRED")),
            None => {}
        }
        self.close_invitation(no, "ACCEPTED");
        self.member_mut(member).status = Status::Active;
        self.record(&access, "INVITATION_ACCEPTED", Some(invitation.to));
        done()
    }

    /// An expired one can be declined.
    pub(super) fn decline(&mut self, caller: Caller, email: EmailNo) -> Ruled {
        let (no, invitation, access) = self.open_link(caller, email)?;
        match invitation.answer {
            Some("DECLINED") => return Ok(Outcome::Unchanged),
            Some("REVOKED") => return Err(Stop::Fails("INVITATION_REVOKED")),
            Some(_) => return Err(Stop::Fails("INVITATION_ALREADY_ACCEPTED")),
            None => {}
        }
        self.close_invitation(no, "DECLINED");
        self.end(MemberOf(no.0, invitation.to), "INVITATION_DECLINED");
        self.record(&access, "INVITATION_DECLINED", Some(invitation.to));
        done()
    }

    /// What is behind the link in an email, for the person who was invited. Who is not learns nothing of how it stands: the
    /// recipient is checked before.
    fn open_link(&self, caller: Caller, email: EmailNo) -> Ruled<(InvitationNo, Invitation, Access)> {
        let Caller::Signed(who) = caller else { return Err(Stop::Refused("NOT_PERMITTED")) };
        let Says::Invitation { invitation: no, link, .. } = self.emails[email.0].says else {
            unreachable!("only invitations have links");
        };
        let invitation = self.of(no.0).invitations[no.1].clone();
        if invitation.link != link {
            return Err(Stop::Fails("INVITATION_NOT_FOUND"));
        }
        if invitation.to != who {
            return Err(Stop::Fails("WRONG_RECIPIENT"));
        }
        if who == Person::Eve && !self.eve_is_verified {
            return Err(Stop::Fails("EMAIL_NOT_VERIFIED"));
        }
        Ok((no, invitation, Access { org: no.0, who, token: None, has: [].into() }))
    }

    pub(super) fn leave(&mut self, caller: Caller, org: Org) -> Ruled {
        let Caller::Signed(who) = caller else { return Err(Stop::Refused("NOT_PERMITTED")) };
        let Ok(access) = self.enter(caller, org) else { return Err(Stop::Fails("NOT_A_MEMBER")) };
        if self.of(org).owners() == [who] {
            return Err(Stop::Fails("LAST_OWNER"));
        }
        self.end(MemberOf(org, who), "LEFT");
        self.record(&access, "MEMBER_LEFT", Some(who));
        done()
    }
}
