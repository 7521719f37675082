//! Removing members: one, or a list of active and invited people. Each gets one email; whoever cannot be removed is told
//! why. This is where a removal happens, whoever calls for it: [`Removals`] is its heart.

use std::collections::{HashMap, HashSet};

use roster_entity::{
    InvitationId, MemberId, OrganizationId, Permission, activity, invitation, member,
    notification::{Event, Kind},
};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use super::{
    Access, Batch, Code, Error, Membership, Problem, Result, Run,
    batch::people,
    ending::{Affected, End, end_memberships, revoke},
    idempotency::Keyed,
    removal_preview::{Losses, Reviewed, fingerprint, stale},
    removal_rules::{cannot_remove_self, is_last_owner, is_owner, owners, removal_problem, valid_note},
    rows::Rows,
    transaction::{Entry, Recipient, Transaction, retrying},
};
use crate::identity::Caller;

/// The most members that one call removes.
pub const MAX_REMOVALS: usize = 1_000;

/// Members to be removed.
#[derive(Clone, Debug)]
pub struct RemoveMembers {
    /// From where.
    pub organization: OrganizationId,
    /// Whom: 1 to [`MAX_REMOVALS`].
    pub members: Vec<MemberToRemove>,
    /// A note to all of them, which the emails quote.
    pub note: Option<String>,
    /// Whether the open invitations that they have sent are revoked too, as far as the caller may revoke them. Otherwise
    /// they stay valid.
    pub revoke_sent_invitations: bool,
    /// How the list is carried out.
    pub batch: Batch,
}

/// A member to be removed.
#[derive(Clone, Debug, Serialize)]
pub struct MemberToRemove {
    /// Whom.
    pub member: MemberId,
    /// What the removal preview had when it was reviewed; `None`: whatever has changed.
    pub expected_fingerprint: Option<String>,
}

/// What became of the members.
#[derive(Debug)]
pub struct MembersRemoved {
    /// The caller's access to the organization.
    pub access: Access,
    /// The answer.
    pub answer: RemovalsAnswer,
    /// Whether this is the answer to an earlier request under the same key.
    pub replayed: bool,
    /// What is known of the members and invitations.
    pub rows: Rows,
}

/// What became of the members, as it is kept with an idempotency key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemovalsAnswer {
    /// A result for each member, in the order of the input.
    pub items: Vec<RemovalItem>,
    /// The invitations that the removed people had sent and that were revoked with them.
    pub revoked_sent_invitations: Vec<InvitationId>,
    /// What to tell the caller.
    pub message: String,
}

/// What became of one member.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemovalItem {
    /// The id as it was given.
    pub member: MemberId,
    /// What was done, or why it was not.
    pub result: std::result::Result<Removal, Problem>,
}

/// A removal that was asked for and not refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Removal {
    /// `false` if the membership had ended before, or if others of an atomic list were refused.
    pub changed: bool,
    /// The invitation that was revoked, if the person was only invited.
    pub revoked_invitation: Option<InvitationId>,
    /// What to tell the caller.
    pub message: String,
}

impl RemovalsAnswer {
    /// Whether anybody was removed.
    pub fn changed(&self) -> bool {
        self.items.iter().any(|item| matches!(&item.result, Ok(removal) if removal.changed))
    }
}

impl Membership {
    /// Removes members.
    pub async fn remove_members(&self, caller: &Caller, input: &RemoveMembers) -> Result<MembersRemoved> {
        Error::check_count(input.members.len(), MAX_REMOVALS)?;
        retrying(|| self.remove_members_once(caller, input)).await
    }

    async fn remove_members_once(&self, caller: &Caller, input: &RemoveMembers) -> Result<MembersRemoved> {
        let mut tx = self.begin().await?;
        let access = tx.enter(caller, input.organization).await?;
        let note = check_call(&access, input.note.as_deref(), input.revoke_sent_invitations)?;
        let keyed = input.keyed()?;
        if let Some(answer) = tx.replay(&access, keyed.as_ref()).await? {
            return Ok(MembersRemoved { access, answer, replayed: true, rows: Rows::default() });
        }

        let mut removals = Removals::load(&tx, &access, &input.members).await?;
        let decisions = removals.decide_all(&access, &input.members);
        let refused = decisions.iter().filter(|decision| decision.is_err()).count();
        let nobody = input.batch.is_refused(refused);
        let mut revoked_sent_invitations = Vec::new();
        if !nobody {
            let decided = decisions.iter().flatten();
            revoked_sent_invitations =
                removals.carry_out(&mut tx, &access, decided, note, input.revoke_sent_invitations).await?;
        }
        let items: Vec<_> = input
            .members
            .iter()
            .zip(decisions)
            .map(|(item, decision)| RemovalItem {
                member: item.member,
                result: decision.map(|decision| removals.result(&access, decision, nobody, input.batch.run)),
            })
            .collect();
        let message = summary(&access.organization.name, &items, nobody, input.batch.run);
        let answer = RemovalsAnswer { items, revoked_sent_invitations, message };
        tx.remember(&access, keyed.as_ref(), &answer).await?;
        tx.finish(input.batch.run).await?;
        let rows = removals.into_rows(input.batch.run);
        Ok(MembersRemoved { access, answer, replayed: false, rows })
    }
}

