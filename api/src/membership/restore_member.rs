//! Undoing a removal: the member is back with the role and the groups as they were, and is told by email. People who left
//! on their own are not brought back without being asked: they are invited.

use roster_entity::{
    GroupId, MemberId, Permission, activity, api_token, group, group_member, member,
    notification::{self, Event},
    user,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::{
    Access, Code, Membership, Problem, Result, Run,
    access::granted,
    ending::{NamedGroup, named},
    removal_rules::above,
    transaction::{Entry, Recipient, Transaction, retrying},
};
use crate::identity::Caller;

/// A removal to be undone.
#[derive(Clone, Copy, Debug)]
pub struct RestoreMember {
    /// Whose.
    pub member: MemberId,
    /// Whether it is carried out.
    pub run: Run,
}

/// A member who is back.
#[derive(Debug)]
pub struct Restored {
    /// The caller's access to the organization.
    pub access: Access,
    /// Who.
    pub member: MemberId,
    /// What is not as it was before the removal, in sentences.
    pub warnings: Vec<String>,
    /// `false` if the member was restored before.
    pub changed: bool,
    /// What to tell the caller.
    pub message: String,
}

impl Membership {
    /// Undoes a removal.
    pub async fn restore_member(&self, caller: &Caller, input: &RestoreMember) -> Result<Restored> {
        retrying(|| self.restore_member_once(caller, input)).await
    }

    async fn restore_member_once(&self, caller: &Caller, input: &RestoreMember) -> Result<Restored> {
        let mut tx = self.begin().await?;
        let access = tx.enter(caller, input.member).await?;
        access.require(Permission::MembersRemove)?;
        let (member, user) = tx.member(&access, input.member).await?;
        let (name, organization) = (user.display_name().to_owned(), access.organization.name.clone());
        if member.status == member::Status::Active && member.restored_at.is_some() {
            let message = format!("{name} was restored already.");
            let member = member.id;
            return Ok(Restored { access, member, warnings: Vec::new(), changed: false, message });
        }
        check_restorable(&tx, &access, &member, &user)?;
        let (groups, gone) = former_groups(&tx, &access, &member).await?;
        if !access.permissions.cover(&granted(&member, &groups)) {
            return Err(above(&access, &member, &user).into());
        }

        let warnings = warnings(&tx, &member, &gone).await?;
        tx.cancel_late_emails_to(member.organization_id, &[member.id], notification::Kind::Removed);
        let pairs = groups.iter().map(|group| group_member::ActiveModel {
            group_id: Set(group.id),
            member_id: Set(member.id),
            organization_id: Set(member.organization_id),
        });
        tx.writes.insert(pairs.collect());
        let (id, role) = (member.id, member.role);
        let restore = member::Entity::update_many()
            .set(member::ActiveModel {
                status: Set(member::Status::Active),
                removed_at: Set(None),
                removed_by: Set(None),
                removal: Set(None),
                removal_note: Set(None),
                restored_at: Set(Some(tx.now)),
                ..member::ActiveModel::default()
            })
            .filter(member::Column::Id.eq(id));
        tx.writes.update(restore);

        let actor = access.actor();
        let entry = Entry {
            member: Some(id),
            after: Some(json!({ "role": role, "groups": named(&groups), "lostGroups": gone })),
            ..Entry::new(activity::Action::MemberRestored)
        };
        let activity = tx.record(&actor, entry);
        let recipient = Recipient { member: id, email: &user.email, name: user.name.as_deref() };
        let event = Event::Restored {
            role,
            groups: groups.into_iter().map(|group| group.name).collect(),
            lost_groups: gone.into_iter().map(|group| group.name).collect(),
        };
        tx.notify(&actor, activity, &recipient, event);
        tx.finish(input.run).await?;
        let was = if input.run == Run::Dry { "would be" } else { "is" };
        let message = format!("{name} {was} a member of {organization} again.");
        Ok(Restored { access, member: id, warnings, changed: true, message })
    }
}

fn check_restorable(
    tx: &Transaction<'_>,
    access: &Access,
    member: &member::Model,
    user: &user::Model,
) -> Result<()> {
    let (name, organization) = (user.display_name(), &access.organization);
    let problem = |code, message| Err(Problem::new(code, message).about(member.id).into());
    let (Some(removal), Some(removed_at)) = (member.removal, member.removed_at) else {
        let is = if member.status == member::Status::Invited { "is invited to" } else { "is a member of" };
        let message = format!("{name} {is} {} and was not removed.", organization.name);
        return problem(Code::NotRemoved, message);
    };
    if user.is_erased() {
        let message =
            "The data of this person was erased, so that nothing can be restored. Invite them instead.";
        return problem(Code::RestoreWindowPassed, message.to_owned());
    }
    match removal {
        member::Removal::Removed => {}
        member::Removal::Left => {
            let message = format!("{name} left {} on their own. Invite them instead.", organization.name);
            return problem(Code::LeftVoluntarily, message);
        }
        member::Removal::InvitationRevoked | member::Removal::InvitationDeclined => {
            let message =
                format!("{name} was only invited to {}. Invite them again instead.", organization.name);
            return problem(Code::NotRemoved, message);
        }
    }
    let end = removed_at + organization.restore_window();
    if end <= tx.now {
        let window = match organization.restore_window_days {
            0 => format!("{} does not undo removals", organization.name),
            1 => "a removal can be undone for 1 day".to_owned(),
            days => format!("a removal can be undone for {days} days"),
        };
        let date = removed_at.format("%-d %B %Y");
        let message = format!("{name} was removed on {date}, and {window}. Invite them instead.");
        return problem(Code::RestoreWindowPassed, message);
    }
    Ok(())
}

/// The groups that the member lost with the removal, as the log has them: those that are still there, as they are now, and
/// those that are gone.
async fn former_groups(
    tx: &Transaction<'_>,
    access: &Access,
    member: &member::Model,
) -> Result<(Vec<group::Model>, Vec<NamedGroup>)> {
    let (organization, removed) = (access.organization.id, activity::Action::MemberRemoved);
    let removal =
        activity::of_member_at(&tx.conn, organization, member.id, removed, member.removed_at).await?;
    let before = removal.and_then(|removal| removal.before).unwrap_or_default();
    let lost: Vec<NamedGroup> = serde_json::from_value(before["groups"].clone()).unwrap_or_default();
    let ids: Vec<GroupId> = lost.iter().map(|group| group.id).collect();
    let groups = match ids.is_empty() {
        true => Vec::new(),
        false => group::find_all_in(&tx.conn, access.organization.id, ids).await?,
    };
    let gone = lost.into_iter().filter(|lost| groups.iter().all(|group| group.id != lost.id)).collect();
    Ok((groups, gone))
}

async fn warnings(tx: &Transaction<'_>, member: &member::Model, gone: &[NamedGroup]) -> Result<Vec<String>> {
    let mut warnings: Vec<_> =
        gone.iter().map(|group| format!("The group {} does not exist any more.", group.name)).collect();
    let revoked = api_token::Entity::in_organization(member.organization_id)
        .filter(api_token::Column::MemberId.eq(member.id))
        .filter(api_token::Column::RevokedAt.eq(member.removed_at))
        .count(&tx.conn)
        .await?;
    match revoked {
        0 => {}
        1 => warnings.push("Their API token was revoked with the removal and stays so.".to_owned()),
        n => warnings.push(format!("Their {n} API tokens were revoked with the removal and stay so.")),
    }
    Ok(warnings)
}
