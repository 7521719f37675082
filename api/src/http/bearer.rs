//! Who calls: the `Authorization` header of a request.

use std::net::IpAddr;

use axum::http::{HeaderMap, StatusCode, header};

use super::{App, refusal::Refusal};
use crate::identity::{AuthError, Authenticator, Caller};

/// When a token that could not be checked may be sent again, in seconds.
const RETRY_AFTER: &str = "10";

/// The token of a request. Another scheme than Bearer is refused, so that nobody takes a call for a signed-in one.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let token = value.to_str().ok().and_then(|value| value.split_once(' ')).and_then(|(scheme, token)| {
        let token = token.trim();
        (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
    });
    let wrong = || Refusal::unauthenticated("The Authorization header should be `Bearer` and a token.");
    token.map(Some).ok_or_else(wrong)
}

/// Whom a token stands for. A client that has guessed too often is not listened to for a moment.
pub(super) async fn identify(app: &App, address: IpAddr, token: &str) -> Result<Caller, Refusal> {
    let limited =
        |exceeded| Refusal::rate_limited("You have sent too many tokens that are not good.", exceeded);
    app.rate_limits.may_try(address).map_err(limited)?;
    let caller = authenticate(&app.authenticator, token).await;
    if caller.as_ref().is_err_and(Refusal::is_of_the_token) {
        app.rate_limits.failed(address).await;
    }
    caller
}

/// The same, without counting.
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