impl RemoveMembers {
    fn keyed(&self) -> Result<Option<Keyed<'_>>> {
        let request = (&self.members, &self.note, self.revoke_sent_invitations, self.batch.mode);
        Keyed::of(&self.batch, "removeMembers", &request)
    }
}

/// What holds for the call as a whole; returns the note as it is kept.
pub(super) fn check_call(access: &Access, note: Option<&str>, revoke_sent: bool) -> Result<Option<String>> {
    access.require(Permission::MembersRemove)?;
    if revoke_sent {
        access.require(Permission::MembersInvite)?;
    }
    valid_note(note)
}

/// What is to be done about a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Removed before.
    Nothing(MemberId),
    /// To be removed.
    Remove(MemberId),
    /// Only invited: the invitation is to be revoked.
    Revoke(MemberId),
}

/// The members of one call, as they are under the organization's lock.
pub(super) struct Removals {
    affected: HashMap<MemberId, Affected>,
    invitations: HashMap<MemberId, invitation::Model>,
    /// By member, where a fingerprint is expected.
    losses: HashMap<MemberId, Losses>,
    owners: u64,
    /// Owners who will be left when what was decided is done.
    owners_left: u64,
    seen: HashSet<MemberId>,
    /// What became of members.
    ended: Vec<member::Model>,
    /// What became of invitations.
    closed: Vec<invitation::Model>,
}

impl Removals {
    pub(super) async fn load(
        tx: &Transaction<'_>,
        access: &Access,
        items: &[MemberToRemove],
    ) -> Result<Self> {
        let organization = access.organization.id;
        let ids: Vec<_> = items.iter().map(|item| item.member).collect();
        let affected = Affected::find_all(tx, organization, &ids).await?;
        let invited = affected
            .values()
            .filter(|affected| affected.member.status == member::Status::Invited)
            .map(|affected| affected.member.id);
        let invitations = invitation::open_of_members(&tx.conn, organization, invited).await?;
        let reviewed: Vec<_> = items
            .iter()
            .filter(|item| item.expected_fingerprint.is_some())
            .filter_map(|item| affected.get(&item.member))
            .map(|affected| (affected.member.id, affected.member.user_id))
            .collect();
        let losses = match reviewed.is_empty() {
            true => HashMap::new(),
            false => Losses::of_all(&tx.conn, access, &reviewed, tx.now).await?,
        };
        let owners = match affected.values().any(|affected| is_owner(&affected.member)) {
            true => owners(&tx.conn, access).await?,
            // Nobody asks.
            false => 0,
        };
        Ok(Self {
            affected,
            invitations,
            losses,
            owners,
            owners_left: owners,
            seen: HashSet::new(),
            ended: Vec::new(),
            closed: Vec::new(),
        })
    }

    fn decide_all(
        &mut self,
        access: &Access,
        items: &[MemberToRemove],
    ) -> Vec<std::result::Result<Decision, Problem>> {
        let decide = |(index, item): (usize, &MemberToRemove)| {
            let decision = self.decide(access, item);
            decision.map_err(|problem| problem.at(["members", &index.to_string(), "memberId"]))
        };
        items.iter().enumerate().map(decide).collect()
    }

