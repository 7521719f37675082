//! Who calls: the `Authorization` header of a request.

use axum::http::{HeaderMap, StatusCode, header};

use super::refusal::Refusal;
use crate::identity::{AuthError, Authenticator, Caller};

/// When a token that could not be checked may be sent again, in seconds.
const RETRY_AFTER: &str = "10";

/// The token of a request. Another scheme than Bearer is refused, so that nobody takes a call for a signed-in one.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    headers.get(header::AUTHORIZATION).map(|value| token(value.to_str().unwrap_or_default())).transpose()
}

/// The token in the text that such a header has.
pub(super) fn token(authorization: &str) -> Result<&str, Refusal> {
    let token = authorization.split_once(' ').and_then(|(scheme, token)| {
        let token = token.trim();
        (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
    });
    token.ok_or_else(|| Refusal::unauthenticated("The Authorization header should be `Bearer` and a token."))
}

/// Whom a token stands for.
pub(super) async fn authenticate(authenticator: &Authenticator, token: &str) -> Result<Caller, Refusal> {
    authenticator.authenticate(token).await.map_err(|error| match error {
        AuthError::Refused(message) => Refusal::unauthenticated(message),
        // Not 401, at which a client would throw its token away and have the person sign in again.
        AuthError::Unavailable => {
            let code = "IDENTITY_PROVIDER_UNAVAILABLE";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, code, error.to_string())
                .with(header::RETRY_AFTER, RETRY_AFTER)
        }
        AuthError::Database(cause) => {
            tracing::error!(%cause, "a caller could not be identified");
            let message = "Something went wrong on our side. Try again.";
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", message)
        }
    })
}
