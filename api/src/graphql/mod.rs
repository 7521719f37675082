//! The GraphQL schema: types of its own, built from entities, and resolvers that call the membership operations.
//!
//! A query reads through a [`scope::Scope`], the caller's access to one organization, so that nothing of an organization
//! can be resolved without it. A mutation is thin: ids and arguments in, one operation, a payload out.

mod activity;
mod api_token;
mod connection;
mod enums;
mod error;
mod group;
mod ids;
mod in_turn;
mod invitation;
mod member;
mod mutation;
mod node;
mod notification;
mod offer;
mod organization;
mod query;
mod removal_preview;
mod scope;
mod subscription;
mod user;
mod viewer;

use std::time::Duration;

use async_graphql::{Context, SDLExportOptions, SchemaBuilder};

use crate::{
    identity::Caller,
    membership::{self, Membership},
};
pub(crate) use connection::{DEFAULT_PAGE, MAX_PAGE};
pub(crate) use error::{RETRY_AFTER, code_of};
use mutation::Mutation;
use query::Query;
use subscription::Subscription;

/// Roster's schema.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// The schema, whose resolvers use these operations. The caller comes with each request, as [`Caller`] in its data. How often a
/// subscriber's access is looked at where nothing happens: every `check_interval`.
pub fn schema(membership: Membership, check_interval: Duration) -> Schema {
    builder(Subscription { check_interval }).data(membership).finish()
}

/// The schema's text, as `schema.graphql` holds it.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    builder(Subscription::default()).finish().sdl_with_options(options)
}

fn builder(subscription: Subscription) -> SchemaBuilder<Query, Mutation, Subscription> {
    // Depth and complexity are limited before execution, by `http::guard`: the library's own limits walk fragments
    // exponentially before they compare.
    Schema::build(Query, Mutation::default(), subscription).disable_suggestions()
}

/// The operations.
fn operations<'a>(ctx: &Context<'a>) -> &'a Membership {
    ctx.data_unchecked::<Membership>()
}

/// Who calls; `UNAUTHENTICATED` if nobody is signed in.
fn caller<'a>(ctx: &Context<'a>) -> membership::Result<&'a Caller> {
    ctx.data_opt::<Caller>().ok_or(membership::Error::Unauthenticated)
}
