//! Inviting people. Each gets a member in the status INVITED, an invitation, and an email with the link; who cannot be
//! invited is told why, and does not keep the others from being invited.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use roster_entity::{
    EmailAddress, GroupId, InvitationId, MemberId, NormalizedEmail, OrganizationId, Permission, Role, UserId,
    activity, group, group_member, invitation, member,
    notification::Event,
    user,
    writes::{OnConflict, upsert_returning},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, IntoActiveModel, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Access, Batch, BatchMode, Code, Error, MAX_ITEMS, Membership, Problem, Result, Run,
    batch::people,
    ending::named,
    idempotency::Keyed,
    rows::Rows,
    transaction::{Entry, Recipient, Transaction, retrying},
};
use crate::identity::Caller;

/// People to be invited to an organization.
#[derive(Clone, Debug)]
pub struct InviteMembers {
    /// To where.
    pub organization: OrganizationId,
    /// Whom: 1 to [`MAX_ITEMS`].
    pub people: Vec<Invitee>,
    /// How the list is carried out.
    pub batch: Batch,
}

/// One person to be invited.
#[derive(Clone, Debug, Serialize)]
pub struct Invitee {
    /// Where the invitation goes.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Into which groups.
    pub groups: Vec<GroupId>,
}

/// What became of the people.
#[derive(Debug)]
pub struct Invited {
    /// The caller's access to the organization.
    pub access: Access,
    /// The answer.
    pub answer: InvitationsAnswer,
    /// Whether this is the answer to an earlier request under the same key.
    pub replayed: bool,
    /// The members and invitations that were made.
    pub rows: Rows,
}

/// What became of the people, as it is kept with an idempotency key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InvitationsAnswer {
    /// A result for each person, in the order of the input: `None` for those who were not invited because others of an
    /// atomic list were refused.
    pub items: Vec<std::result::Result<Option<SentInvitation>, Problem>>,
    /// What to tell the caller.
    pub message: String,
}

/// An invitation that was sent.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct SentInvitation {
    /// The invited member.
    pub member: MemberId,
    /// The invitation.
    pub invitation: InvitationId,
}

impl InvitationsAnswer {
    /// Whether anybody was invited.
    pub fn changed(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Ok(Some(_))))
    }
}

/// A person who passed all checks, with what is to be written.
struct Plan {
    user: user::Model,
    role: Role,
    groups: Vec<group::Model>,
    invitation: invitation::Model,
    /// The row of somebody who belonged to the organization before.
    former: Option<member::Model>,
}

impl Membership {
    /// Invites people.
    pub async fn invite_members(&self, caller: &Caller, input: &InviteMembers) -> Result<Invited> {
        Error::check_count(input.people.len(), MAX_ITEMS)?;
        retrying(|| self.invite_members_once(caller, input)).await
    }

    async fn invite_members_once(&self, caller: &Caller, input: &InviteMembers) -> Result<Invited> {
        let mut tx = self.begin().await?;
        let access = tx.enter(caller, input.organization).await?;
        access.require(Permission::MembersInvite)?;

        let keyed = input.keyed()?;
        if let Some(answer) = tx.replay(&access, keyed.as_ref()).await? {
            return Ok(Invited { access, answer, replayed: true, rows: Rows::default() });
        }

        if input.batch.mode == BatchMode::Atomic {
            tx.conn.execute_unprepared("SAVEPOINT nobody_invited").await?;
        }
        let groups = groups_asked_for(&tx, &access, &input.people).await?;
        let checked: Vec<_> = addresses(&access, &input.people)
            .into_iter()
            .zip(&input.people)
            .map(|(address, invitee)| Ok((address?, check_grants(&access, invitee, &groups)?)))
            .collect();
        let known = Known::load(&tx, &access, checked.iter().flatten().map(|(address, _)| address)).await?;
        let plans: Vec<_> = input
            .people
            .iter()
            .zip(checked)
            .enumerate()
            .map(|(index, (invitee, checked))| {
                let (address, groups) = checked.map_err(|problem| located(problem, index))?;
                let (user, former) =
                    known.find(&access, &address).map_err(|problem| located(problem, index))?;
                let invitation = new_invitation(&access, tx.now, address, former.as_ref());
                Ok(Plan { user, role: invitee.role, groups, invitation, former })
            })
            .collect();
        let plans = self.within_limits(&access, plans, &input.batch).await?;
        let refused = plans.iter().filter(|plan| plan.is_err()).count();
        let nobody = input.batch.is_refused(refused);
        let mut rows = Rows::default();
        if nobody {
            // Nor are the people kept who were new.
            tx.conn.execute_unprepared("ROLLBACK TO SAVEPOINT nobody_invited").await?;
        } else {
            let good: Vec<_> = plans.iter().flatten().collect();
            rows = write(&mut tx, &access, &good);
        }
        let sent =
            |plan: Plan| SentInvitation { member: plan.invitation.member_id, invitation: plan.invitation.id };
        let items: Vec<_> =
            plans.into_iter().map(|plan| plan.map(|plan| (!nobody).then(|| sent(plan)))).collect();
        let invited = if nobody { 0 } else { items.len() - refused };
        let message = summary(&access.organization.name, invited, refused, input.batch.run);
        let answer = InvitationsAnswer { items, message };
        tx.remember(&access, keyed.as_ref(), &answer).await?;
        tx.finish(input.batch.run).await?;
        Ok(Invited { access, answer, replayed: false, rows })
    }

