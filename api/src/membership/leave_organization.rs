//! Leaving an organization by oneself.

use roster_entity::{OrganizationId, activity, member};

use super::{
    Code, Error, Membership, Problem, Result,
    ending::{Affected, End, end_memberships},
    removal_rules::{is_owner, last_owner, owners},
    transaction::{Entry, retrying},
};
use crate::identity::Caller;

/// A membership that its member has ended.
#[derive(Debug)]
pub struct Left {
    /// What to tell the person.
    pub message: String,
}

impl Membership {
    /// Ends the caller's own membership.
    pub async fn leave_organization(&self, caller: &Caller, organization: OrganizationId) -> Result<Left> {
        retrying(|| self.leave_organization_once(caller, organization)).await
    }

    async fn leave_organization_once(&self, caller: &Caller, organization: OrganizationId) -> Result<Left> {
        // Whatever it may do otherwise: no permission stands for this.
        if caller.api_token.is_some() {
            let message = "An API token cannot end the membership of its owner. Sign in instead.";
            return Err(Error::NotPermitted(message.to_owned()));
        }
        let mut tx = self.begin().await?;
        let access = match tx.enter(caller, organization).await {
            // The same answer whether the organization exists or not.
            Err(Error::NotFound(_)) => {
                let message = "You are not a member of this organization.";
                return Err(Problem::new(Code::NotAMember, message).at(["organizationId"]).into());
            }
            access => access?,
        };
        if is_owner(&access.member) && owners(&tx.conn, &access).await? <= 1 {
            return Err(last_owner(&access, &access.member, "You are").into());
        }
        let end = End { removal: member::Removal::Left, by: access.user.id, note: None };
        let affected = Affected::of(&tx, access.member.clone(), access.user.clone()).await?;
        end_memberships(&mut tx, &[&affected], &end);
        let entry = Entry {
            member: Some(access.member.id),
            before: Some(affected.logged()),
            ..Entry::new(activity::Action::MemberLeft)
        };
        tx.record(&access.actor(), entry);
        tx.commit().await?;
        Ok(Left { message: format!("You have left {}.", access.organization.name) })
    }
}
