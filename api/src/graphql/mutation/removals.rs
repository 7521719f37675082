//! Mutations that remove members.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{MutationError, batch, found::Found, payloads, run, settle_then};
use crate::{
    graphql::{caller, enums::BatchMode, invitation::Invitation, member::Member, operations, scope::Scope},
    membership::{self, MemberToRemove, MembersRemoved, RemoveMember, RemoveMembers, Removed},
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
    /// The fingerprint of the removal preview that was reviewed: `STALE_PREVIEW` if the member has changed since.
    expected_fingerprint: Option<String>,
    /// Goes the whole way, and takes it back: the answer says what would be done, and nothing is.
    #[graphql(default)]
    dry_run: bool,
}

/// The answer to `removeMember`.
#[derive(Default, SimpleObject)]
struct RemoveMemberPayload {
    /// The member, as removed; `null` if there are errors.
    member: Option<Member>,
    /// The invitation that was revoked, if the person had not accepted it yet.
    revoked_invitation: Option<Invitation>,
    /// The invitations that the person had sent and that were revoked with them: at most 1,000, the oldest first.
    revoked_sent_invitations: Vec<Invitation>,
    /// Whether the member was removed now; `false` if they were removed before, or if there are errors.
    changed: bool,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

/// Members to be removed.
#[derive(InputObject)]
struct RemoveMembersInput {
    /// The organization that they are removed from: `organization_…`.
    organization_id: ID,
    /// The members, active or invited: 1 to 1,000.
    members: Vec<MemberToRemoveInput>,
    /// A note to all of them, which the emails quote: at most 1,000 characters.
    note: Option<String>,
    /// Whether the open invitations that the members have sent are revoked too, as far as you may revoke them, for which you
    /// need `MEMBERS_INVITE`. Otherwise they stay valid.
    #[graphql(default)]
    revoke_sent_invitations: bool,
    /// What happens when some of them cannot be removed.
    #[graphql(default_with = "BatchMode::Partial")]
    mode: BatchMode,
    /// Goes the whole way, and takes it back: the answer says what would be done, and nothing is.
    #[graphql(default)]
    dry_run: bool,
    /// A name of your choice for this request: 1 to 255 characters. Sent again within 24 hours, the request is answered with
    /// the first answer and not carried out again; another request under the same key is `IDEMPOTENCY_KEY_REUSED`.
    idempotency_key: Option<String>,
}

/// A member to be removed, in a list.
#[derive(InputObject)]
struct MemberToRemoveInput {
    /// The id of the member: `member_…`.
    member_id: ID,
    /// The fingerprint of the removal preview that was reviewed: `STALE_PREVIEW` if the member has changed since.
    expected_fingerprint: Option<String>,
}

/// The answer to `removeMembers`.
#[derive(Default, SimpleObject)]
struct RemoveMembersPayload {
    /// What became of each member, in the order of the input.
    results: Vec<RemoveMembersResult>,
    /// The invitations that the removed people had sent and that were revoked with them: at most 1,000.
    revoked_sent_invitations: Vec<Invitation>,
    /// Whether anybody was removed.
    changed: bool,
    /// Whether this is the answer to an earlier request under the same idempotency key.
    replayed: bool,
    /// A sentence to show to a person; `null` if nothing was tried.
    message: Option<String>,
    /// Why members were not removed; empty if none is left.
    errors: Vec<MutationError>,
}

/// What became of one member who should be removed.
#[derive(SimpleObject)]
struct RemoveMembersResult {
    /// The id as it was given.
    member_id: ID,
    /// The member; `null` if there is an error.
    member: Option<Member>,
    /// The invitation that was revoked, if the person had not accepted it yet.
    revoked_invitation: Option<Invitation>,
    /// Whether the member was removed now; `false` if they were removed before, or if the list was refused as a whole.
    changed: bool,
    /// A sentence to show to a person; `null` if there is an error.
    message: Option<String>,
    /// Why the member was not removed; `null` if they were.
    error: Option<MutationError>,
}

payloads!(RemoveMemberPayload, RemoveMembersPayload);

#[derive(Default)]
pub(super) struct RemovalMutation;

#[Object]
impl RemovalMutation {
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
                member: MemberToRemove {
                    member: input.member_id.parse()?,
                    expected_fingerprint: input.expected_fingerprint,
                },
                note: input.note,
                revoke_sent_invitations: input.revoke_sent_invitations,
                run: run(input.dry_run),
            };
            operations(ctx).remove_member(caller, &input).await
        };
        settle_then(operation, |done| removed(ctx, done)).await
    }

    /// Removes up to 1,000 active and invited members in one step, each as `removeMember` would: one email a person, a result
    /// for each in the order of the input, nobody silently dropped. Needs `MEMBERS_REMOVE`.
    async fn remove_members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The members to be removed.")] input: RemoveMembersInput,
    ) -> Option<Result<RemoveMembersPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let member = |item: MemberToRemoveInput| {
                let expected_fingerprint = item.expected_fingerprint;
                membership::Result::Ok(MemberToRemove {
                    member: item.member_id.parse()?,
                    expected_fingerprint,
                })
            };
            let input = RemoveMembers {
                organization: input.organization_id.parse()?,
                members: input.members.into_iter().map(member).collect::<membership::Result<_>>()?,
                note: input.note,
                revoke_sent_invitations: input.revoke_sent_invitations,
                batch: batch(input.mode, input.dry_run, input.idempotency_key),
            };
            operations(ctx).remove_members(caller, &input).await
        };
        settle_then(operation, |done| all_removed(ctx, done)).await
    }
}