    /// Counts the invitations, unless they are only tried, and refuses those to addresses that have got too many.
    async fn within_limits(
        &self,
        access: &Access,
        plans: Vec<std::result::Result<Plan, Problem>>,
        batch: &Batch,
    ) -> Result<Vec<std::result::Result<Plan, Problem>>> {
        let refused = plans.iter().filter(|plan| plan.is_err()).count();
        if batch.run == Run::Dry || batch.is_refused(refused) || refused == plans.len() {
            return Ok(plans);
        }
        self.check_may_send(&access.organization, plans.len() - refused).await?;
        let addresses: Vec<_> = plans.iter().flatten().map(|plan| &plan.invitation.email).collect();
        let mut answers = self.check_may_get(&addresses).await.into_iter();
        let answered = |(index, plan): (usize, std::result::Result<Plan, Problem>)| {
            let plan = plan?;
            answers.next().unwrap_or(Ok(())).map_err(|problem| located(problem, index))?;
            Ok(plan)
        };
        Ok(plans.into_iter().enumerate().map(answered).collect())
    }
}

impl InviteMembers {
    fn keyed(&self) -> Result<Option<Keyed<'_>>> {
        Keyed::of(&self.batch, "inviteMembers", &(&self.people, self.batch.mode))
    }
}

/// The address of each person, unless it is not one, stands in the list before, or is of a domain that is not invited.
fn addresses(access: &Access, people: &[Invitee]) -> Vec<std::result::Result<EmailAddress, Problem>> {
    let mut seen = HashSet::new();
    let check = |invitee: &Invitee| {
        let address: EmailAddress =
            invitee.email.parse().map_err(|e: roster_entity::email::InvalidEmail| {
                Problem::new(Code::InvalidEmail, e.to_string())
            })?;
        if !seen.insert(address.normalized()) {
            let message = format!("{address} is in the list more than once; only the first counts.");
            return Err(Problem::new(Code::DuplicateInRequest, message));
        }
        check_domain(access, &address)?;
        Ok(address)
    };
    people.iter().map(check).collect()
}

pub(super) fn check_domain(access: &Access, address: &EmailAddress) -> std::result::Result<(), Problem> {
    let allowed = &access.organization.allowed_email_domains;
    if allowed.admit(address) {
        return Ok(());
    }
    let domains: Vec<_> = allowed.0.iter().map(ToString::to_string).collect();
    let message = format!("{} invites only addresses of {}.", access.organization.name, domains.join(", "));
    Err(Problem::new(Code::EmailDomainNotAllowed, message))
}

async fn groups_asked_for(
    tx: &Transaction<'_>,
    access: &Access,
    people: &[Invitee],
) -> Result<HashMap<GroupId, group::Model>> {
    let ids: HashSet<_> = people.iter().flat_map(|invitee| invitee.groups.iter().copied()).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let groups = group::find_all_in(&tx.conn, access.organization.id, ids).await?;
    Ok(groups.into_iter().map(|group| (group.id, group)).collect())
}

/// Nobody gives more than they have: neither by the role nor by a group.
fn check_grants(
    access: &Access,
    invitee: &Invitee,
    groups: &HashMap<GroupId, group::Model>,
) -> std::result::Result<Vec<group::Model>, Problem> {
    if !access.permissions.cover(&invitee.role.permissions()) {
        let message = format!(
            "You cannot invite somebody as {} because that role can do more than you. Ask an owner.",
            invitee.role.with_article()
        );
        return Err(Problem::new(Code::RoleAboveYours, message));
    }
    let mut ids = invitee.groups.clone();
    ids.sort();
    ids.dedup();
    ids.iter()
        .map(|id| {
            let group = groups.get(id).ok_or_else(|| {
                let message = format!("There is no group {id} in {}.", access.organization.name);
                Problem::new(Code::GroupNotFound, message)
            })?;
            super::groups::check_covers(access, group, "groupIds")?;
            Ok(group.clone())
        })
        .collect()
}