    /// What is to be done about a member, after what was decided about those before.
    pub(super) fn decide(
        &mut self,
        access: &Access,
        item: &MemberToRemove,
    ) -> std::result::Result<Decision, Problem> {
        let id = item.member;
        if !self.seen.insert(id) {
            let message = format!("{id} is in the list more than once; only the first counts.");
            return Err(Problem::new(Code::DuplicateInRequest, message).about(id));
        }
        let Some(affected) = self.affected.get(&id) else {
            let message = format!("There is no member {id} in {}.", access.organization.name);
            return Err(Problem::new(Code::MemberNotFound, message));
        };
        if access.member.id == id {
            return Err(cannot_remove_self(access));
        }
        if affected.member.status == member::Status::Removed {
            return Ok(Decision::Nothing(id));
        }
        if let (Some(expected), Some(losses)) = (&item.expected_fingerprint, self.losses.get(&id))
            && *expected
                != fingerprint(
                    access,
                    self.reviewed(affected),
                    losses,
                    is_last_owner(&affected.member, self.owners),
                )
        {
            return Err(stale(affected));
        }
        let Affected { member, user, groups } = affected;
        if let Some(problem) = removal_problem(access, member, user, groups, self.owners_left) {
            return Err(problem);
        }
        if is_owner(member) {
            self.owners_left -= 1;
        }
        match member.status {
            member::Status::Invited => Ok(Decision::Revoke(id)),
            _ => Ok(Decision::Remove(id)),
        }
    }

    fn reviewed<'a>(&'a self, affected: &'a Affected) -> Reviewed<'a> {
        let Affected { member, user, groups } = affected;
        Reviewed { member, user, groups, invitation: self.invitations.get(&member.id) }
    }

    /// Does what was decided: the members, their groups and tokens, the log and the emails. Returns the invitations that
    /// the removed people had sent and that were revoked with them.
    pub(super) async fn carry_out<'d>(
        &mut self,
        tx: &mut Transaction<'_>,
        access: &Access,
        decisions: impl Iterator<Item = &'d Decision>,
        note: Option<String>,
        revoke_sent_invitations: bool,
    ) -> Result<Vec<InvitationId>> {
        let (mut leaving, mut open) = (Vec::new(), Vec::new());
        for decision in decisions {
            match decision {
                Decision::Nothing(_) => {}
                Decision::Remove(id) => leaving.push(&self.affected[id]),
                Decision::Revoke(id) => {
                    let invitation = self.invitations.get(id).ok_or(Error::NotFound("invitation"))?;
                    open.push((invitation, &self.affected[id]));
                }
            }
        }
        let mut ended = remove(tx, access, &leaving, note.as_deref());
        let mut revoked = revoke(tx, access, &open, note.as_deref());
        let mut sent = Vec::new();
        if revoke_sent_invitations {
            // Somebody who was a member before may be only invited now.
            let inviters = leaving.into_iter().chain(open.iter().map(|(_, affected)| *affected));
            let revoked_too = revoke_sent(tx, access, &inviters.collect::<Vec<_>>()).await?;
            sent = revoked_too.iter().map(|(invitation, _)| invitation.id).collect();
            revoked.extend(revoked_too);
        }
        for (invitation, member) in revoked {
            self.closed.push(invitation);
            ended.push(member);
        }
        self.ended = ended;
        Ok(sent)
    }

    /// The members and their invitations, after what was done if it was.
    pub(super) fn into_rows(self, run: Run) -> Rows {
        let mut rows = Rows::default();
        self.affected.into_values().for_each(|affected| rows.add_member(affected.member, affected.user));
        self.invitations.into_values().for_each(|invitation| rows.add_invitation(invitation));
        if run == Run::Real {
            self.ended.into_iter().for_each(|member| rows.change_member(member));
            self.closed.into_iter().for_each(|invitation| rows.add_invitation(invitation));
        }
        rows
    }

    /// What the caller is told about a member who was not refused; `nobody` if others of an atomic list were.
    pub(super) fn result(&self, access: &Access, decision: Decision, nobody: bool, run: Run) -> Removal {
        let organization = &access.organization.name;
        let (Decision::Nothing(id) | Decision::Remove(id) | Decision::Revoke(id)) = decision;
        let name = self.affected[&id].user.display_name();
        let nothing = |message: String| Removal { changed: false, revoked_invitation: None, message };
        let was = run.was(1);
        match decision {
            Decision::Nothing(id) => nothing(ended_before(&self.affected[&id], organization)),
            _ if nobody => nothing(match run {
                Run::Real => format!("{name} was not removed, because others could not be removed."),
                Run::Dry => format!("{name} would not be removed, because others cannot be removed."),
            }),
            Decision::Remove(_) => Removal {
                changed: true,
                revoked_invitation: None,
                message: format!("{name} {was} removed from {organization}."),
            },
            Decision::Revoke(id) => Removal {
                changed: true,
                revoked_invitation: self.invitations.get(&id).map(|invitation| invitation.id),
                message: {
                    let address =
                        self.invitations.get(&id).map_or(name, |invitation| invitation.email.as_str());
                    let works = if run == Run::Dry { "would stop working" } else { "no longer works" };
                    format!(
                        "{address} had not joined {organization} yet. The invitation {was} revoked, and its link {works}."
                    )
                },
            },
        }
    }
}

