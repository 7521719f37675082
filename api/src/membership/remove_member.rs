//! What happens when a member is removed.
//!
//! Of an active member everything that belongs to this organization ends in one commit: the membership, all groups, the
//! API tokens and, if the remover wants that, the invitations that they have sent. The person and their other organizations
//! are not touched. The email that tells them is written in the same commit, from what they had at this moment. Of an
//! invited person the invitation is revoked.

use roster_entity::{
    MemberId, Permission, Role, activity, group, invitation, member, notification::Event, user,
};
use sea_orm::{ColumnTrait, ConnectionTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::{
    Access, Code, Error, MAX_NOTE, Membership, Problem, Result,
    access::{effective_permissions, granted},
    ending::{End, end_membership, revoke},
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
    /// Whether the open invitations that they have sent are revoked too, as far as the caller may revoke them. Otherwise
    /// they stay valid.
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
    /// The invitations that the person had sent and that were revoked with them.
    pub revoked_sent_invitations: Vec<invitation::Model>,
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
        let mut tx = self.begin().await?;
        let (access, member, user) = tx.enter_by_member(caller, input.member).await?;
        check_not_self(&access, &member)?;
        access.require(Permission::MembersRemove)?;
        if input.revoke_sent_invitations {
            access.require(Permission::MembersInvite)?;
        }
        let note = valid_note(input.note.as_deref())?;
        let message =
            format!("{} was removed from {} before.", user.display_name(), access.organization.name);
        let mut removed = Removed {
            access,
            member,
            user,
            revoked_invitation: None,
            revoked_sent_invitations: Vec::new(),
            changed: false,
            message,
        };
        if removed.member.status == member::Status::Removed {
            return Ok(removed);
        }
        check_removable(&tx.conn, &removed).await?;

        removed.changed = true;
        match removed.member.status {
            member::Status::Invited => revoke_invitation(&mut tx, &mut removed, note).await?,
            _ => {
                end_active(&mut tx, &mut removed, note).await?;
                if input.revoke_sent_invitations {
                    removed.revoked_sent_invitations = revoke_sent(&mut tx, &removed).await?;
                }
            }
        }
        tx.commit().await?;
        Ok(removed)
    }
}

async fn end_active(tx: &mut Transaction<'_>, removed: &mut Removed, note: Option<String>) -> Result<()> {
    let Removed { access, member, user, .. } = &*removed;
    let end = End { removal: member::Removal::Removed, by: access.user.id, note: note.clone() };
    let (after, groups) = end_membership(tx, member, end).await?;
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
    removed.message = format!("{} was removed from {}.", user.display_name(), access.organization.name);
    removed.member = after;
    Ok(())
}

async fn revoke_invitation(
    tx: &mut Transaction<'_>,
    removed: &mut Removed,
    note: Option<String>,
) -> Result<()> {
    let Removed { access, member, user, .. } = &*removed;
    let invitation = invitation::open_of_member(&tx.conn, member.organization_id, member.id)
        .await?
        .ok_or(Error::NotFound("invitation"))?;
    let (invitation, after) = revoke(tx, access, &invitation, member, user, note).await?;
    removed.message = format!(
        "{} had not joined {} yet. The invitation was revoked, and its link no longer works.",
        invitation.email, access.organization.name
    );
    removed.revoked_invitation = Some(invitation);
    removed.member = after;
    Ok(())
}

/// Revokes the open invitations that the removed person has sent, but those for people who will have more than the caller.
async fn revoke_sent(tx: &mut Transaction<'_>, removed: &Removed) -> Result<Vec<invitation::Model>> {
    let Removed { access, user: inviter, .. } = removed;
    let sent = invitation::Entity::open(access.organization.id)
        .filter(invitation::Column::InvitedBy.eq(inviter.id))
        .all(&tx.conn)
        .await?;
    let mut revoked = Vec::with_capacity(sent.len());
    for invitation in sent {
        let (member, user) = member_of(tx, &invitation).await?;
        if access.permissions.cover(&effective_permissions(&tx.conn, &member).await?) {
            revoked.push(revoke(tx, access, &invitation, &member, &user, None).await?.0);
        }
    }
    Ok(revoked)
}

async fn check_removable(conn: &impl ConnectionTrait, removed: &Removed) -> Result<()> {
    let Removed { access, member, user, .. } = removed;
    let groups = group::of_member(conn, member.organization_id, member.id).await?;
    let owners = owners(conn, access).await?;
    match removal_problem(access, member, user, &groups, owners) {
        None => Ok(()),
        Some(problem) => Err(problem.into()),
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
