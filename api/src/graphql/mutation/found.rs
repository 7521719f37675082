//! The members and invitations that a payload shows: read after the operation, so that a dry run shows them as they are,
//! and only where the document asks for them.

use std::{collections::HashMap, sync::Arc};

use async_graphql::Lookahead;
use roster_entity::{InvitationId, MemberId, invitation, member, user};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::{
    graphql::{
        invitation::Invitation,
        member::{self as graphql_member, Member, wants_groups},
        scope::Scope,
    },
    membership,
};

/// How many rows one statement reads.
const ROWS_PER_STATEMENT: usize = 500;

pub(super) struct Found {
    scope: Arc<Scope>,
    members: HashMap<MemberId, (member::Model, user::Model)>,
    groups: Option<HashMap<MemberId, Vec<roster_entity::group::Model>>>,
    invitations: HashMap<InvitationId, invitation::Model>,
}

impl Found {
    pub(super) fn nothing(scope: Arc<Scope>) -> Self {
        Self { scope, members: HashMap::new(), groups: None, invitations: HashMap::new() }
    }

    /// Adds members, if `field` of the payload is asked for; with their groups, if those are.
    pub(super) async fn with_members(
        mut self,
        field: Lookahead<'_>,
        ids: impl IntoIterator<Item = MemberId>,
    ) -> membership::Result<Self> {
        if !field.exists() {
            return Ok(self);
        }
        let (ids, organization): (Vec<_>, _) = (ids.into_iter().collect(), self.scope.organization());
        let mut groups = wants_groups(&field).then(HashMap::new);
        for some in ids.chunks(ROWS_PER_STATEMENT) {
            let some = || some.iter().copied();
            let found = member::find_all_in(self.scope.conn(), organization, some()).await?;
            self.members.extend(found.into_iter().map(|(member, user)| (member.id, (member, user))));
            if let Some(groups) = &mut groups {
                groups.extend(
                    roster_entity::group_member::groups_of(self.scope.conn(), organization, some()).await?,
                );
            }
        }
        self.groups = groups;
        Ok(self)
    }

    /// Adds invitations, if one of `fields` of the payload is asked for.
    pub(super) async fn with_invitations(
        mut self,
        fields: &[Lookahead<'_>],
        ids: impl IntoIterator<Item = InvitationId>,
    ) -> membership::Result<Self> {
        if !fields.iter().any(Lookahead::exists) {
            return Ok(self);
        }
        let ids: Vec<_> = ids.into_iter().collect();
        for some in ids.chunks(ROWS_PER_STATEMENT) {
            let found = invitation::Entity::in_organization(self.scope.organization())
                .filter(invitation::Column::Id.is_in(some.iter().copied()))
                .all(self.scope.conn())
                .await?;
            self.invitations.extend(found.into_iter().map(|invitation| (invitation.id, invitation)));
        }
        Ok(self)
    }

    pub(super) fn member(&mut self, id: MemberId) -> Option<Member> {
        let (row, user) = self.members.get(&id).cloned()?;
        let groups = self.groups.as_mut().map(|groups| groups.remove(&id).unwrap_or_default());
        Some(graphql_member::with_groups(&self.scope, row, user, groups))
    }

    pub(super) fn invitation(&self, id: InvitationId) -> Option<Invitation> {
        let row = self.invitations.get(&id).cloned()?;
        Some(Invitation { scope: Arc::clone(&self.scope), row })
    }
}