async fn removed(ctx: &Context<'_>, done: Removed) -> Result<RemoveMemberPayload> {
    let asked = ctx.look_ahead();
    let (removal, sent) = (done.removal, done.revoked_sent_invitations);
    let invitations = removal.revoked_invitation.into_iter().chain(sent.iter().copied());
    let mut found = Found::new(Scope::new(operations(ctx), done.access), done.rows)
        .with_members(asked.field("member"), [done.member])
        .await?
        .with_invitations(
            &[asked.field("revokedInvitation"), asked.field("revokedSentInvitations")],
            invitations,
        )
        .await?;
    Ok(RemoveMemberPayload {
        member: found.member(done.member),
        revoked_invitation: removal.revoked_invitation.and_then(|id| found.invitation(id)),
        revoked_sent_invitations: sent.into_iter().filter_map(|id| found.invitation(id)).collect(),
        changed: removal.changed,
        message: Some(removal.message),
        errors: Vec::new(),
    })
}

async fn all_removed(ctx: &Context<'_>, done: MembersRemoved) -> Result<RemoveMembersPayload> {
    let asked = ctx.look_ahead();
    let answer = done.answer;
    let not_refused = || answer.items.iter().filter_map(|item| item.result.as_ref().ok().map(|r| (item, r)));
    let invitations = not_refused()
        .filter_map(|(_, removal)| removal.revoked_invitation)
        .chain(answer.revoked_sent_invitations.iter().copied());
    let asked_invitations =
        [asked.field("results").field("revokedInvitation"), asked.field("revokedSentInvitations")];
    let mut found = Found::new(Scope::new(operations(ctx), done.access), done.rows)
        .with_members(asked.field("results").field("member"), not_refused().map(|(item, _)| item.member))
        .await?
        .with_invitations(&asked_invitations, invitations)
        .await?;
    let mut payload = RemoveMembersPayload {
        changed: answer.changed(),
        replayed: done.replayed,
        message: Some(answer.message),
        revoked_sent_invitations: answer
            .revoked_sent_invitations
            .into_iter()
            .filter_map(|id| found.invitation(id))
            .collect(),
        ..RemoveMembersPayload::default()
    };
    for item in answer.items {
        let member_id = item.member.to_string().into();
        let result = match item.result {
            Ok(removal) => RemoveMembersResult {
                member_id,
                member: found.member(item.member),
                revoked_invitation: removal.revoked_invitation.and_then(|id| found.invitation(id)),
                changed: removal.changed,
                message: Some(removal.message),
                error: None,
            },
            Err(problem) => {
                let error = MutationError::from(problem);
                payload.errors.push(error.clone());
                RemoveMembersResult {
                    member_id,
                    member: None,
                    revoked_invitation: None,
                    changed: false,
                    message: None,
                    error: Some(error),
                }
            }
        };
        payload.results.push(result);
    }
    Ok(payload)
}
