//! The members and invitations that a payload shows: read after the operation, so that a dry run shows them as they are,
//! and only where the document asks for them.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Lookahead, Result};
use roster_entity::{InvitationId, MemberId, invitation, member};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::{
    graphql::{
        error::internal,
        invitation::Invitation,
        member::{Member, load},
        scope::Scope,
    },
    membership::ROWS_PER_STATEMENT,
};

pub(super) struct Found {
    scope: Arc<Scope>,
    members: HashMap<MemberId, Member>,
    invitations: HashMap<InvitationId, invitation::Model>,
}

impl Found {
    pub(super) fn nothing(scope: Arc<Scope>) -> Self {
        Self { scope, members: HashMap::new(), invitations: HashMap::new() }
    }

    /// Adds members, if `field` of the payload is asked for.
    pub(super) async fn with_members(
        mut self,
        field: Lookahead<'_>,
        ids: impl IntoIterator<Item = MemberId>,
    ) -> Result<Self> {
        if !field.exists() {
            return Ok(self);
        }
        let ids: Vec<_> = ids.into_iter().collect();
        for some in ids.chunks(ROWS_PER_STATEMENT) {
            let some = some.iter().copied();
            let rows = member::by_ids_in(self.scope.conn(), self.scope.organization(), some).await;
            let (ids, rows): (Vec<_>, Vec<_>) = rows.map_err(internal)?.into_iter().unzip();
            let members = load(&self.scope, rows, std::slice::from_ref(&field)).await?;
            self.members.extend(ids.into_iter().zip(members));
        }
        Ok(self)
    }

    /// Adds invitations, if one of `fields` of the payload is asked for.
    pub(super) async fn with_invitations(
        mut self,
        fields: &[Lookahead<'_>],
        ids: impl IntoIterator<Item = InvitationId>,
    ) -> Result<Self> {
        if !fields.iter().any(Lookahead::exists) {
            return Ok(self);
        }
        let ids: Vec<_> = ids.into_iter().collect();
        for some in ids.chunks(ROWS_PER_STATEMENT) {
            let found = invitation::Entity::in_organization(self.scope.organization())
                .filter(invitation::Column::Id.is_in(some.iter().copied()))
                .all(self.scope.conn())
                .await
                .map_err(internal)?;
            self.invitations.extend(found.into_iter().map(|invitation| (invitation.id, invitation)));
        }
        Ok(self)
    }

    pub(super) fn member(&mut self, id: MemberId) -> Option<Member> {
        self.members.remove(&id)
    }

    pub(super) fn invitation(&self, id: InvitationId) -> Option<Invitation> {
        let row = self.invitations.get(&id).cloned()?;
        Some(Invitation { scope: Arc::clone(&self.scope), row })
    }
}
