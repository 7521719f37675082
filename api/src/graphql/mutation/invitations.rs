//! Mutations of invitations: by those who invite, and by the person who is invited.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{MutationError, batch, found::Found, payloads, run, settle, settle_then};
use crate::{
    graphql::{
        caller,
        enums::{BatchMode, Role},
        invitation::Invitation,
        member::Member,
        offer::by_link,
        operations,
        organization::Organization,
        scope::Scope,
    },
    membership::{
        self, Accepted, Declined, InviteMembers, Invited, Invitee, Resent, RevokeInvitation, Revoked, Run,
    },
};

/// People to be invited.
#[derive(InputObject)]
struct InviteMembersInput {
    /// The organization to which they are invited: `organization_…`.
    organization_id: ID,
    /// The people: 1 to 500.
    people: Vec<InviteeInput>,
    /// What happens when some of them are refused.
    #[graphql(default_with = "BatchMode::Partial")]
    mode: BatchMode,
    /// Goes the whole way, and takes it back: the answer says what would be done, and nothing is.
    #[graphql(default)]
    dry_run: bool,
    /// A name of your choice for this request: 1 to 255 characters. Sent again within 24 hours, the request is answered with
    /// the first answer and not carried out again; another request under the same key is `IDEMPOTENCY_KEY_REUSED`.
    idempotency_key: Option<String>,
}

/// A person to be invited.
#[derive(InputObject)]
struct InviteeInput {
    /// Where the invitation goes.
    email: String,
    /// The role that the person will have.
    #[graphql(default_with = "Role::Member")]
    role: Role,
    /// The groups that the person will be in: `group_…`.
    #[graphql(default)]
    group_ids: Vec<ID>,
}

/// The answer to `inviteMembers`.
#[derive(Default, SimpleObject)]
struct InviteMembersPayload {
    /// What became of each person, in the order of the input.
    results: Vec<InviteMemberResult>,
    /// Whether anybody was invited.
    changed: bool,
    /// Whether this is the answer to an earlier request under the same idempotency key.
    replayed: bool,
    /// A sentence to show to a person; `null` if nothing was tried.
    message: Option<String>,
    /// Why people were not invited; empty if all were.
    errors: Vec<MutationError>,
}

/// What became of one person who should be invited.
#[derive(SimpleObject)]
struct InviteMemberResult {
    /// The address as it was given.
    email: String,
    /// The invitation; `null` if there is an error, or in a dry run.
    invitation: Option<Invitation>,
    /// The invited member; `null` if there is an error, or in a dry run.
    member: Option<Member>,
    /// Whether the person was invited now; `false` if there is an error, or if the list was refused as a whole.
    changed: bool,
    /// Why the person was not invited; `null` if they were.
    error: Option<MutationError>,
}

/// The invitation to be sent again.
#[derive(InputObject)]
struct ResendInvitationInput {
    /// The id of the invitation: `invitation_…`.
    invitation_id: ID,
}

/// The answer to `resendInvitation`.
#[derive(Default, SimpleObject)]
struct ResendInvitationPayload {
    /// The invitation; `null` if there are errors.
    invitation: Option<Invitation>,
    /// Whether it was sent again; `false` if there are errors.
    changed: bool,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

/// The invitation to be revoked.
#[derive(InputObject)]
struct RevokeInvitationInput {
    /// The id of the invitation: `invitation_…`.
    invitation_id: ID,
    /// A note to the person, which the email quotes: at most 1,000 characters.
    note: Option<String>,
}

/// The answer to `revokeInvitation`.
#[derive(Default, SimpleObject)]
struct RevokeInvitationPayload {
    /// The invitation; `null` if there are errors.
    invitation: Option<Invitation>,
    /// The member that the invitation had made, now removed; `null` if there are errors.
    member: Option<Member>,
    /// Whether it was revoked now; `false` if it was revoked before, or if there are errors.
    changed: bool,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

/// The invitation to be accepted.
#[derive(InputObject)]
struct AcceptInvitationInput {
    /// The secret in the link.
    token: String,
}

/// The answer to `acceptInvitation`.
#[derive(Default, SimpleObject)]
struct AcceptInvitationPayload {
    /// You, as a member; `null` if there are errors.
    member: Option<Member>,
    /// The organization that you have joined; `null` if there are errors.
    organization: Option<Organization>,
    /// Whether you joined now; `false` for a second click, or if there are errors.
    changed: bool,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

/// The invitation to be declined.
#[derive(InputObject)]
struct DeclineInvitationInput {
    /// The secret in the link.
    token: String,
}

/// The answer to `declineInvitation`.
#[derive(Default, SimpleObject)]
struct DeclineInvitationPayload {
    /// Whether it was declined now; `false` if it was declined before, or if there are errors.
    changed: bool,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

payloads!(
    InviteMembersPayload,
    ResendInvitationPayload,
    RevokeInvitationPayload,
    AcceptInvitationPayload,
    DeclineInvitationPayload
);

#[derive(Default)]
pub(super) struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Invites people. Each gets an email with a link; who cannot be invited is told in `results` and does not keep the
    /// others from being invited. Needs `MEMBERS_INVITE`.
    async fn invite_members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The people to be invited.")] input: InviteMembersInput,
    ) -> Option<Result<InviteMembersPayload>> {
        let emails: Vec<_> = input.people.iter().map(|person| person.email.clone()).collect();
        let run = run(input.dry_run);
        let operation = async {
            let caller = caller(ctx)?;
            let input = InviteMembers {
                organization: input.organization_id.parse()?,
                people: input.people.into_iter().map(invitee).collect::<membership::Result<_>>()?,
                batch: batch(input.mode, input.dry_run, input.idempotency_key),
            };
            operations(ctx).invite_members(caller, &input).await
        };
        settle_then(operation, |done| invited(ctx, emails, run, done)).await
    }

