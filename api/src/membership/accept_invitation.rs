//! Accepting an invitation: the invited person becomes an active member, in one step.

use roster_entity::{activity, invitation, member};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::{
    Access, Code, Error, Membership, Offer, Problem, Result,
    access::granted,
    ending::close_invitations,
    link::check_open,
    transaction::{Entry, Transaction, retrying},
};
use crate::identity::Caller;

/// An invitation that was accepted.
#[derive(Debug)]
pub struct Accepted {
    /// The new member's access to the organization.
    pub access: Access,
    /// `false` for a second click.
    pub changed: bool,
    /// What to tell the person.
    pub message: String,
}

impl Membership {
    /// Accepts the invitation whose link has this token.
    pub async fn accept_invitation(&self, caller: &Caller, token: &str) -> Result<Accepted> {
        retrying(|| self.accept_invitation_once(caller, token)).await
    }

    async fn accept_invitation_once(&self, caller: &Caller, token: &str) -> Result<Accepted> {
        refuse_api_tokens(caller)?;
        let mut tx = self.begin().await?;
        let offer = self.lock_offer(&mut tx, token).await?;
        offer.check_recipient(caller)?;
        let organization = offer.organization.name.clone();
        if offer.invitation.answer == invitation::Answer::Accepted {
            return accepted_before(&tx, caller, offer).await;
        }
        check_open(&offer)?;
        if offer.invitation.status(tx.now) == invitation::Status::Expired {
            let message = format!(
                "The invitation to {organization} expired on {}. Ask {} to send it again.",
                offer.invitation.expires_at.format("%-d %B %Y"),
                offer.inviter.display_name()
            );
            return Err(Problem::new(Code::InvitationExpired, message).into());
        }

        let answer = invitation::Answer::Accepted;
        close_invitations(&mut tx, &[&offer.invitation], answer, caller.user.id);
        let member = member::Model {
            status: member::Status::Active,
            joined_at: Some(tx.now),
            // From now on the organization knows the person by name.
            sort_name: caller.user.sort_name(),
            search: caller.user.search_text(),
            ..offer.member
        };
        let join = member::Entity::update_many()
            .set(member::ActiveModel {
                status: Set(member.status),
                joined_at: Set(member.joined_at),
                sort_name: Set(member.sort_name.clone()),
                search: Set(member.search.clone()),
                ..member::ActiveModel::default()
            })
            .filter(member::Column::Id.eq(member.id));
        tx.writes.update(join);

        let access = Access {
            permissions: granted(&member, &offer.groups),
            organization: offer.organization,
            member,
            user: caller.user.clone(),
            api_token: None,
        };
        let entry = Entry {
            member: Some(access.member.id),
            invitation: Some(offer.invitation.id),
            ..Entry::new(activity::Action::InvitationAccepted)
        };
        tx.record(&access.actor(), entry);
        tx.commit().await?;
        Ok(Accepted {
            access,
            changed: true,
            message: format!("Welcome! You are now a member of {organization}."),
        })
    }
}

/// A second click is fine as long as the membership lasts.
async fn accepted_before(tx: &Transaction<'_>, caller: &Caller, offer: Offer) -> Result<Accepted> {
    let name = offer.organization.name.clone();
    match Access::to(&tx.conn, caller, offer.organization.id).await {
        Ok(access) => {
            let message = format!("You are a member of {name} already.");
            Ok(Accepted { access, changed: false, message })
        }
        Err(Error::NotFound(_)) => {
            let message = format!(
                "This invitation was used, and you are no longer a member of {name}. Ask to be invited again."
            );
            Err(Problem::new(Code::InvitationNotFound, message).into())
        }
        Err(e) => Err(e),
    }
}

/// An invitation is answered by the person, not by a script.
pub(super) fn refuse_api_tokens(caller: &Caller) -> Result<()> {
    match caller.api_token {
        Some(_) => Err(Error::NotPermitted(
            "An API token acts within one organization and cannot answer invitations. Sign in instead."
                .to_owned(),
        )),
        None => Ok(()),
    }
}
