//! A group of members.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use roster_entity::group;

use super::{
    connection::{Connection, PageArgs},
    enums::Permission,
    member::{self, Member, MemberFilter, MemberOrder},
    scope::Scope,
};

/// A group of members. It grants its permissions to every active member in it.
#[derive(Clone)]
pub(crate) struct Group {
    pub(super) scope: Arc<Scope>,
    pub(super) row: Arc<group::Model>,
}

/// A group of members. It grants its permissions to every active member in it.
#[Object]
impl Group {
    /// The id of the group: `group_…`.
    pub(super) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// The name: unique in the organization, without regard to case.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// What the group is for.
    async fn description(&self) -> &str {
        &self.row.description
    }

    /// What the group grants.
    async fn permissions(&self) -> Vec<Permission> {
        self.row.permissions.0.iter().copied().map(Permission::from).collect()
    }

    /// When the group was created.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.created_at
    }

    /// The invited and active members in the group. Needs `MEMBERS_READ`.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order of the list; by name if you give none.")] order_by: Option<MemberOrder>,
        #[graphql(desc = "How many items from the start, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many items from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Member>>> {
        let args = PageArgs { first, after, last, before };
        let group_ids = Some(vec![self.row.id.to_string().into()]);
        let list = async {
            self.scope.require(roster_entity::Permission::MembersRead)?;
            let filter = MemberFilter { group_ids, ..MemberFilter::default() };
            member::list(ctx, &self.scope, filter, order_by.unwrap_or_default(), &args).await
        };
        // Boxed: each field of each group in a list is a future, as large as the largest of them.
        Some(Box::pin(list).await)
    }
}
