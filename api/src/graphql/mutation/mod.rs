//! Mutations. Each takes one `input`, calls one operation, and returns a payload with what changed, a message for people,
//! and typed errors.

mod api_tokens;
mod found;
mod groups;
mod invitations;
mod members;
mod notifications;
mod organizations;
mod removals;

use async_graphql::{MergedObject, Result};

use super::error::{MutationError, to_graphql};
use crate::{
    graphql::enums::BatchMode,
    membership::{self, Batch, Run},
};

/// What can be changed.
#[derive(Default, MergedObject)]
pub struct Mutation(
    organizations::OrganizationMutation,
    invitations::InvitationMutation,
    removals::RemovalMutation,
    members::MemberMutation,
    groups::GroupMutation,
    api_tokens::ApiTokenMutation,
    notifications::NotificationMutation,
);

/// A payload that can say why nothing was done.
trait Payload: Default {
    fn refused(errors: Vec<MutationError>) -> Self;
}

/// Whether the operation is carried out, as `dryRun` says.
fn run(dry: bool) -> Run {
    if dry { Run::Dry } else { Run::Real }
}

fn batch(mode: BatchMode, dry_run: bool, idempotency_key: Option<String>) -> Batch {
    Batch { mode: mode.into(), run: run(dry_run), idempotency_key }
}

/// Runs an operation and makes its payload: outcomes that the operation knows stand in the payload's `errors`; everything
/// else is an error of the field.
async fn settle<T, P: Payload>(
    operation: impl Future<Output = membership::Result<T>>,
    payload: impl FnOnce(T) -> P,
) -> Option<Result<P>> {
    settle_then(operation, async |done| Ok(payload(done))).await
}

/// The same, for a payload that shows what is read anew: `show` reads it.
async fn settle_then<T, P: Payload, F: Future<Output = Result<P>>>(
    operation: impl Future<Output = membership::Result<T>>,
    show: impl FnOnce(T) -> F,
) -> Option<Result<P>> {
    Some(match operation.await {
        Ok(done) => show(done).await,
        Err(membership::Error::Problem(problem)) => Ok(P::refused(vec![(*problem).into()])),
        Err(error) => Err(to_graphql(error)),
    })
}

/// Implements [`Payload`] for payloads, whose fields are all empty but the errors when nothing was done.
macro_rules! payloads {
    ($($payload:ident),+) => {$(
        impl super::Payload for $payload {
            fn refused(errors: Vec<super::MutationError>) -> Self {
                Self { errors, ..Self::default() }
            }
        }
    )+};
}
use payloads;
