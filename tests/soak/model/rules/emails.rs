//! Emails: delivered once, in the order in which they were ordered, and not at all if overtaken.

use super::{Caller, EmailNo, InvitationNo, Outcome, RESEND_INTERVAL, Ruled, Status, Stop, done};
use crate::model::{
    operation::MemberOf,
    state::{Email, Says, World},
};

impl World {
    /// The worker sends what is due. A link that has expired before is of no use: that email is given up (the words of the code).
    pub(super) fn deliver(&mut self) -> Outcome {
        for no in std::mem::take(&mut self.queue) {
            let now = self.now;
            let email = &mut self.emails[no.0];
            if email.status != "QUEUED" {
                continue;
            }
            if matches!(email.says, Says::Invitation { expires_at, .. } if expires_at <= now) {
                email.status = "FAILED";
                continue;
            }
            email.status = "SENT";
            email.sent_at = Some(now);
            self.arrived.push(no);
        }
        Outcome::Silence
    }

    /// "Overtaken before it was sent: the invitation in it was resent, revoked or answered" (schema, `CANCELED`).
    pub(super) fn cancel_emails_about(&mut self, no: InvitationNo) {
        for email in &mut self.emails {
            let is_about = matches!(email.says, Says::Invitation { invitation, .. } if invitation == no);
            if is_about && email.status == "QUEUED" {
                email.status = "CANCELED";
            }
        }
    }

    /// "it can be sent again", while what it says holds (schema: `NOTIFICATION_OVERTAKEN`).
    pub(super) fn resend_email(&mut self, caller: Caller, no: EmailNo) -> Ruled {
        let Email { org, to, status, sent_at, .. } = self.emails[no.0];
        let access = self.enter(caller, org)?;
        access.require("NOTIFICATIONS_RESEND")?;
        if status == "QUEUED" {
            return Ok(Outcome::Unchanged);
        }
        if status == "CANCELED" || !self.holds(&self.emails[no.0]) {
            return Err(Stop::Fails("NOTIFICATION_OVERTAKEN"));
        }
        if sent_at.is_some_and(|at| self.now < at + RESEND_INTERVAL) {
            return Err(Stop::Fails("RESEND_TOO_SOON"));
        }
        self.emails[no.0].status = "QUEUED";
        self.emails[no.0].sent_at = None;
        self.queue.push_back(no);
        self.record(&access, "NOTIFICATION_RESENT", Some(to));
        done()
    }

    /// Whether what an email says is still so.
    fn holds(&self, email: &Email) -> bool {
        let member = self.member(MemberOf(email.org, email.to));
        match &email.says {
            Says::Invitation { invitation, link, expires_at } => {
                let it = &self.of(invitation.0).invitations[invitation.1];
                it.answer.is_none() && it.link == *link && self.now < *expires_at
            }
            Says::Removed(_) | Says::InvitationRevoked => {
                member.end.as_ref().is_some_and(|end| end.at == email.at)
            }
            Says::Restored => member.restored_at == Some(email.at),
            Says::RoleChanged(role) => member.status == Status::Active && member.role == *role,
        }
    }
}
