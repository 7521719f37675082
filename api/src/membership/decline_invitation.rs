//! Declining an invitation. The person can be invited again.

use roster_entity::{activity, invitation, member};

use super::{
    Membership, Result,
    accept_invitation::refuse_api_tokens,
    ending::{Affected, End, close_invitations, end_memberships},
    link::check_open,
    transaction::{Actor, Entry, retrying},
};
use crate::identity::Caller;

/// An invitation that was declined.
#[derive(Debug)]
pub struct Declined {
    /// `false` if it was declined before.
    pub changed: bool,
    /// What to tell the person.
    pub message: String,
}

impl Membership {
    /// Declines the invitation whose link has this token, expired or not.
    pub async fn decline_invitation(&self, caller: &Caller, token: &str) -> Result<Declined> {
        retrying(|| self.decline_invitation_once(caller, token)).await
    }

    async fn decline_invitation_once(&self, caller: &Caller, token: &str) -> Result<Declined> {
        refuse_api_tokens(caller)?;
        let mut tx = self.begin().await?;
        let offer = self.lock_offer(&mut tx, token).await?;
        offer.check_recipient(caller)?;
        let message = format!("You have declined the invitation to {}.", offer.organization.name);
        if offer.invitation.answer == invitation::Answer::Declined {
            return Ok(Declined { changed: false, message });
        }
        check_open(&offer)?;

        let answer = invitation::Answer::Declined;
        close_invitations(&mut tx, &[&offer.invitation], answer, caller.user.id);
        let (member, user, groups) = (offer.member.clone(), caller.user.clone(), offer.groups.clone());
        let affected = Affected { member, user, groups };
        let end = End { removal: member::Removal::InvitationDeclined, by: caller.user.id, note: None };
        end_memberships(&mut tx, &[&affected], &end);
        let actor = Actor { organization: &offer.organization, user: &caller.user, api_token: None };
        let entry = Entry {
            member: Some(offer.member.id),
            invitation: Some(offer.invitation.id),
            before: Some(affected.logged()),
            ..Entry::new(activity::Action::InvitationDeclined)
        };
        tx.record(&actor, entry);
        tx.commit().await?;
        Ok(Declined { changed: true, message })
    }
}
