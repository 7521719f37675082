//! A person in an organization.

mod list;
mod load;

use std::sync::Arc;

use async_graphql::{ID, Object, Result};
use chrono::{DateTime, Utc};
use roster_entity::{MemberId, group, member, user};

use self::load::Related;
pub(crate) use self::{
    list::{MemberFilter, MemberOrder, distinct, list},
    load::{by_ids, load},
};
use super::{
    enums::{MemberStatus, Permission, RemovalReason, Role},
    error::{MutationError, internal, to_graphql},
    group::Group,
    in_turn::{InTurn, ListInTurn},
    invitation::Invitation,
    notification::Notification,
    organization::Organization,
    removal_preview::RemovalPreview,
    scope::Scope,
    user::User,
};
use crate::membership::{Reviewed, granted, removal_problem};

/// The GraphQL type `Member`.
#[derive(Clone)]
pub(crate) struct Member {
    scope: Arc<Scope>,
    row: member::Model,
    user: user::Model,
    related: Related,
}

/// A person in an organization: invited, active or removed. One member for each person, whatever happens.
#[Object]
impl Member {
    /// The id of the member: `member_…`.
    pub(super) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// The organization that the member belongs to.
    async fn organization(&self) -> Organization {
        Organization(Arc::clone(&self.scope))
    }

    /// The person. Of somebody who has never joined, only the address is shown.
    async fn user(&self) -> InTurn<User> {
        InTurn(User(self.user.clone()))
    }

    /// The role.
    async fn role(&self) -> Role {
        self.row.role.into()
    }

    /// Whether the person is invited (pending), active (verified) or removed.
    async fn status(&self) -> MemberStatus {
        self.row.status.into()
    }

    /// The groups that the member is in, by name. Removed members are in none.
    async fn groups(&self) -> Result<ListInTurn<Group>> {
        let groups = self.related.groups(&self.scope, &self.row).await?.iter();
        let group = |row| Group { scope: Arc::clone(&self.scope), row: Arc::clone(row) };
        Ok(ListInTurn(groups.map(group).collect()))
    }

    /// What the member may do: role and groups together. Nothing while invited or removed.
    async fn permissions(&self) -> Result<Vec<Permission>> {
        if self.row.status != member::Status::Active {
            return Ok(Vec::new());
        }
        let all = granted(&self.row, self.groups_of_member().await?);
        Ok(all.0.into_iter().map(Permission::from).collect())
    }

    /// When the person was last invited; `null` for who created the organization.
    async fn invited_at(&self) -> Option<DateTime<Utc>> {
        self.row.invited_at
    }

    /// When the person last joined; `null` while invited.
    async fn joined_at(&self) -> Option<DateTime<Utc>> {
        self.row.joined_at.filter(|_| self.row.status != member::Status::Invited)
    }

    /// The invitation that is open, pending or expired; `null` if there is none, or if you may not see invitations.
    async fn invitation(&self) -> Result<Option<Invitation>> {
        let may_see = self.scope.access.permissions.has(roster_entity::Permission::MembersInvite);
        if self.row.status != member::Status::Invited || !may_see {
            return Ok(None);
        }
        let found = self.related.invitation(&self.scope, &self.row).await?;
        Ok(found.map(|row| Invitation::new(&self.scope, row)))
    }

    /// When the membership ended; `null` if it has not.
    async fn removed_at(&self) -> Option<DateTime<Utc>> {
        self.row.removed_at
    }

    /// Who ended the membership: an administrator, or the person.
    async fn removed_by(&self) -> Result<Option<User>> {
        // Who ended it themselves may never have joined, and is then not known by name: they have declined.
        if self.row.removed_by == Some(self.row.user_id) {
            return Ok(Some(User(self.user.clone())));
        }
        Ok(self.related.removed_by(&self.scope, &self.row).await?.map(User))
    }

    /// What ended the membership; `null` if it has not ended.
    async fn removal_reason(&self) -> Option<RemovalReason> {
        self.row.removal.map(Into::into)
    }

