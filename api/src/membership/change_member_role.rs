//! Changing the role of a member. Active members are told by email.

use roster_entity::{MemberId, Permission, Role, activity, group, member, notification::Event, user};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::{
    Access, Code, Membership, Problem, Result,
    access::granted,
    removal_rules::{is_owner, last_owner, owners},
    transaction::{Entry, Recipient, retrying},
};
use crate::identity::Caller;

/// A member's new role.
#[derive(Clone, Copy, Debug)]
pub struct ChangeMemberRole {
    /// Whose.
    pub member: MemberId,
    /// The new role.
    pub role: Role,
}

/// A member whose role was changed.
#[derive(Debug)]
pub struct RoleChanged {
    /// The caller's access to the organization.
    pub access: Access,
    /// The member.
    pub member: member::Model,
    /// The person.
    pub user: user::Model,
    /// `false` if the member had the role before.
    pub changed: bool,
    /// What to tell the caller.
    pub message: String,
}

impl Membership {
    /// Changes the role of an active or invited member.
    pub async fn change_member_role(&self, caller: &Caller, input: &ChangeMemberRole) -> Result<RoleChanged> {
        retrying(|| self.change_member_role_once(caller, input)).await
    }

    async fn change_member_role_once(
        &self,
        caller: &Caller,
        input: &ChangeMemberRole,
    ) -> Result<RoleChanged> {
        let mut tx = self.begin().await?;
        let access = tx.enter(caller, input.member).await?;
        access.require(Permission::RolesManage)?;
        let (member, user) = tx.member(&access, input.member).await?;
        let (before, after, name) = (member.role, input.role, user.display_name().to_owned());
        if member.id == access.member.id {
            let message = "You cannot change your own role. Ask another owner.";
            return Err(Problem::new(Code::CannotChangeOwnRole, message).about(member.id).into());
        }
        if member.status == member::Status::Removed {
            let message = format!("{name} was removed from {}. Invite them again.", access.organization.name);
            return Err(Problem::new(Code::AlreadyRemoved, message).about(member.id).into());
        }
        if before == after {
            let message = format!("{name} is {} already.", after.with_article());
            return Ok(RoleChanged { access, member, user, changed: false, message });
        }
        let groups = group::of_member(&tx.conn, member.organization_id, member.id).await?;
        let mine = &access.permissions;
        if !mine.cover(&granted(&member, &groups)) || !mine.cover(&after.permissions()) {
            let message = format!(
                "You cannot make {name} {}: the role, or what {name} has now, is more than you have. Ask an owner.",
                after.with_article()
            );
            return Err(Problem::new(Code::RoleAboveYours, message).about(member.id).into());
        }
        if is_owner(&member) && owners(&tx.conn, &access).await? <= 1 {
            return Err(last_owner(&access, &member, &format!("{name} is")).into());
        }

        let change = member::Entity::update_many()
            .set(member::ActiveModel { role: Set(after), ..member::ActiveModel::default() })
            .filter(member::Column::Id.eq(member.id));
        tx.writes.update(change);
        let member = member::Model { role: after, ..member };
        let actor = access.actor();
        let entry = Entry {
            member: Some(member.id),
            before: Some(json!({ "role": before })),
            after: Some(json!({ "role": after })),
            ..Entry::new(activity::Action::MemberRoleChanged)
        };
        let activity = tx.record(&actor, entry);
        if member.status == member::Status::Active {
            let recipient = Recipient { member: member.id, email: &user.email, name: user.name.as_deref() };
            tx.notify(&actor, activity, &recipient, Event::RoleChanged { before, after });
        }
        tx.commit().await?;
        let message = format!("{name} is now {}.", after.with_article());
        Ok(RoleChanged { access, member, user, changed: true, message })
    }
}
