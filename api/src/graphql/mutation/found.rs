//! The members and invitations that a payload shows, as they are after the operation, or a dry run of it: what the operation
//! does not know is read, and only where the document asks for it.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Lookahead, Result};
use roster_entity::{InvitationId, MemberId, invitation, member, one_of};
use sea_orm::QueryFilter;

use crate::{
    graphql::{
        error::internal,
        invitation::Invitation,
        member::{Member, load},
        scope::Scope,
    },
    membership::Rows,
};

pub(super) struct Found {
    scope: Arc<Scope>,
    known: Rows,
    members: HashMap<MemberId, Member>,
}

impl Found {
    pub(super) fn new(scope: Arc<Scope>, known: Rows) -> Self {
        Self { scope, known, members: HashMap::new() }
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
        let known = |id| self.known.members.remove(&id).ok_or(id);
        let (mut rows, mut unknown) = (Vec::new(), Vec::new());
        for row in ids.into_iter().map(known) {
            match row {
                Ok(row) => rows.push(row),
                Err(id) => unknown.push(id),
            }
        }
        let read = member::by_ids_in(self.scope.conn(), self.scope.organization(), unknown).await;
        rows.extend(read.map_err(internal)?.into_values());
        let ids: Vec<_> = rows.iter().map(|(member, _)| member.id).collect();
        let members = load(&self.scope, rows, std::slice::from_ref(&field)).await?;
        self.members.extend(ids.into_iter().zip(members));
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
        let known = &mut self.known.invitations;
        let unknown: Vec<_> = ids.into_iter().filter(|id| !known.contains_key(id)).collect();
        if !unknown.is_empty() {
            let conn = self.scope.conn();
            let are_they = one_of(conn.get_database_backend(), invitation::Column::Id, unknown);
            let read = invitation::Entity::in_organization(self.scope.organization()).filter(are_they);
            let read = read.all(conn).await.map_err(internal)?;
            known.extend(read.into_iter().map(|invitation| (invitation.id, invitation)));
        }
        Ok(self)
    }

    pub(super) fn member(&mut self, id: MemberId) -> Option<Member> {
        self.members.remove(&id)
    }

    pub(super) fn invitation(&self, id: InvitationId) -> Option<Invitation> {
        let row = self.known.invitations.get(&id).cloned()?;
        Some(Invitation::new(&self.scope, row))
    }
}
