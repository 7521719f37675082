//! The refusal of a whole request: a status, and one error in the form that GraphQL gives it.

use async_graphql::ServerError;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;

use super::{guard::request_error, limited, media::Media};
use crate::{
    graphql::{RETRY_AFTER, code_of},
    membership::{self, Error},
    rate_limit::Exceeded,
};

/// The most characters of an error's sentence.
const MAX_MESSAGE: usize = 1_000;

/// A refusal. Its `Display` is the sentence for the caller.
#[derive(Debug, thiserror::Error)]
#[error("{}", error.message)]
pub(super) struct Refusal {
    status: StatusCode,
    error: Box<ServerError>,
    headers: HeaderMap,
}

/// The body of an answer without data.
#[derive(Serialize)]
pub(super) struct Errors {
    pub(super) errors: Vec<ServerError>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let mut error = request_error(code, message);
        shorten(&mut error.message);
        Self { status, error: Box::new(error), headers: HeaderMap::new() }
    }

    /// The same with a header.
    pub(super) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// The same with the name of the setting whose limit was passed.
    pub(super) fn over(mut self, limit: &str) -> Self {
        self.error.extensions.get_or_insert_default().set("limit", limit);
        self
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    pub(super) fn method(message: &str, allow: &'static str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message).with(header::ALLOW, allow)
    }

    pub(super) fn not_acceptable(message: &str) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message)
    }

    pub(super) fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message)
            .with(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")
    }

    /// Whether it is because of a token that is not good.
    pub(super) fn is_of_the_token(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    /// For somebody who does `what` too often.
    pub(super) fn rate_limited(what: &str, exceeded: Exceeded) -> Self {
        let retry_after = exceeded.retry_after_seconds;
        let error = Error::RateLimited { message: what.to_owned(), retry_after };
        let mut refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, &code_of(&error), error.to_string());
        refusal.error.extensions.get_or_insert_default().set(RETRY_AFTER, retry_after);
        refusal.headers.insert(header::RETRY_AFTER, retry_after.into());
        limited::tell(&mut refusal.headers, Some(exceeded.standing));
        refusal
    }

    pub(super) fn timeout(message: &str) -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, "TIMEOUT", message)
    }

    /// The error alone, where there is no status.
    pub(super) fn into_error(self) -> ServerError {
        *self.error
    }

    /// The response that says so.
    pub(super) fn response(&self, media: Media) -> Response {
        let errors = Errors { errors: vec![(*self.error).clone()] };
        let mut response = reply(media, self.status, &errors);
        response.headers_mut().extend(self.headers.clone());
        response
    }
}

/// What the guard refuses before there is a document.
impl From<ServerError> for Refusal {
    fn from(error: ServerError) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error: Box::new(error), headers: HeaderMap::new() }
    }
}

/// What an operation answers, where a status can say it.
impl From<membership::Error> for Refusal {
    fn from(error: membership::Error) -> Self {
        let status = match &error {
            Error::Unauthenticated => {
                return Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", error.to_string())
                    .with(header::WWW_AUTHENTICATE, "Bearer");
            }
            Error::NotFound(_) => StatusCode::NOT_FOUND,
            Error::NotPermitted(_) => StatusCode::FORBIDDEN,
            Error::Internal(cause) | Error::Unknown(cause) => {
                tracing::error!(%cause, "an operation failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, &code_of(&error), error.to_string())
    }
}

/// Cuts a sentence that quotes what was sent, and became as long.
pub(super) fn shorten(message: &mut String) {
    if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE) {
        message.truncate(end);
        message.push('…');
    }
}

/// A response in JSON.
pub(super) fn reply(media: Media, status: StatusCode, body: &impl Serialize) -> Response {
    let body = serde_json::to_vec(body).expect("an answer is plain data");
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, media.content_type());
    protect(response.headers_mut());
    response
}

/// What every answer of the API is: for this caller only.
pub(super) fn protect(headers: &mut HeaderMap) {
    headers.insert(header::VARY, HeaderValue::from_static("accept, authorization, origin"));
}