/// Ends the memberships of people who have joined; returns the members as they are then.
fn remove(
    tx: &mut Transaction<'_>,
    access: &Access,
    leaving: &[&Affected],
    note: Option<&str>,
) -> Vec<member::Model> {
    let end = End { removal: member::Removal::Removed, by: access.user.id, note };
    let ended = end_memberships(tx, leaving, &end);
    let ids: Vec<_> = leaving.iter().map(|affected| affected.member.id).collect();
    tx.cancel_late_emails_to(access.organization.id, &ids, Kind::Restored);
    let actor = access.actor();
    for affected in leaving {
        let Affected { member, user, .. } = affected;
        let entry = Entry {
            member: Some(member.id),
            before: Some(affected.logged()),
            reason: note.map(str::to_owned),
            ..Entry::new(activity::Action::MemberRemoved)
        };
        let activity = tx.record(&actor, entry);
        let recipient = Recipient { member: member.id, email: &user.email, name: user.name.as_deref() };
        let event = Event::Removed { groups: affected.group_names(), note: note.map(str::to_owned) };
        tx.notify(&actor, activity, &recipient, event);
    }
    ended
}

/// Revokes the open invitations that removed people have sent, the oldest first and at most [`MAX_REMOVALS`], but those for
/// people who will have more than the caller.
async fn revoke_sent(
    tx: &mut Transaction<'_>,
    access: &Access,
    inviters: &[&Affected],
) -> Result<Vec<(invitation::Model, member::Model)>> {
    let organization = access.organization.id;
    if inviters.is_empty() {
        return Ok(Vec::new());
    }
    let people = inviters.iter().map(|inviter| inviter.user.id);
    // Those whose invitations are revoked anyway do not stand among them.
    tx.send().await?;
    let sent = invitation::Entity::open(organization)
        .filter(tx.one_of(invitation::Column::InvitedBy, people))
        .order_by_asc(invitation::Column::Id)
        .limit(MAX_REMOVALS as u64)
        .all(&tx.conn)
        .await?;
    let invited: Vec<_> = sent.iter().map(|invitation| invitation.member_id).collect();
    let mut affected = Affected::find_all(tx, organization, &invited).await?;
    let open: Vec<_> = sent
        .into_iter()
        .filter_map(|invitation| {
            let invited = affected.remove(&invitation.member_id)?;
            access.permissions.cover(&invited.permissions()).then_some((invitation, invited))
        })
        .collect();
    let open: Vec<_> = open.iter().map(|(invitation, invited)| (invitation, invited)).collect();
    Ok(revoke(tx, access, &open, None))
}

/// Why there is nothing to remove.
fn ended_before(affected: &Affected, organization: &str) -> String {
    let name = affected.user.display_name();
    match affected.member.removal {
        Some(member::Removal::Left) => format!("{name} has left {organization} already."),
        Some(member::Removal::InvitationRevoked) => {
            format!("The invitation of {name} to {organization} was revoked before.")
        }
        Some(member::Removal::InvitationDeclined) => {
            format!("{name} has declined the invitation to {organization}.")
        }
        Some(member::Removal::Removed) | None => format!("{name} was removed from {organization} before."),
    }
}

fn summary(organization: &str, items: &[RemovalItem], nobody: bool, run: Run) -> String {
    let count =
        |which: fn(&Removal) -> bool| items.iter().flat_map(|item| &item.result).filter(|r| which(r)).count();
    let changed = count(|removal| removal.changed);
    let before = count(|removal| !removal.changed);
    let refused = items.iter().filter(|item| item.result.is_err()).count();
    let could_not = run.could_not();
    if nobody {
        let was = run.was(0);
        return format!(
            "Nobody {was} removed from {organization}: {} {could_not} be removed.",
            people(refused)
        );
    }
    let who = if changed == 0 { "Nobody".to_owned() } else { people(changed) };
    let mut summary = format!("{who} {} removed from {organization}", run.was(changed));
    if before > 0 {
        summary += &format!("; {before} had been removed before");
    }
    if refused > 0 {
        summary += &format!("; {refused} {could_not} be removed");
    }
    summary + "."
}
