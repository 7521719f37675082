//! How memberships and invitations end: what removing, leaving, revoking and declining have in common.

use roster_entity::{
    GroupId, UserId, activity, api_token, group, group_member, invitation, member, notification::Event, user,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde::Serialize;
use serde_json::json;

use super::{
    Access, Result,
    invite_members::recipient,
    transaction::{Entry, Transaction},
};

/// How a membership ends.
pub(super) struct End {
    pub(super) removal: member::Removal,
    pub(super) by: UserId,
    pub(super) note: Option<String>,
}

/// A group as the log names it, which outlives the group.
#[derive(Serialize)]
pub(super) struct NamedGroup {
    id: GroupId,
    pub(super) name: String,
}

/// Groups as the log names them.
pub(super) fn named<'a>(groups: impl IntoIterator<Item = &'a group::Model>) -> Vec<NamedGroup> {
    groups.into_iter().map(|group| NamedGroup { id: group.id, name: group.name.clone() }).collect()
}

/// Ends a membership and all that hangs on it; returns the groups that were lost.
pub(super) async fn end_membership(
    tx: &Transaction<'_>,
    member: &member::Model,
    end: End,
) -> Result<(member::Model, Vec<NamedGroup>)> {
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
    Ok((ended.update(&tx.conn).await?, named(&groups)))
}

/// Answers an open invitation, and ends the delivery of its email if that is still on its way.
pub(super) async fn close_invitation(
    tx: &Transaction<'_>,
    invitation: &invitation::Model,
    answer: invitation::Answer,
    by: &user::Model,
) -> Result<invitation::Model> {
    tx.cancel_emails_about(invitation.id).await?;
    let mut closed = invitation.clone().into_active_model();
    closed.answer = Set(answer);
    closed.answered_at = Set(Some(tx.now));
    closed.revoked_by = Set((answer == invitation::Answer::Revoked).then_some(by.id));
    Ok(closed.update(&tx.conn).await?)
}

/// Revokes an open invitation: the link, the member, the groups, the log and the email.
pub(super) async fn revoke(
    tx: &mut Transaction<'_>,
    access: &Access,
    invitation: &invitation::Model,
    member: &member::Model,
    user: &user::Model,
    note: Option<String>,
) -> Result<(invitation::Model, member::Model)> {
    let invitation = close_invitation(tx, invitation, invitation::Answer::Revoked, &access.user).await?;
    let end = End { removal: member::Removal::InvitationRevoked, by: access.user.id, note: note.clone() };
    let (removed, groups) = end_membership(tx, member, end).await?;
    let actor = access.actor();
    let entry = Entry {
        member: Some(member.id),
        invitation: Some(invitation.id),
        before: Some(json!({ "role": member.role, "groups": groups })),
        reason: note.clone(),
        ..Entry::new(activity::Action::InvitationRevoked)
    };
    tx.record(&actor, entry);
    if access.organization.revocation_email {
        tx.notify(&actor, &recipient(&invitation, user), Event::InvitationRevoked { note });
    }
    Ok((invitation, removed))
}
