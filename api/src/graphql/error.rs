//! From what can go wrong with an operation to what a client sees: call-wide errors stand in `errors` of the response, with
//! a code in their extensions; outcomes that an operation knows stand in its payload.

use async_graphql::{Error as GraphqlError, ErrorExtensions, ID, SimpleObject};
use chrono::{DateTime, Datelike, Utc};

use super::enums::ErrorCode;
use crate::membership::{Error, Problem};

/// Why a mutation, or one item of it, did not do what was asked. Nothing of it was changed.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct MutationError {
    /// The kind of error, for programs.
    code: ErrorCode,
    /// What happened and what to do, in a sentence that can be shown to a person.
    message: String,
    /// The part of the arguments that the error is about, from the outside to the inside: `["input", "people", "3", "email"]`.
    path: Vec<String>,
    /// The id of the member that the error is about, where that helps: for `INVITATION_ALREADY_ACCEPTED` the person who has
    /// accepted.
    member_id: Option<ID>,
    /// The id of the invitation that the error is about, where that helps: for `ALREADY_INVITED` the one to resend.
    invitation_id: Option<ID>,
    /// In how many seconds it may be tried again, for `RATE_LIMITED` and `RESEND_TOO_SOON`.
    retry_after: Option<u64>,
}

impl From<Problem> for MutationError {
    fn from(problem: Problem) -> Self {
        Self {
            code: problem.code.into(),
            message: problem.message,
            path: std::iter::once("input".to_owned()).chain(problem.path).collect(),
            member_id: problem.member.map(|id| id.to_string().into()),
            invitation_id: problem.invitation.map(|id| id.to_string().into()),
            retry_after: problem.retry_after,
        }
    }
}

/// What stands in the extensions beside `RATE_LIMITED`: in how many seconds it may be done again.
pub(crate) const RETRY_AFTER: &str = "retryAfter";

/// The code of a call-wide error, as `extensions.code` has it.
pub(crate) fn code_of(error: &Error) -> String {
    let code = match error {
        Error::Unauthenticated => "UNAUTHENTICATED",
        Error::NotFound(_) => "NOT_FOUND",
        Error::NotPermitted(_) => "NOT_PERMITTED",
        Error::BadInput(_) => "BAD_USER_INPUT",
        Error::NoItems => "NO_ITEMS",
        Error::TooManyItems { .. } => "TOO_MANY_ITEMS",
        Error::Conflict => "CONFLICT",
        Error::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
        Error::RateLimited { .. } => "RATE_LIMITED",
        // Only where a query meets one: `invitation(token)`.
        Error::Problem(problem) => return ErrorCode::from(problem.code).name(),
        Error::Internal(_) | Error::Unknown(_) => "INTERNAL_SERVER_ERROR",
    };
    code.to_owned()
}

/// The error as a client sees it. The cause of an internal error is logged and not shown.
pub(super) fn to_graphql(error: Error) -> GraphqlError {
    if let Error::Internal(cause) | Error::Unknown(cause) = &error {
        tracing::error!(%cause, "an operation failed");
    }
    let code = code_of(&error);
    GraphqlError::new(error.to_string()).extend_with(|_, extensions| {
        extensions.set("code", code);
        if let Error::RateLimited { retry_after, .. } = error {
            extensions.set(RETRY_AFTER, retry_after);
        }
    })
}

/// A database error, as a client sees it.
pub(super) fn internal(error: sea_orm::DbErr) -> GraphqlError {
    to_graphql(Error::Internal(error))
}

/// A time that every database takes.
pub(super) fn valid_time(time: DateTime<Utc>, field: &str) -> Result<DateTime<Utc>, Error> {
    match time.year() {
        1970..10_000 => Ok(time),
        _ => Err(Error::BadInput(format!("{field} should be between the years 1970 and 9999."))),
    }
}

/// A malformed argument, as a client sees it.
pub(super) fn bad_input(message: impl Into<String>) -> GraphqlError {
    to_graphql(Error::BadInput(message.into()))
}
