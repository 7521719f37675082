//! The caller's access to one organization, as the types of the schema share it.

use std::{collections::HashMap, sync::Arc};

use async_graphql::Result;
use roster_entity::{OrganizationId, Permission, UserId, member, user};
use sea_orm::{DatabaseConnection, EntityTrait, PaginatorTrait};
use tokio::sync::OnceCell;

use super::error::{internal, to_graphql};
use crate::membership::{Access, Membership};

/// What every object of an organization is resolved through.
pub(super) struct Scope {
    pub(super) access: Access,
    pub(super) membership: Membership,
    owners: OnceCell<u64>,
}

impl Scope {
    pub(super) fn new(membership: &Membership, access: Access) -> Arc<Self> {
        Arc::new(Self { access, membership: membership.clone(), owners: OnceCell::new() })
    }

    pub(super) fn organization(&self) -> OrganizationId {
        self.access.organization.id
    }

    /// The connection for reading.
    pub(super) fn conn(&self) -> &DatabaseConnection {
        self.membership.database().read()
    }

    pub(super) fn require(&self, permission: Permission) -> Result<()> {
        self.access.require(permission).map_err(to_graphql)
    }

    /// How many owners the organization has; asked once, however many members want to know.
    pub(super) async fn owners(&self) -> Result<u64> {
        let count = || async { member::Entity::owners(self.organization()).count(self.conn()).await };
        self.owners.get_or_try_init(count).await.copied().map_err(internal)
    }

    /// The people with these ids, in one statement.
    pub(super) async fn people(
        &self,
        ids: impl IntoIterator<Item = UserId>,
    ) -> Result<HashMap<UserId, user::Model>> {
        user::by_ids(self.conn(), ids).await.map_err(internal)
    }

    /// One person that a row refers to.
    pub(super) async fn person(&self, id: UserId) -> Result<user::Model> {
        let found = user::Entity::find_by_id(id).one(self.conn()).await.map_err(internal)?;
        found.ok_or_else(|| internal(sea_orm::DbErr::RecordNotFound(id.to_string())))
    }
}
