//! Mutations of members.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{MutationError, payloads, settle};
use crate::{
    graphql::{caller, enums::Role, invitation::Invitation, member::Member, operations, scope::Scope},
    membership::{ChangeMemberRole, RemoveMember, Removed, RoleChanged},
};

/// The member to be removed.
#[derive(InputObject)]
struct RemoveMemberInput {
    /// The id of the member: `member_…`.
    member_id: ID,
    /// A note to the person, which the email quotes: at most 1,000 characters.
    note: Option<String>,
    /// Whether the open invitations that the member has sent are revoked too, as far as you may revoke them, for which you
    /// need `MEMBERS_INVITE`. Otherwise they stay valid.
    #[graphql(default)]
    revoke_sent_invitations: bool,
}

/// The answer to `removeMember`.
#[derive(Default, SimpleObject)]
struct RemoveMemberPayload {
    /// The member, as removed; `null` if there are errors.
    member: Option<Member>,
    /// The invitation that was revoked, if the person had not accepted it yet.
    revoked_invitation: Option<Invitation>,
    /// The invitations that the person had sent and that were revoked with them.
    revoked_sent_invitations: Vec<Invitation>,
    /// Whether the member was removed now; `false` if they were removed before, or if there are errors.
    changed: bool,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

/// The new role of a member.
#[derive(InputObject)]
struct ChangeMemberRoleInput {
    /// The id of the member: `member_…`.
    member_id: ID,
    /// The new role.
    role: Role,
}

/// The answer to `changeMemberRole`.
#[derive(Default, SimpleObject)]
struct ChangeMemberRolePayload {
    /// The member; `null` if there are errors.
    member: Option<Member>,
    /// Whether the role was changed now; `false` if the member had it before, or if there are errors.
    changed: bool,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

payloads!(RemoveMemberPayload, ChangeMemberRolePayload);

#[derive(Default)]
pub(super) struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Removes a member from their organization and all of its groups, and tells them by email. The person and their other
    /// organizations are not touched. Of somebody who has not accepted their invitation, the invitation is revoked. Needs
    /// `MEMBERS_REMOVE`.
    async fn remove_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member to be removed.")] input: RemoveMemberInput,
    ) -> Option<Result<RemoveMemberPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let input = RemoveMember {
                member: input.member_id.parse()?,
                note: input.note,
                revoke_sent_invitations: input.revoke_sent_invitations,
            };
            operations(ctx).remove_member(caller, &input).await
        };
        let payload = |done: Removed| {
            let scope = Scope::new(operations(ctx), done.access);
            let invitation = |row| Invitation { scope: scope.clone(), row };
            RemoveMemberPayload {
                member: Some(Member::new(&scope, done.member, done.user)),
                revoked_invitation: done.revoked_invitation.map(invitation),
                revoked_sent_invitations: done.revoked_sent_invitations.into_iter().map(invitation).collect(),
                changed: done.changed,
                message: Some(done.message),
                errors: Vec::new(),
            }
        };
        settle(operation, payload).await
    }

    /// Changes the role of a member, and tells them by email. Nobody changes their own role, gives more than they have, or
    /// leaves an organization without an owner. Needs `ROLES_MANAGE`.
    async fn change_member_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new role of a member.")] input: ChangeMemberRoleInput,
    ) -> Option<Result<ChangeMemberRolePayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let input = ChangeMemberRole { member: input.member_id.parse()?, role: input.role.into() };
            operations(ctx).change_member_role(caller, &input).await
        };
        let payload = |done: RoleChanged| ChangeMemberRolePayload {
            member: Some(Member::new(&Scope::new(operations(ctx), done.access), done.member, done.user)),
            changed: done.changed,
            message: Some(done.message),
            errors: Vec::new(),
        };
        settle(operation, payload).await
    }
}
