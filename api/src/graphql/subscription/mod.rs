//! The fields of the subscription root.

mod batch;
mod event;
mod watch;

use std::time::Duration;

use async_graphql::{Context, ID, Result, Subscription as SubscriptionRoot};
use futures_util::Stream;

use self::{event::OrganizationEvent, watch::Watch};
use super::{caller, error::to_graphql, ids::parse, operations};

/// The GraphQL type `Subscription`.
#[derive(Default)]
pub struct Subscription {
    /// How often a subscriber's access is looked at where nothing happens.
    pub(super) check_interval: Duration,
}

/// What is told as it happens. Over a WebSocket (`graphql-transport-ws`), or as server-sent events (`Accept: text/event-stream`).
#[SubscriptionRoot]
impl Subscription {
    /// What happens to the members, invitations and emails of an organization, from now on. Needs `MEMBERS_READ`; events that you may
    /// not see are left out. The first event is `STREAM_STARTED`. What you may do is looked at again before each event: when you may
    /// no longer read the members, or when your token ends, the stream says so with an error, and ends. `NOT_FOUND` if there is no
    /// such organization, or if you have no access to it.
    async fn organization_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the organization: `organization_…`.")] organization_id: ID,
    ) -> Result<impl Stream<Item = Result<OrganizationEvent>>> {
        let caller = caller(ctx).map_err(to_graphql)?;
        let id = parse(&organization_id)?;
        let watch = Box::pin(Watch::start(operations(ctx), caller, id, self.check_interval)).await?;
        Ok(watch.stream())
    }
}
