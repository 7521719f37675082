//! Sending an invitation again, with a new link and a new date. The older link stops working; an expired invitation is
//! thereby renewed.

use roster_entity::{InvitationId, activity, group, invitation, member, user};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::{
    Access, Code, Membership, Problem, Result,
    invite_members::{check_domain, invitation_event, recipient},
    revoke_invitation::member_of,
    transaction::{Entry, retrying},
};
use crate::identity::Caller;

/// An invitation that was sent again.
#[derive(Debug)]
pub struct Resent {
    /// The caller's access to the organization.
    pub access: Access,
    /// The invitation.
    pub invitation: invitation::Model,
    /// The invited member.
    pub member: member::Model,
    /// The invited person.
    pub user: user::Model,
    /// What to tell the caller.
    pub message: String,
}

impl Membership {
    /// Sends an invitation again.
    pub async fn resend_invitation(&self, caller: &Caller, id: InvitationId) -> Result<Resent> {
        retrying(|| self.resend_invitation_once(caller, id)).await
    }

    async fn resend_invitation_once(&self, caller: &Caller, id: InvitationId) -> Result<Resent> {
        let mut tx = self.begin().await?;
        let (access, invitation) = self.enter_by_invitation(&mut tx, caller, id).await?;
        let (member, user) = member_of(&tx, &invitation).await?;
        check_open(&access, &invitation)?;
        if invitation.status(tx.now) == invitation::Status::Expired {
            check_domain(&access, &invitation.email)?;
        }
        if let Some(seconds) = self.resend_wait(invitation.sent_at, tx.now) {
            let message = format!(
                "The invitation of {} was sent a moment ago. Wait {seconds} seconds before you send it again.",
                invitation.email,
            );
            return Err(Problem::new(Code::ResendTooSoon, message).after(seconds).into());
        }
        self.check_may_send_again(&access.organization, &invitation.email).await?;

        tx.cancel_emails_about(access.organization.id, &[&invitation]);
        let before = json!({ "expiresAt": invitation.expires_at });
        let invitation = invitation::Model {
            link_version: invitation.link_version + 1,
            sent_at: tx.now,
            expires_at: tx.now + access.organization.invitation_lifetime(),
            ..invitation
        };
        let renew = invitation::Entity::update_many()
            .set(invitation::ActiveModel {
                link_version: Set(invitation.link_version),
                sent_at: Set(invitation.sent_at),
                expires_at: Set(invitation.expires_at),
                ..invitation::ActiveModel::default()
            })
            .filter(invitation::Column::Id.eq(invitation.id));
        tx.writes.update(renew);
        let groups = group::of_member(&tx.conn, access.organization.id, member.id).await?;
        let names = groups.into_iter().map(|group| group.name).collect();

        let actor = access.actor();
        let entry = Entry {
            member: Some(member.id),
            invitation: Some(invitation.id),
            before: Some(before),
            after: Some(json!({ "expiresAt": invitation.expires_at })),
            ..Entry::new(activity::Action::InvitationResent)
        };
        let activity = tx.record(&actor, entry);
        let event = invitation_event(&invitation, member.role, names);
        tx.notify(&actor, activity, &recipient(&invitation, &user), event);
        tx.commit().await?;
        let message = format!("The invitation was sent to {} again, with a new link.", invitation.email);
        Ok(Resent { access, invitation, member, user, message })
    }
}

fn check_open(access: &Access, invitation: &invitation::Model) -> Result<()> {
    let (email, organization) = (&invitation.email, &access.organization.name);
    let problem = match invitation.answer {
        invitation::Answer::Pending => return Ok(()),
        invitation::Answer::Accepted => Problem::new(
            Code::InvitationAlreadyAccepted,
            format!("{email} has accepted the invitation to {organization}."),
        )
        .about(invitation.member_id),
        invitation::Answer::Revoked => Problem::new(
            Code::InvitationRevoked,
            format!("The invitation of {email} was revoked. Invite {email} again instead."),
        ),
        invitation::Answer::Declined => Problem::new(
            Code::InvitationDeclined,
            format!("{email} has declined the invitation. Invite {email} again instead."),
        ),
    };
    Err(problem.into())
}
