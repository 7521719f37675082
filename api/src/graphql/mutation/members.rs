//! Mutations of members, but for removing them.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{MutationError, found::Found, payloads, run, settle, settle_then};
use crate::{
    graphql::{caller, enums::Role, member::Member, operations, scope::Scope},
    membership::{ChangeMemberRole, RestoreMember, Restored, RoleChanged, Rows},
};

/// The removal to be undone.
#[derive(InputObject)]
struct RestoreMemberInput {
    /// The id of the removed member: `member_…`.
    member_id: ID,
    /// Goes the whole way, and takes it back: the answer says what would be done, and nothing is.
    #[graphql(default)]
    dry_run: bool,
}

/// The answer to `restoreMember`.
#[derive(Default, SimpleObject)]
struct RestoreMemberPayload {
    /// The member; `null` if there are errors.
    member: Option<Member>,
    /// What is not as it was before the removal, in sentences: groups that are gone, API tokens that stay revoked.
    warnings: Vec<String>,
    /// Whether the member was restored now; `false` if they were restored before, or if there are errors.
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

payloads!(RestoreMemberPayload, ChangeMemberRolePayload);

#[derive(Default)]
pub(super) struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Undoes a removal within the organization's restore window: the member is back with the role and the groups as they were,
    /// and is told by email. People who left on their own are invited instead. Needs `MEMBERS_REMOVE`, and all that the member
    /// will have.
    async fn restore_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The removal to be undone.")] input: RestoreMemberInput,
    ) -> Option<Result<RestoreMemberPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let input = RestoreMember { member: input.member_id.parse()?, run: run(input.dry_run) };
            operations(ctx).restore_member(caller, &input).await
        };
        settle_then(operation, |done| restored(ctx, done)).await
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

async fn restored(ctx: &Context<'_>, done: Restored) -> Result<RestoreMemberPayload> {
    let mut found = Found::new(Scope::new(operations(ctx), done.access), Rows::default())
        .with_members(ctx.look_ahead().field("member"), [done.member])
        .await?;
    Ok(RestoreMemberPayload {
        member: found.member(done.member),
        warnings: done.warnings,
        changed: done.changed,
        message: Some(done.message),
        errors: Vec::new(),
    })
}