/// Names the field of the input that a person's problem is about.
fn located(problem: Problem, index: usize) -> Problem {
    let field = match problem.code {
        Code::GroupNotFound | Code::PermissionAboveYours => "groupIds",
        Code::RoleAboveYours => "role",
        _ => "email",
    };
    problem.at(["people", &index.to_string(), field])
}

/// What is known of the people who are to be invited.
#[derive(Default)]
struct Known {
    users: HashMap<NormalizedEmail, user::Model>,
    members: HashMap<UserId, member::Model>,
    /// Open invitations, by the address that they were sent to: somebody may have changed theirs since.
    invited: HashMap<NormalizedEmail, invitation::Model>,
}

impl Known {
    /// Loads the people with these addresses, and makes those who are new.
    async fn load(
        tx: &Transaction<'_>,
        access: &Access,
        addresses: impl Iterator<Item = &EmailAddress>,
    ) -> Result<Self> {
        let addresses: BTreeMap<_, _> = addresses.map(|address| (address.normalized(), address)).collect();
        if addresses.is_empty() {
            return Ok(Self::default());
        }
        let users = insert_users(tx, &addresses).await?;
        let (organization, ids) = (access.organization.id, users.iter().map(|user| user.id));
        let members = member::Entity::in_organization(organization)
            .filter(tx.one_of(member::Column::UserId, ids))
            .all(&tx.conn)
            .await?;
        let invited = invitation::Entity::open(organization)
            .filter(tx.one_of(invitation::Column::EmailNorm, addresses.into_keys()))
            .all(&tx.conn)
            .await?;
        Ok(Self {
            users: users.into_iter().filter_map(|user| Some((user.email_norm.clone()?, user))).collect(),
            members: members.into_iter().map(|member| (member.user_id, member)).collect(),
            invited: invited
                .into_iter()
                .map(|invitation| (invitation.email_norm.clone(), invitation))
                .collect(),
        })
    }

    /// The person with an address, if they can be invited; with their row, if they belonged to the organization before.
    fn find(
        &self,
        access: &Access,
        address: &EmailAddress,
    ) -> std::result::Result<(user::Model, Option<member::Model>), Problem> {
        let normalized = address.normalized();
        if let Some(invitation) = self.invited.get(&normalized) {
            let problem = already_invited(address, invitation.member_id, invitation.sent_at);
            return Err(Problem { invitation: Some(invitation.id), ..problem });
        }
        let Some(user) = self.users.get(&normalized) else {
            // The person has changed their address in the moment since it was looked up.
            let message = format!("{address} cannot be invited at this moment. Try again.");
            return Err(Problem::new(Code::InvalidEmail, message));
        };
        let Some(member) = self.members.get(&user.id) else {
            return Ok((user::Model { name: None, ..user.clone() }, None));
        };
        match member.status {
            member::Status::Removed => Ok((member.as_known_here(user.clone()), Some(member.clone()))),
            member::Status::Active => {
                let message = format!("{address} belongs to {} already.", access.organization.name);
                Err(Problem::new(Code::AlreadyMember, message).about(member.id))
            }
            // Under an older address of theirs.
            member::Status::Invited => {
                let sent_at = member.invited_at.unwrap_or(member.created_at);
                Err(already_invited(address, member.id, sent_at))
            }
        }
    }
}

fn already_invited(address: &EmailAddress, member: MemberId, sent_at: DateTime<Utc>) -> Problem {
    let date = sent_at.format("%-d %B %Y");
    let message = format!("{address} was invited on {date}. Resend that invitation instead.");
    Problem::new(Code::AlreadyInvited, message).about(member)
}

/// Inserts the people who are new, and returns all of them. Another organization may invite the same address at this moment: then its row counts.
/// The order of the addresses keeps two such calls from waiting for each other.
async fn insert_users(
    tx: &Transaction<'_>,
    addresses: &BTreeMap<NormalizedEmail, &EmailAddress>,
) -> Result<Vec<user::Model>> {
    let users = addresses.iter().map(|(norm, address)| user::ActiveModel {
        id: Set(UserId::generate(tx.now)),
        email: Set((*address).clone()),
        email_norm: Set(Some(norm.clone())),
        name: Set(None),
        created_at: Set(tx.now),
    });
    // Instead of DO NOTHING, because this also keeps the row as it is until the end of the transaction.
    let as_it_is = OnConflict { key: user::Column::EmailNorm, update: &[user::Column::EmailNorm] };
    Ok(upsert_returning(&tx.conn, users.collect(), &as_it_is).await?)
}