    /// The note that the administrator wrote to the person on removing them. Needs `MEMBERS_REMOVE` or `ACTIVITIES_READ`;
    /// `null` without.
    async fn removal_note(&self) -> Option<&str> {
        let mine = &self.scope.access.permissions;
        let may_read = self.viewer_may_remove() || mine.has(roster_entity::Permission::ActivitiesRead);
        self.row.removal_note.as_deref().filter(|_| may_read)
    }

    /// The email that told the person of the removal, and how its delivery stands; `null` if the member is not removed, if no
    /// email was sent, or if you lack `NOTIFICATIONS_READ`.
    async fn removal_notification(&self) -> Result<Option<Notification>> {
        let may_see = self.scope.access.permissions.has(roster_entity::Permission::NotificationsRead);
        if self.row.status != member::Status::Removed || !may_see {
            return Ok(None);
        }
        let row = self.related.removal_notification(&self.scope, &self.row).await?;
        Ok(row.map(|row| Notification::of(&self.scope, row, (self.row.clone(), self.user.clone()))))
    }

    /// When the last removal was undone; `null` if there was none, or if the membership has ended again since.
    async fn restored_at(&self) -> Option<DateTime<Utc>> {
        self.row.restored_at
    }

    /// What to review before you remove this member; `null` if they are removed already. Needs `MEMBERS_REMOVE`.
    async fn removal_preview(
        &self,
        #[graphql(desc = "The note that you would write, for the email: at most 1,000 characters.")]
        note: Option<String>,
    ) -> Option<Result<RemovalPreview>> {
        let preview = async {
            let groups: Vec<_> = self.groups_of_member().await?.cloned().collect();
            let invitation = match self.row.status {
                member::Status::Invited => self.related.invitation(&self.scope, &self.row).await?,
                _ => None,
            };
            let reviewed = Reviewed {
                member: &self.row,
                user: &self.user,
                groups: &groups,
                invitation: invitation.as_ref(),
            };
            let owners = self.scope.owners().await?;
            let membership = &self.scope.membership;
            let preview = membership.removal_preview(&self.scope.access, reviewed, owners, note.as_deref());
            Ok(preview.await.map_err(to_graphql)?.map(|preview| RemovalPreview {
                scope: Arc::clone(&self.scope),
                member: self.row.clone(),
                user: self.user.clone(),
                groups,
                invitation,
                preview,
            }))
        };
        Box::pin(preview).await.transpose()
    }

    /// Whether you can remove this member now.
    async fn viewer_can_remove(&self) -> Result<bool> {
        Ok(self.viewer_may_remove()
            && self.row.status != member::Status::Removed
            && self.problem().await?.is_none())
    }

    /// Why you cannot remove this member, as `removeMember` would answer; `null` if you can, if the member is removed
    /// already, or if you lack the `MEMBERS_REMOVE` permission and the member is not you.
    async fn viewer_cannot_remove_because(&self) -> Result<Option<MutationError>> {
        let is_viewer = self.row.id == self.scope.access.member.id;
        if self.row.status == member::Status::Removed || !(is_viewer || self.viewer_may_remove()) {
            return Ok(None);
        }
        self.problem().await
    }
}

impl Member {
    /// One member.
    pub(super) fn new(scope: &Arc<Scope>, row: member::Model, user: user::Model) -> Self {
        Self { scope: Arc::clone(scope), row, user, related: Related::default() }
    }

    /// A member of the scope's organization, by id.
    pub(super) async fn find(scope: &Arc<Scope>, id: MemberId) -> Result<Option<Self>> {
        let found = member::find_in(scope.conn(), scope.organization(), id).await.map_err(internal)?;
        Ok(found.map(|(row, user)| Self::new(scope, row, user)))
    }

    async fn groups_of_member(&self) -> Result<impl Iterator<Item = &group::Model>> {
        Ok(self.related.groups(&self.scope, &self.row).await?.iter().map(|group| &**group))
    }

    fn viewer_may_remove(&self) -> bool {
        self.scope.access.permissions.has(roster_entity::Permission::MembersRemove)
    }

    async fn problem(&self) -> Result<Option<MutationError>> {
        let groups = self.groups_of_member().await?;
        let owners = Box::pin(self.scope.owners()).await?;
        let problem = removal_problem(&self.scope.access, &self.row, &self.user, groups, owners);
        Ok(problem.map(MutationError::from))
    }
}
