//! What happens when a member is removed.
//!
//! Of an active member everything that belongs to this organization ends in one commit: the membership, all groups, the
//! API tokens and, if the remover wants that, the invitations that they have sent. The person and their other organizations
//! are not touched. The email that tells them is written in the same commit, from what they had at this moment. Of an
//! invited person the invitation is revoked.

use roster_entity::{
    MemberId, Permission, Role, UserId, activity, api_token, group, group_member, invitation, member,
    notification::Event, user,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter,
};
use serde_json::json;

use super::{
    Access, Code, Error, MAX_NOTE, Membership, Problem, Result,
    access::granted,
    revoke_invitation::member_of,
    transaction::{Entry, Recipient, Transaction, retrying},
};
use crate::identity::Caller;

/// A member to be removed.
#[derive(Clone, Debug)]
pub struct RemoveMember {
    /// Whom.
    pub member: MemberId,
    /// A note to the person, which the email quotes.
    pub note: Option<String>,
    /// Whether the open invitations that they have sent are revoked too. Otherwise they stay valid.
    pub revoke_sent_invitations: bool,
}

/// A member who was removed.
#[derive(Debug)]
pub struct Removed {
    /// The caller's access to the organization.
    pub access: Access,
    /// The member, as removed.
    pub member: member::Model,
    /// The person.
    pub user: user::Model,
    /// The invitation that was revoked, if the person was only invited.
    pub revoked_invitation: Option<invitation::Model>,
    /// `false` if the member was removed before.
    pub changed: bool,
    /// What to tell the caller.
    pub message: String,
}

impl Membership {
    /// Removes a member, or revokes the invitation of somebody who has not accepted it.
    pub async fn remove_member(&self, caller: &Caller, input: &RemoveMember) -> Result<Removed> {
        retrying(|| self.remove_member_once(caller, input)).await
    }

    async fn remove_member_once(&self, caller: &Caller, input: &RemoveMember) -> Result<Removed> {
        let organization = self.organization_of_member(input.member).await?;
        let mut tx = self.begin().await?;
        let access = tx.enter_by(caller, organization, "member").await?;
        let (member, user) =
            member::find_in(&tx.conn, organization, input.member).await?.ok_or(Error::NotFound("member"))?;
        check_not_self(&access, &member)?;
        access.require(Permission::MembersRemove)?;
        let note = valid_note(input.note.as_deref())?;
        if member.status == member::Status::Removed {
            let message =
                format!("{} was removed from {} before.", user.display_name(), access.organization.name);
            return Ok(Removed { access, member, user, revoked_invitation: None, changed: false, message });
        }
        let groups = group::of_member(&tx.conn, organization, member.id).await?;
        let owners = owners(&tx.conn, &access).await?;
        if let Some(problem) = removal_problem(&access, &member, &user, &groups, owners) {
            return Err(problem.into());
        }

        let removed = if member.status == member::Status::Invited {
            self.remove_invited(&mut tx, access, member, user, note).await?
        } else {
            self.remove_active(&mut tx, access, member, user, note, input.revoke_sent_invitations).await?
        };
        tx.commit().await?;
        Ok(removed)
    }

    async fn remove_active(
        &self,
        tx: &mut Transaction<'_>,
        access: Access,
        member: member::Model,
        user: user::Model,
        note: Option<String>,
        revoke_sent_invitations: bool,
    ) -> Result<Removed> {
        let end = End { removal: member::Removal::Removed, by: access.user.id, note: note.clone() };
        let (removed, groups) = end_membership(tx, &member, end).await?;
        let actor = access.actor();
        let entry = Entry {
            member: Some(member.id),
            before: Some(json!({ "role": member.role, "groups": groups })),
            reason: note.clone(),
            ..Entry::new(activity::Action::MemberRemoved)
        };
        tx.record(&actor, entry);
        let recipient = Recipient { member: member.id, email: &user.email, name: user.name.as_deref() };
        let names = groups.into_iter().map(|group| group.name).collect();
        tx.notify(&actor, &recipient, Event::Removed { groups: names, note });
        if revoke_sent_invitations {
            self.revoke_sent_by(tx, &access, &user).await?;
        }
        let message = format!("{} was removed from {}.", user.display_name(), access.organization.name);
        Ok(Removed { access, member: removed, user, revoked_invitation: None, changed: true, message })
    }

    async fn remove_invited(
        &self,
        tx: &mut Transaction<'_>,
        access: Access,
        member: member::Model,
        user: user::Model,
        note: Option<String>,
    ) -> Result<Removed> {
        let invitation = invitation::open_of_member(&tx.conn, member.organization_id, member.id)
            .await?
            .ok_or(Error::NotFound("invitation"))?;
        let (invitation, member) = self.revoke(tx, &access, &invitation, &member, &user, note).await?;
        let message = format!(
            "{} had not joined {} yet. The invitation was revoked, and its link no longer works.",
            user.display_name(),
            access.organization.name
        );
        Ok(Removed { access, member, user, revoked_invitation: Some(invitation), changed: true, message })
    }

