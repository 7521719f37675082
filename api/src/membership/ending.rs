//! How memberships and invitations end: what removing, leaving, revoking and declining have in common. Each function takes
//! any number of them, in one statement for each table.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use roster_entity::{
    GroupId, MemberId, OrganizationId, Permissions, UserId, activity, api_token, group, group_member,
    invitation, member, notification::Event, user,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Access, Result,
    access::granted,
    invite_members::recipient,
    transaction::{Entry, Transaction},
};

/// A member with what hangs on the membership.
#[derive(Clone, Debug)]
pub(super) struct Affected {
    pub(super) member: member::Model,
    pub(super) user: user::Model,
    pub(super) groups: Vec<group::Model>,
}

/// How a membership ends.
pub(super) struct End<'a> {
    pub(super) removal: member::Removal,
    pub(super) by: UserId,
    pub(super) note: Option<&'a str>,
}

/// A group as the log names it, which outlives the group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct NamedGroup {
    pub(super) id: GroupId,
    pub(super) name: String,
}

impl Affected {
    /// The members of an organization with these ids; those that are not there are left out.
    pub(super) async fn find_all(
        tx: &Transaction<'_>,
        organization: OrganizationId,
        ids: &[MemberId],
    ) -> Result<HashMap<MemberId, Self>> {
        let mut found = HashMap::with_capacity(ids.len());
        let members = member::find_all_in(&tx.conn, organization, ids.iter().copied()).await?;
        let mut groups = group_member::groups_of(&tx.conn, organization, ids.iter().copied()).await?;
        for (member, user) in members {
            let groups = groups.remove(&member.id).unwrap_or_default();
            let groups = groups.into_iter().map(Arc::unwrap_or_clone).collect();
            found.insert(member.id, Self { member, user, groups });
        }
        Ok(found)
    }

    /// One of them, with the groups.
    pub(super) async fn of(tx: &Transaction<'_>, member: member::Model, user: user::Model) -> Result<Self> {
        let groups = group::of_member(&tx.conn, member.organization_id, member.id).await?;
        Ok(Self { member, user, groups })
    }

    /// What the member may do.
    pub(super) fn permissions(&self) -> Permissions {
        granted(&self.member, &self.groups)
    }

    pub(super) fn group_names(&self) -> Vec<String> {
        self.groups.iter().map(|group| group.name.clone()).collect()
    }

    /// What the log says that the member had.
    pub(super) fn logged(&self) -> Value {
        json!({ "role": self.member.role, "groups": named(&self.groups) })
    }
}

/// Groups as the log names them.
pub(super) fn named<'a>(groups: impl IntoIterator<Item = &'a group::Model>) -> Vec<NamedGroup> {
    groups.into_iter().map(|group| NamedGroup { id: group.id, name: group.name.clone() }).collect()
}

/// Ends memberships of an organization and all that hangs on them; returns the members as they are then.
pub(super) fn end_memberships(
    tx: &mut Transaction<'_>,
    members: &[&Affected],
    end: &End<'_>,
) -> Vec<member::Model> {
    if members.is_empty() {
        return Vec::new();
    }
    let ids = || members.iter().map(|affected| affected.member.id);
    let groups = group_member::Entity::delete_many().filter(tx.one_of(group_member::Column::MemberId, ids()));
    let tokens = api_token::Entity::update_many()
        .set(api_token::ActiveModel { revoked_at: Set(Some(tx.now)), ..api_token::ActiveModel::default() })
        .filter(tx.one_of(api_token::Column::MemberId, ids()))
        .filter(api_token::Column::RevokedAt.is_null());
    let members_end = member::Entity::update_many()
        .set(member::ActiveModel {
            status: Set(member::Status::Removed),
            removed_at: Set(Some(tx.now)),
            removed_by: Set(Some(end.by)),
            removal: Set(Some(end.removal)),
            removal_note: Set(end.note.map(str::to_owned)),
            restored_at: Set(None),
            ..member::ActiveModel::default()
        })
        .filter(tx.one_of(member::Column::Id, ids()));
    tx.writes.delete(groups);
    tx.writes.update(tokens);
    tx.writes.update(members_end);
    members.iter().map(|affected| ended(&affected.member, tx.now, end)).collect()
}

fn ended(member: &member::Model, now: DateTime<Utc>, end: &End<'_>) -> member::Model {
    member::Model {
        status: member::Status::Removed,
        removed_at: Some(now),
        removed_by: Some(end.by),
        removal: Some(end.removal),
        removal_note: end.note.map(str::to_owned),
        restored_at: None,
        ..member.clone()
    }
}

/// Answers open invitations, and ends the delivery of their emails where those are still on their way; returns the
/// invitations as they are then.
pub(super) fn close_invitations(
    tx: &mut Transaction<'_>,
    invitations: &[&invitation::Model],
    answer: invitation::Answer,
    by: UserId,
) -> Vec<invitation::Model> {
    let Some(organization) = invitations.first().map(|invitation| invitation.organization_id) else {
        return Vec::new();
    };
    tx.cancel_emails_about(organization, invitations);
    let ids = invitations.iter().map(|invitation| invitation.id);
    let revoked_by = (answer == invitation::Answer::Revoked).then_some(by);
    let close = invitation::Entity::update_many()
        .set(invitation::ActiveModel {
            answer: Set(answer),
            answered_at: Set(Some(tx.now)),
            revoked_by: Set(revoked_by),
            ..invitation::ActiveModel::default()
        })
        .filter(tx.one_of(invitation::Column::Id, ids));
    tx.writes.update(close);
    let closed = |invitation: &&invitation::Model| invitation::Model {
        answer,
        answered_at: Some(tx.now),
        revoked_by,
        ..(*invitation).clone()
    };
    invitations.iter().map(closed).collect()
}

/// Revokes open invitations: the links, the members, the groups, the log and the emails.
pub(super) fn revoke(
    tx: &mut Transaction<'_>,
    access: &Access,
    open: &[(&invitation::Model, &Affected)],
    note: Option<&str>,
) -> Vec<(invitation::Model, member::Model)> {
    let invitations: Vec<_> = open.iter().map(|(invitation, _)| *invitation).collect();
    let closed = close_invitations(tx, &invitations, invitation::Answer::Revoked, access.user.id);
    let invited: Vec<_> = open.iter().map(|(_, affected)| *affected).collect();
    let end = End { removal: member::Removal::InvitationRevoked, by: access.user.id, note };
    let removed = end_memberships(tx, &invited, &end);
    let actor = access.actor();
    for (invitation, affected) in open {
        let entry = Entry {
            member: Some(affected.member.id),
            invitation: Some(invitation.id),
            before: Some(affected.logged()),
            reason: note.map(str::to_owned),
            ..Entry::new(activity::Action::InvitationRevoked)
        };
        let activity = tx.record(&actor, entry);
        if access.organization.revocation_email {
            let event = Event::InvitationRevoked { note: note.map(str::to_owned) };
            tx.notify(&actor, activity, &recipient(invitation, &affected.user), event);
        }
    }
    closed.into_iter().zip(removed).collect()
}