    /// Sends an invitation again, with a new link and a new date; the older link stops working. Renews an expired
    /// invitation. Needs `MEMBERS_INVITE`.
    async fn resend_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invitation to be sent again.")] input: ResendInvitationInput,
    ) -> Option<Result<ResendInvitationPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let invitation = input.invitation_id.parse()?;
            operations(ctx).resend_invitation(caller, invitation).await
        };
        let payload = |done: Resent| ResendInvitationPayload {
            invitation: Some(Invitation::new(&Scope::new(operations(ctx), done.access), done.invitation)),
            changed: true,
            message: Some(done.message),
            errors: Vec::new(),
        };
        settle(operation, payload).await
    }

    /// Revokes an invitation before it is accepted: its link stops working. The person is told by email, unless the
    /// organization has switched that off. Needs `MEMBERS_INVITE`.
    async fn revoke_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invitation to be revoked.")] input: RevokeInvitationInput,
    ) -> Option<Result<RevokeInvitationPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let input = RevokeInvitation { invitation: input.invitation_id.parse()?, note: input.note };
            operations(ctx).revoke_invitation(caller, &input).await
        };
        let payload = |done: Revoked| {
            let scope = Scope::new(operations(ctx), done.access);
            RevokeInvitationPayload {
                member: Some(Member::new(&scope, done.member, done.user)),
                invitation: Some(Invitation::new(&scope, done.invitation)),
                changed: done.changed,
                message: Some(done.message),
                errors: Vec::new(),
            }
        };
        settle(operation, payload).await
    }

    /// Accepts the invitation that was sent to you: you become a member. A second click changes nothing.
    async fn accept_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invitation to be accepted.")] input: AcceptInvitationInput,
    ) -> Option<Result<AcceptInvitationPayload>> {
        let operation =
            by_link(ctx, async { operations(ctx).accept_invitation(caller(ctx)?, &input.token).await });
        let payload = |done: Accepted| {
            let (member, user) = (done.access.member.clone(), done.access.user.clone());
            let scope = Scope::new(operations(ctx), done.access);
            AcceptInvitationPayload {
                member: Some(Member::new(&scope, member, user)),
                organization: Some(Organization(scope)),
                changed: done.changed,
                message: Some(done.message),
                errors: Vec::new(),
            }
        };
        settle(operation, payload).await
    }

    /// Declines the invitation that was sent to you. You can be invited again.
    async fn decline_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invitation to be declined.")] input: DeclineInvitationInput,
    ) -> Option<Result<DeclineInvitationPayload>> {
        let operation =
            by_link(ctx, async { operations(ctx).decline_invitation(caller(ctx)?, &input.token).await });
        let payload = |done: Declined| DeclineInvitationPayload {
            changed: done.changed,
            message: Some(done.message),
            errors: Vec::new(),
        };
        settle(operation, payload).await
    }
}

fn invitee(input: InviteeInput) -> membership::Result<Invitee> {
    let groups = input.group_ids.iter().map(|id| id.parse()).collect::<std::result::Result<_, _>>()?;
    Ok(Invitee { email: input.email, role: input.role.into(), groups })
}

async fn invited(
    ctx: &Context<'_>,
    emails: Vec<String>,
    run: Run,
    done: Invited,
) -> Result<InviteMembersPayload> {
    let asked = ctx.look_ahead().field("results");
    let answer = done.answer;
    // What a dry run has written is not there any more.
    let is_there = |_: &&_| run == Run::Real;
    let sent = || answer.items.iter().filter(is_there).filter_map(|item| *item.as_ref().ok()?);
    let mut found = Found::new(Scope::new(operations(ctx), done.access), done.rows)
        .with_members(asked.field("member"), sent().map(|sent| sent.member))
        .await?
        .with_invitations(&[asked.field("invitation")], sent().map(|sent| sent.invitation))
        .await?;
    let mut payload = InviteMembersPayload {
        changed: answer.changed(),
        replayed: done.replayed,
        message: Some(answer.message),
        ..InviteMembersPayload::default()
    };
    for (item, email) in answer.items.into_iter().zip(emails) {
        let mut result = InviteMemberResult {
            email,
            invitation: None,
            member: None,
            changed: matches!(item, Ok(Some(_))),
            error: None,
        };
        match item {
            Ok(Some(sent)) if run == Run::Real => {
                result.member = found.member(sent.member);
                result.invitation = found.invitation(sent.invitation);
            }
            Ok(_) => {}
            Err(problem) => {
                let error = MutationError::from(problem);
                payload.errors.push(error.clone());
                result.error = Some(error);
            }
        }
        payload.results.push(result);
    }
    Ok(payload)
}