    async fn revoke_sent_by(
        &self,
        tx: &mut Transaction<'_>,
        access: &Access,
        inviter: &user::Model,
    ) -> Result<()> {
        let sent = invitation::Entity::open(access.organization.id)
            .filter(invitation::Column::InvitedBy.eq(inviter.id))
            .all(&tx.conn)
            .await?;
        for invitation in sent {
            let (member, user) = member_of(tx, &invitation).await?;
            self.revoke(tx, access, &invitation, &member, &user, None).await?;
        }
        Ok(())
    }
}

fn check_not_self(access: &Access, member: &member::Model) -> Result<()> {
    if access.member.id == member.id { Err(cannot_remove_self(access).into()) } else { Ok(()) }
}

fn cannot_remove_self(access: &Access) -> Problem {
    let message = format!(
        "You cannot remove yourself from {}. Leave the organization instead, or ask another administrator.",
        access.organization.name
    );
    Problem::new(Code::CannotRemoveSelf, message).about(access.member.id)
}

/// Why the caller cannot remove a member with these groups of an organization with so many owners, if they cannot.
pub fn removal_problem(
    access: &Access,
    member: &member::Model,
    user: &user::Model,
    groups: &[group::Model],
    owners: u64,
) -> Option<Problem> {
    if access.member.id == member.id {
        return Some(cannot_remove_self(access));
    }
    if !access.permissions.cover(&granted(member, groups)) {
        let message = format!(
            "{} can do more in {} than you. Ask an owner.",
            user.display_name(),
            access.organization.name
        );
        return Some(Problem::new(Code::RoleAboveYours, message).about(member.id));
    }
    is_last_owner(member, owners).then(|| last_owner(access, member, &format!("{} is", user.display_name())))
}

pub(super) fn is_last_owner(member: &member::Model, owners: u64) -> bool {
    member.role == Role::Owner && member.status == member::Status::Active && owners <= 1
}

/// `who_is` begins the sentence: "Olivia is", "You are".
pub(super) fn last_owner(access: &Access, member: &member::Model, who_is: &str) -> Problem {
    let message = format!(
        "{who_is} the last owner of {}. Make somebody else an owner first.",
        access.organization.name
    );
    Problem::new(Code::LastOwner, message).about(member.id)
}

/// How many owners the organization has.
pub(super) async fn owners(conn: &impl ConnectionTrait, access: &Access) -> Result<u64> {
    Ok(member::Entity::owners(access.organization.id).count(conn).await?)
}

/// A note as it is kept; `None` where it says nothing.
pub(super) fn valid_note(note: Option<&str>) -> Result<Option<String>> {
    let note = note.map(roster_entity::text::clean_text).filter(|note| !note.is_empty());
    let length = note.as_ref().map_or(0, |note| note.chars().count());
    if length > MAX_NOTE {
        let message =
            format!("The note has {length} characters. Shorten it to at most {MAX_NOTE} characters.");
        return Err(Problem::new(Code::NoteTooLong, message).at(["note"]).into());
    }
    Ok(note)
}

/// How a membership ends.
pub(super) struct End {
    pub(super) removal: member::Removal,
    pub(super) by: UserId,
    pub(super) note: Option<String>,
}

/// A group as the log and the emails name it, after it may be gone.
#[derive(serde::Serialize)]
pub(super) struct LostGroup {
    id: roster_entity::GroupId,
    pub(super) name: String,
}

/// Ends a membership and all that hangs on it; returns the groups that were lost.
pub(super) async fn end_membership(
    tx: &Transaction<'_>,
    member: &member::Model,
    end: End,
) -> Result<(member::Model, Vec<LostGroup>)> {
    let groups = group::of_member(&tx.conn, member.organization_id, member.id).await?;
    group_member::Entity::delete_many()
        .filter(group_member::Column::OrganizationId.eq(member.organization_id))
        .filter(group_member::Column::MemberId.eq(member.id))
        .exec(&tx.conn)
        .await?;
    api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, tx.now.into())
        .filter(api_token::Column::MemberId.eq(member.id))
        .filter(api_token::Column::RevokedAt.is_null())
        .exec(&tx.conn)
        .await?;
    let mut ended = member.clone().into_active_model();
    ended.status = Set(member::Status::Removed);
    ended.removed_at = Set(Some(tx.now));
    ended.removed_by = Set(Some(end.by));
    ended.removal = Set(Some(end.removal));
    ended.removal_note = Set(end.note);
    let ended = ended.update(&tx.conn).await?;
    let lost = groups.into_iter().map(|group| LostGroup { id: group.id, name: group.name });
    Ok((ended, lost.collect()))
}
