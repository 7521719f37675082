//! Removing one member. What a removal does stands in [`super::remove_members`].

use roster_entity::{InvitationId, MemberId};

use super::{
    Access, Code, Error, Membership, Result, Run,
    removal_rules::cannot_remove_self,
    remove_members::{MemberToRemove, Removal, Removals, check_call},
    rows::Rows,
    transaction::retrying,
};
use crate::identity::Caller;

/// A member to be removed.
#[derive(Clone, Debug)]
pub struct RemoveMember {
    /// Whom, and as what they were reviewed.
    pub member: MemberToRemove,
    /// A note to the person, which the email quotes.
    pub note: Option<String>,
    /// Whether the open invitations that they have sent are revoked too, as far as the caller may revoke them. Otherwise
    /// they stay valid.
    pub revoke_sent_invitations: bool,
    /// Whether it is carried out.
    pub run: Run,
}

/// A member who was removed.
#[derive(Debug)]
pub struct Removed {
    /// The caller's access to the organization.
    pub access: Access,
    /// Who.
    pub member: MemberId,
    /// What was done.
    pub removal: Removal,
    /// The invitations that the person had sent and that were revoked with them.
    pub revoked_sent_invitations: Vec<InvitationId>,
    /// What is known of the member and the invitations.
    pub rows: Rows,
}

impl Membership {
    /// Removes a member, or revokes the invitation of somebody who has not accepted it.
    pub async fn remove_member(&self, caller: &Caller, input: &RemoveMember) -> Result<Removed> {
        retrying(|| self.remove_member_once(caller, input)).await
    }

    async fn remove_member_once(&self, caller: &Caller, input: &RemoveMember) -> Result<Removed> {
        let mut tx = self.begin().await?;
        let member = input.member.member;
        let access = tx.enter(caller, member).await?;
        // Before the permission: everybody is told so who tries.
        if access.member.id == member {
            return Err(cannot_remove_self(&access).into());
        }
        let note = check_call(&access, input.note.as_deref(), input.revoke_sent_invitations)?;
        let mut removals = Removals::load(&tx, &access, std::slice::from_ref(&input.member)).await?;
        let decision = match removals.decide(&access, &input.member) {
            Err(problem) if problem.code == Code::MemberNotFound => return Err(Error::NotFound("member")),
            decision => decision?,
        };
        let revoked_sent_invitations = removals
            .carry_out(&mut tx, &access, [decision].iter(), note, input.revoke_sent_invitations)
            .await?;
        let removal = removals.result(&access, decision, false, input.run);
        tx.finish(input.run).await?;
        let rows = removals.into_rows(input.run);
        Ok(Removed { access, member, removal, revoked_sent_invitations, rows })
    }
}