fn new_invitation(
    access: &Access,
    now: DateTime<Utc>,
    address: EmailAddress,
    former: Option<&member::Model>,
) -> invitation::Model {
    invitation::Model {
        id: InvitationId::generate(now),
        organization_id: access.organization.id,
        member_id: former.map_or_else(|| MemberId::generate(now), |former| former.id),
        email_norm: address.normalized(),
        email: address,
        answer: invitation::Answer::Pending,
        link_version: 1,
        expires_at: now + access.organization.invitation_lifetime(),
        sent_at: now,
        invited_by: access.user.id,
        answered_at: None,
        revoked_by: None,
        created_at: now,
    }
}

/// Writes the members, groups and invitations, with the log and the emails.
fn write(tx: &mut Transaction<'_>, access: &Access, plans: &[&Plan]) -> Rows {
    let mut rows = Rows::default();
    for (plan, member) in plans.iter().zip(write_members(tx, plans)) {
        rows.add_member(member, plan.user.clone());
        rows.add_invitation(plan.invitation.clone());
    }
    let pairs = plans.iter().flat_map(|plan| {
        plan.groups.iter().map(|group| group_member::ActiveModel {
            group_id: Set(group.id),
            member_id: Set(plan.invitation.member_id),
            organization_id: Set(group.organization_id),
        })
    });
    tx.writes.insert(pairs.collect());
    let invitations = plans.iter().map(|plan| plan.invitation.clone().into_active_model().reset_all());
    tx.writes.insert(invitations.collect());

    let actor = access.actor();
    for plan in plans {
        let names: Vec<_> = plan.groups.iter().map(|group| group.name.clone()).collect();
        let entry = Entry {
            member: Some(plan.invitation.member_id),
            invitation: Some(plan.invitation.id),
            after: Some(json!({ "role": plan.role, "groups": named(&plan.groups) })),
            ..Entry::new(activity::Action::MemberInvited)
        };
        let activity = tx.record(&actor, entry);
        let event = invitation_event(&plan.invitation, plan.role, names);
        tx.notify(&actor, activity, &recipient(&plan.invitation, &plan.user), event);
    }
    rows
}

/// The rows of people who are new here, and those of people who belonged to the organization before.
fn write_members(tx: &mut Transaction<'_>, plans: &[&Plan]) -> Vec<member::Model> {
    use member::Column::{
        InvitedAt, Removal, RemovalNote, RemovedAt, RemovedBy, RestoredAt, Role, Search, SortName, Status,
    };
    let again = OnConflict {
        key: member::Column::Id,
        update: &[
            Role,
            Status,
            SortName,
            Search,
            InvitedAt,
            RemovedAt,
            RemovedBy,
            Removal,
            RemovalNote,
            RestoredAt,
        ],
    };
    let members: Vec<_> = plans.iter().map(|plan| invited_member(plan, tx.now)).collect();
    let rows = members.iter().map(|member| member.clone().into_active_model().reset_all());
    tx.writes.upsert(rows.collect(), &again);
    members
}

fn invited_member(plan: &Plan, now: DateTime<Utc>) -> member::Model {
    member::Model {
        id: plan.invitation.member_id,
        organization_id: plan.invitation.organization_id,
        user_id: plan.user.id,
        role: plan.role,
        status: member::Status::Invited,
        sort_name: plan.user.sort_name(),
        search: plan.user.search_text(),
        invited_at: Some(now),
        joined_at: plan.former.as_ref().and_then(|former| former.joined_at),
        removed_at: None,
        removed_by: None,
        removal: None,
        removal_note: None,
        restored_at: None,
        created_at: plan.former.as_ref().map_or(now, |former| former.created_at),
    }
}

/// What the email of an invitation says.
pub(super) fn invitation_event(invitation: &invitation::Model, role: Role, groups: Vec<String>) -> Event {
    Event::Invitation {
        role,
        groups,
        invitation_id: invitation.id,
        link_version: invitation.link_version,
        expires_at: invitation.expires_at,
    }
}

/// Who gets the emails about an invitation.
pub(super) fn recipient<'a>(invitation: &'a invitation::Model, user: &'a user::Model) -> Recipient<'a> {
    Recipient { member: invitation.member_id, email: &invitation.email, name: user.name.as_deref() }
}

fn summary(organization: &str, invited: usize, refused: usize, run: Run) -> String {
    let (was, could_not) = (run.was(invited), run.could_not());
    if invited == 0 {
        let refused = people(refused);
        return format!("Nobody {was} invited to {organization}: {refused} {could_not} be invited.");
    }
    let mut summary = format!("{} {was} invited to {organization}", people(invited));
    if refused > 0 {
        summary += &format!("; {refused} {could_not} be invited");
    }
    summary + "."
}
