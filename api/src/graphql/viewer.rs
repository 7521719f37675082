//! Who calls, and their organizations.

use async_graphql::{Context, Object, Result};
use roster_entity::{keyset::Ordering, member};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    connection::{Connection, Key, Kind, List, PageArgs, connect},
    error::to_graphql,
    operations,
    organization::Organization,
    scope::Scope,
    user::User,
};
use crate::{identity::Caller, membership::Access};

/// The GraphQL type `Viewer`.
pub(crate) struct Viewer(pub(super) Caller);

/// You.
#[Object]
impl Viewer {
    /// You, as a person.
    async fn user(&self) -> User {
        User(self.0.user.clone())
    }

    /// Whether your email address is verified. Only then can you create organizations and accept invitations.
    async fn email_verified(&self) -> bool {
        self.0.user.email_verified()
    }

    /// The organizations of which you are an active member, in the order in which you came to them. An API token sees its
    /// own.
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many items from the start, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many items from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Organization>> {
        let membership = operations(ctx);
        let conn = membership.database().read();
        let mut rows = member::Entity::find()
            .filter(member::Column::UserId.eq(self.0.user.id))
            .filter(member::Column::Status.eq(member::Status::Active));
        if let Some(token) = &self.0.api_token {
            rows = rows.filter(member::Column::OrganizationId.eq(token.organization));
        }
        let list = List {
            name: "organizations",
            ordering: Ordering::new([Expr::col(member::Column::Id)], false),
            kinds: &[Kind::Id],
            key: |row: &member::Model| vec![Key::Id(row.id.0)],
        };
        let page = list.fetch(conn, rows, &PageArgs { first, after, last, before }).await?;
        let mut nodes = Vec::with_capacity(page.rows.len());
        let organizations: Vec<_> = page.rows.iter().map(|row| row.organization_id).collect();
        let mut access = Access::to_all_at_arrival(conn, &self.0, organizations).await.map_err(to_graphql)?;
        for row in page.rows {
            // Whoever was removed meanwhile is no longer in it.
            let Some(access) = access.remove(&row.organization_id) else { continue };
            nodes.push((list.cursor(&row), Organization(Scope::new(membership, access))));
        }
        Ok(connect(page.has_previous, page.has_next, nodes))
    }
}
