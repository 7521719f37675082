//! The refusal of a whole request: a status, and one error in the form that GraphQL gives it.

use async_graphql::ServerError;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;

use super::{guard::request_error, media::Media};
use crate::{
    graphql::code_of,
    membership::{self, Error},
};

/// The most characters of an error's sentence.
const MAX_MESSAGE: usize = 1_000;

/// A refusal. Its `Display` is the sentence for the caller.
#[derive(Debug, thiserror::Error)]
#[error("{}", error.message)]
pub(super) struct Refusal {
    status: StatusCode,
    error: Box<ServerError>,
    header: Option<(HeaderName, &'static str)>,
}

/// The body of an answer without data.
#[derive(Serialize)]
pub(super) struct Errors<'a> {
    pub(super) errors: &'a [ServerError],
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let mut error = request_error(code, message);
        shorten(&mut error.message);
        Self { status, error: Box::new(error), header: None }
    }

    /// The same with a header.
    pub(super) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.header = Some((name, value));
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

    pub(super) fn timeout(message: &str) -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, "TIMEOUT", message)
    }

    /// The response that says so.
    pub(super) fn response(&self, media: Media) -> Response {
        let errors = Errors { errors: std::slice::from_ref(&*self.error) };
        let mut response = reply(media, self.status, &errors);
        if let Some((name, value)) = &self.header {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// What the guard refuses before there is a document.
impl From<ServerError> for Refusal {
    fn from(error: ServerError) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error: Box::new(error), header: None }
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

/// What every answer is: for this caller only, and of the type that it says.
pub(super) fn protect(headers: &mut HeaderMap) {
    headers.insert(header::VARY, HeaderValue::from_static("accept, authorization, origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}
