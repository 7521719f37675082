//! What stands behind an invitation link: for the page that it opens, and for accepting and declining.

use roster_entity::{InvitationId, group, invitation, member, organization, user};
use roster_worker::link::LinkClaim;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};

use super::{Code, Membership, Problem, Result, place::Place, transaction::Transaction};
use crate::identity::Caller;

/// What somebody who has the link of an invitation may know about it.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The invitation.
    pub invitation: invitation::Model,
    /// Where to.
    pub organization: organization::Model,
    /// As what.
    pub member: member::Model,
    /// Who is invited.
    pub recipient: user::Model,
    /// By whom.
    pub inviter: user::Model,
    /// Into which groups.
    pub groups: Vec<group::Model>,
}

impl Membership {
    /// What the link with this token offers. Reading it changes nothing.
    pub async fn offer(&self, token: &str) -> Result<Offer> {
        let claim = self.claim(token)?;
        self.load_offer(self.database.read(), claim).await
    }

    pub(super) fn claim(&self, token: &str) -> Result<LinkClaim> {
        self.links.verify(token).ok_or_else(|| not_found().into())
    }

    /// The offer, with the organization locked, for answering it.
    pub(super) async fn lock_offer(&self, tx: &mut Transaction<'_>, token: &str) -> Result<Offer> {
        let claim = self.claim(token)?;
        tx.lock(Place::Invitation(claim.invitation)).await?;
        self.load_offer(&tx.conn, claim).await
    }

    async fn load_offer(&self, conn: &impl ConnectionTrait, claim: LinkClaim) -> Result<Offer> {
        let offer = load(conn, claim.invitation).await?.ok_or_else(not_found)?;
        if offer.invitation.link_version != claim.version {
            let message = "This link was replaced by a newer one. Use the link in the newest email.";
            return Err(Problem::new(Code::InvitationNotFound, message).at(["token"]).into());
        }
        Ok(offer)
    }
}

async fn load(conn: &impl ConnectionTrait, id: InvitationId) -> std::result::Result<Option<Offer>, DbErr> {
    let Some(invitation) = invitation::Entity::find_by_id(id).one(conn).await? else {
        return Ok(None);
    };
    let organization = organization::Entity::find_by_id(invitation.organization_id).one(conn).await?;
    let member = member::find_in(conn, invitation.organization_id, invitation.member_id).await?;
    let inviter = user::Entity::find_by_id(invitation.invited_by).one(conn).await?;
    let (Some(organization), Some((member, recipient)), Some(inviter)) = (organization, member, inviter)
    else {
        return Err(DbErr::RecordNotFound(format!("what {id} refers to")));
    };
    let groups = group::of_member(conn, organization.id, member.id).await?;
    Ok(Some(Offer { invitation, organization, member, recipient, inviter, groups }))
}

fn not_found() -> Problem {
    let message = "This is not a valid invitation link. Check that you have copied all of it, or ask to be invited again.";
    Problem::new(Code::InvitationNotFound, message).at(["token"])
}

impl Offer {
    /// Refuses everybody but the person who was invited. Somebody else learns only the masked address.
    pub(super) fn check_recipient(&self, caller: &Caller) -> Result<()> {
        if caller.user.id == self.recipient.id {
            return Ok(());
        }
        let same_address = caller.user.email.normalized() == self.invitation.email_norm;
        let problem = if same_address && !caller.user.email_verified() {
            let message = "Verify your email address where you sign in, then answer the invitation.";
            Problem::new(Code::EmailNotVerified, message)
        } else {
            let message = format!(
                "This invitation was sent to {}. Sign in with that address to answer it.",
                self.invitation.email.masked()
            );
            Problem::new(Code::WrongRecipient, message)
        };
        Err(problem.into())
    }
}

/// Why an invitation that was answered or withdrawn cannot be answered, if it was.
pub(super) fn check_open(offer: &Offer) -> Result<()> {
    let organization = &offer.organization.name;
    let problem = match offer.invitation.answer {
        invitation::Answer::Pending => return Ok(()),
        invitation::Answer::Revoked => Problem::new(
            Code::InvitationRevoked,
            format!("The invitation to {organization} was revoked. Ask to be invited again."),
        ),
        invitation::Answer::Declined => Problem::new(
            Code::InvitationDeclined,
            format!("You have declined the invitation to {organization}. Ask to be invited again."),
        ),
        invitation::Answer::Accepted => Problem::new(
            Code::InvitationAlreadyAccepted,
            format!("The invitation to {organization} was accepted before."),
        )
        .about(offer.member.id),
    };
    Err(problem.into())
}
