//! The log of an organization, read from the beginning: who is what, entry after entry. An entry that cannot follow on those
//! before it is an error.

use std::collections::{BTreeMap, BTreeSet};

use roster_entity::{
    ActivityId, ApiTokenId, GroupId, MemberId, OrganizationId, Role, UserId,
    activity::{self, Action},
    member::{self, Status},
    notification::Kind,
};
use sea_orm::{DatabaseConnection, QueryOrder};
use serde_json::Value;

/// What the log tells.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) members: BTreeMap<MemberId, Told>,
    pub(crate) groups: BTreeSet<GroupId>,
    /// Those that are valid.
    pub(crate) tokens: BTreeSet<ApiTokenId>,
    /// The emails that there must be.
    pub(crate) emails: BTreeMap<ActivityId, Kind>,
    owners_of_tokens: BTreeMap<ApiTokenId, MemberId>,
    people: BTreeMap<UserId, MemberId>,
}

/// What the log tells of a member.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) status: Status,
    pub(crate) role: Role,
    pub(crate) groups: BTreeSet<GroupId>,
}

impl History {
    pub(crate) async fn read(db: &DatabaseConnection, id: OrganizationId) -> Result<Self, String> {
        let rows = member::Entity::in_organization(id).all(db).await.unwrap();
        let people = rows.into_iter().map(|row| (row.user_id, row.id)).collect();
        let entries = activity::Entity::in_organization(id).order_by_asc(activity::Column::Id);
        let mut history = Self { people, ..Self::default() };
        for entry in entries.all(db).await.unwrap() {
            history.follow(&entry).ok_or_else(|| format!("{entry:#?}\ncannot follow on {history:#?}"))?;
        }
        Ok(history)
    }

    /// `None` if the entry cannot follow.
    fn follow(&mut self, entry: &activity::Model) -> Option<()> {
        self.is_by_somebody_who_may(entry).then_some(())?;
        self.carry_out(entry)?;
        let is_owner = |told: &Told| told.role == Role::Owner && told.status == Status::Active;
        self.members.values().any(is_owner).then_some(())
    }

    /// Who has been removed does nothing here, and neither does a token that was revoked.
    fn is_by_somebody_who_may(&self, entry: &activity::Model) -> bool {
        let actor = self.people.get(&entry.actor_id);
        let status = actor.and_then(|id| self.members.get(id)).map(|told| told.status);
        let token = entry.api_token_id.is_none_or(|id| self.tokens.contains(&id));
        let answers = matches!(entry.action, Action::InvitationAccepted | Action::InvitationDeclined);
        let expected = match entry.action {
            Action::OrganizationCreated => None,
            _ if answers => Some(Status::Invited),
            _ => Some(Status::Active),
        };
        status == expected && token && (!answers || actor == entry.member_id.as_ref())
    }

    fn carry_out(&mut self, entry: &activity::Model) -> Option<()> {
        let before = entry.before.clone().unwrap_or_default();
        let after = entry.after.clone().unwrap_or_default();
        let member = entry.member_id;
        match entry.action {
            Action::OrganizationCreated => {
                let owner = Told { status: Status::Active, role: Role::Owner, groups: BTreeSet::new() };
                self.members.insert(member?, owner);
            }
            Action::MemberInvited | Action::MemberRestored => {
                let restored = entry.action == Action::MemberRestored;
                let former = self.members.get(&member?).map(|told| told.status);
                (former == Some(Status::Removed) || former.is_none() && !restored).then_some(())?;
                let status = if restored { Status::Active } else { Status::Invited };
                let told = Told { status, role: role(&after)?, groups: groups(&after)? };
                told.groups.is_subset(&self.groups).then_some(())?;
                self.members.insert(member?, told);
                self.emails.insert(entry.id, if restored { Kind::Restored } else { Kind::Invitation });
            }
            Action::InvitationResent => {
                self.is(member?, Status::Invited)?;
                self.emails.insert(entry.id, Kind::Invitation);
            }
            Action::InvitationAccepted => self.is(member?, Status::Invited)?.status = Status::Active,
            Action::InvitationRevoked => {
                self.end(member?, Status::Invited, &before)?;
                self.emails.insert(entry.id, Kind::InvitationRevoked);
            }
            Action::InvitationDeclined => self.end(member?, Status::Invited, &before)?,
            Action::MemberRemoved => {
                self.end(member?, Status::Active, &before)?;
                self.emails.insert(entry.id, Kind::Removed);
            }
            Action::MemberLeft => self.end(member?, Status::Active, &before)?,
            Action::MemberRoleChanged => {
                let told = self.members.get_mut(&member?)?;
                (told.status != Status::Removed && told.role == role(&before)?).then_some(())?;
                told.role = role(&after)?;
                if told.status == Status::Active {
                    self.emails.insert(entry.id, Kind::RoleChanged);
                }
            }
            Action::GroupCreated => self.groups.insert(entry.group_id?).then_some(())?,
            Action::GroupUpdated => self.groups.contains(&entry.group_id?).then_some(())?,
            Action::GroupDeleted => {
                let group = entry.group_id?;
                self.groups.remove(&group).then_some(())?;
                let left = self.members.values_mut().filter_map(|told| told.groups.take(&group)).count();
                (before["members"] == left).then_some(())?;
            }
            Action::GroupMemberAdded => {
                let group = entry.group_id.filter(|group| self.groups.contains(group))?;
                let told = self.members.get_mut(&member?)?;
                (told.status != Status::Removed && told.groups.insert(group)).then_some(())?;
            }
            Action::GroupMemberRemoved => {
                self.members.get_mut(&member?)?.groups.remove(&entry.group_id?).then_some(())?;
            }
            Action::ApiTokenCreated => {
                self.is(member?, Status::Active)?;
                let token = after["id"].as_str()?.parse().ok()?;
                self.owners_of_tokens.insert(token, member?);
                self.tokens.insert(token).then_some(())?;
            }
            Action::ApiTokenRevoked => {
                let token = before["id"].as_str()?.parse().ok()?;
                self.tokens.remove(&token).then_some(())?;
            }
            Action::OrganizationUpdated | Action::NotificationResent => {}
        }
        Some(())
    }

    fn is(&mut self, member: MemberId, status: Status) -> Option<&mut Told> {
        self.members.get_mut(&member).filter(|told| told.status == status)
    }

    /// A membership ends, which was as the entry says, and with it all that hangs on it.
    fn end(&mut self, member: MemberId, status: Status, before: &Value) -> Option<()> {
        let told = self.is(member, status)?;
        (told.role == role(before)? && told.groups == groups(before)?).then_some(())?;
        *told = Told { status: Status::Removed, role: told.role, groups: BTreeSet::new() };
        let owners = &self.owners_of_tokens;
        self.tokens.retain(|token| owners[token] != member);
        Some(())
    }
}

fn role(value: &Value) -> Option<Role> {
    serde_json::from_value(value["role"].clone()).ok()
}

fn groups(value: &Value) -> Option<BTreeSet<GroupId>> {
    value["groups"].as_array()?.iter().map(|group| group["id"].as_str()?.parse().ok()).collect()
}
