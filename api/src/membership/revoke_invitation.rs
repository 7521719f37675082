//! Revoking an invitation before it is accepted: its link stops working, and the person is told, unless the organization
//! does not want that.

use roster_entity::{InvitationId, Permission, invitation, member, user};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    Access, Code, Error, Membership, Problem, Result,
    ending::{Affected, revoke},
    place::Place,
    removal_rules::valid_note,
    transaction::{Transaction, retrying},
};
use crate::identity::Caller;

/// An invitation to be revoked.
#[derive(Clone, Debug)]
pub struct RevokeInvitation {
    /// Which one.
    pub invitation: InvitationId,
    /// A note to the person, which the email quotes.
    pub note: Option<String>,
}

/// An invitation that was revoked.
#[derive(Debug)]
pub struct Revoked {
    /// The caller's access to the organization.
    pub access: Access,
    /// The invitation.
    pub invitation: invitation::Model,
    /// The member that it had made.
    pub member: member::Model,
    /// The person.
    pub user: user::Model,
    /// `false` if it was revoked before.
    pub changed: bool,
    /// What to tell the caller.
    pub message: String,
}

impl Membership {
    /// Revokes an invitation.
    pub async fn revoke_invitation(&self, caller: &Caller, input: &RevokeInvitation) -> Result<Revoked> {
        retrying(|| self.revoke_invitation_once(caller, input)).await
    }

    async fn revoke_invitation_once(&self, caller: &Caller, input: &RevokeInvitation) -> Result<Revoked> {
        let mut tx = self.begin().await?;
        let (access, invitation) = self.enter_by_invitation(&mut tx, caller, input.invitation).await?;
        let (member, user) = member_of(&tx, &invitation).await?;
        let organization = &access.organization.name;
        match invitation.answer {
            invitation::Answer::Accepted => {
                let message = format!(
                    "{} has accepted the invitation and is a member of {organization}. Remove the member instead.",
                    user.display_name()
                );
                return Err(Problem::new(Code::InvitationAlreadyAccepted, message).about(member.id).into());
            }
            invitation::Answer::Declined => {
                let message =
                    format!("{} has declined the invitation. There is nothing to revoke.", invitation.email);
                return Err(Problem::new(Code::InvitationDeclined, message).into());
            }
            invitation::Answer::Revoked => {
                let message = format!("The invitation of {} was revoked before.", invitation.email);
                return Ok(Revoked { access, invitation, member, user, changed: false, message });
            }
            invitation::Answer::Pending => {}
        }
        let affected = Affected::of(&tx, member, user).await?;
        check_not_above(&access, &affected)?;
        let note = valid_note(input.note.as_deref())?;
        let user = affected.user.clone();
        let mut revoked = revoke(&mut tx, &access, &[(&invitation, &affected)], note.as_deref());
        tx.commit().await?;
        let (invitation, member) = revoked.pop().expect("one in, one out");
        let message =
            format!("The invitation of {} to {} was revoked.", invitation.email, access.organization.name);
        Ok(Revoked { access, invitation, member, user, changed: true, message })
    }

    /// Locks the organization of an invitation for somebody who may invite, and reads the invitation.
    pub(super) async fn enter_by_invitation(
        &self,
        tx: &mut Transaction<'_>,
        caller: &Caller,
        id: InvitationId,
    ) -> Result<(Access, invitation::Model)> {
        let place = Place::Invitation(id);
        let access = tx.enter(caller, place).await?;
        access.require(Permission::MembersInvite)?;
        let invitation = invitation::Entity::in_organization(access.organization.id)
            .filter(invitation::Column::Id.eq(id))
            .one(&tx.conn)
            .await?
            .ok_or(Error::NotFound(place.what()))?;
        Ok((access, invitation))
    }
}

/// The member that an invitation has made.
pub(super) async fn member_of(
    tx: &Transaction<'_>,
    invitation: &invitation::Model,
) -> Result<(member::Model, user::Model)> {
    member::find_in(&tx.conn, invitation.organization_id, invitation.member_id)
        .await?
        .ok_or(Error::NotFound("invitation"))
}

/// Nobody takes back more than they have.
fn check_not_above(access: &Access, affected: &Affected) -> Result<()> {
    if access.permissions.cover(&affected.permissions()) {
        return Ok(());
    }
    let message =
        "This invitation is for somebody who will be able to do more than you. Ask an owner to revoke it.";
    Err(Problem::new(Code::RoleAboveYours, message).about(affected.member.id).into())
}
