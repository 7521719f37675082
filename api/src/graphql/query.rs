//! The fields of the query root.

use async_graphql::{Context, ID, Object, Result};
use roster_entity::organization;

use super::{
    caller,
    error::{internal, to_graphql},
    ids::parse,
    node::{self, Node},
    offer::{InvitationOffer, by_link},
    operations,
    organization::Organization,
    scope::Scope,
    viewer::Viewer,
};
use crate::membership::{Access, Error};

/// The GraphQL type `Query`.
pub struct Query;

/// What can be read.
#[Object]
impl Query {
    /// You: who you are, and your organizations.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Result<Viewer>> {
        Some(caller(ctx).map(|caller| Viewer(caller.clone())).map_err(to_graphql))
    }

    /// One of your organizations, by its id or its slug. `NOT_FOUND` if there is none, or if you have no access to it.
    async fn organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the organization: `organization_…`. Give this or the slug.")] id: Option<
            ID,
        >,
        #[graphql(desc = "The slug of the organization. Give this or the id.")] slug: Option<String>,
    ) -> Option<Result<Organization>> {
        Some(find_organization(ctx, id, slug).await)
    }

    /// What the link of an invitation offers: for the page that the link opens. Needs no sign-in, and changes nothing.
    async fn invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The secret in the link.")] token: String,
    ) -> Option<Result<InvitationOffer>> {
        let membership = operations(ctx);
        let offer = by_link(ctx, membership.offer(&token)).await.map_err(to_graphql);
        Some(offer.map(|offer| InvitationOffer { offer, now: membership.clock().now() }))
    }

    /// The thing with this id. `NOT_FOUND` if there is none, or if you have no access to it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id, of any kind.")] id: ID,
    ) -> Option<Result<Node>> {
        Some(node::find(ctx, &id).await)
    }

    /// The things with these ids, in the order of the ids; `null`, and an error, for each that is not found.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids, of any kind; at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Result<Node>>>> {
        Error::check_count(ids.len(), super::connection::MAX_PAGE as usize).map_err(to_graphql)?;
        let mut nodes = Vec::with_capacity(ids.len());
        for id in &ids {
            nodes.push(Some(node::find(ctx, id).await));
        }
        Ok(nodes)
    }
}

async fn find_organization(ctx: &Context<'_>, id: Option<ID>, slug: Option<String>) -> Result<Organization> {
    let caller = caller(ctx).map_err(to_graphql)?;
    let membership = operations(ctx);
    let conn = membership.database().read();
    let id = match (id, slug) {
        (Some(id), None) => parse(&id)?,
        (None, Some(slug)) => {
            let found = organization::by_slug(conn, &slug).await.map_err(internal)?;
            found.ok_or_else(|| to_graphql(Error::NotFound("organization")))?.id
        }
        _ => return Err(super::error::bad_input("Give either the id or the slug of the organization.")),
    };
    let access = Access::at_arrival(conn, caller, id).await.map_err(to_graphql)?;
    Ok(Organization(Scope::new(membership, access)))
}
