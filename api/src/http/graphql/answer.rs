//! Writing answers of `/graphql`: which status and form an answer has, and what its errors may say.

use async_graphql::{Response as GraphqlResponse, ServerError, Value};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;

use super::super::{
    media::Media,
    refusal::{Errors, reply},
};
use crate::graphql::RETRY_AFTER;

/// The most errors in one answer.
const MAX_ERRORS: usize = 50;

/// The answer to one request.
pub(super) fn one(media: Media, mut response: GraphqlResponse) -> Response {
    let body = body(&mut response);
    let status = match (&body, media) {
        (Body::Refused(_), Media::GraphqlResponse) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let wait = retry_after([&body]);
    let mut reply = reply(media, status, &body);
    reply.headers_mut().extend(wait);
    reply
}

/// The answers to a batch. Each has its own errors; the whole is well-formed, and that is what the status of
/// `application/json` says.
pub(super) fn batch(mut responses: Vec<GraphqlResponse>) -> Response {
    let bodies: Vec<_> = responses.iter_mut().map(body).collect();
    let wait = retry_after(&bodies);
    let mut reply = reply(Media::Json, StatusCode::OK, &bodies);
    reply.headers_mut().extend(wait);
    reply
}

/// How long to wait, if something was refused because it was done too often.
fn retry_after<'a>(bodies: impl IntoIterator<Item = &'a Body<'a>>) -> Option<(HeaderName, HeaderValue)> {
    let errors = bodies.into_iter().flat_map(|body| match body {
        Body::Executed(response) => &response.errors[..],
        Body::Refused(errors) => errors.errors,
    });
    let seconds = |error: &ServerError| match error.extensions.as_ref()?.get(RETRY_AFTER)? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    };
    let wait = errors.filter_map(seconds).max()?;
    Some((header::RETRY_AFTER, wait.into()))
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    /// Something was run.
    Executed(&'a GraphqlResponse),
    /// Nothing was: an error of the request has no data beside it.
    Refused(Errors<'a>),
}

fn body(response: &mut GraphqlResponse) -> Body<'_> {
    response.errors.iter_mut().for_each(complete);
    response.errors.truncate(MAX_ERRORS);
    // An error of the request has no path: nothing was executed.
    let executed = response.errors.is_empty()
        || response.data != Value::Null
        || response.errors.iter().any(|error| !error.path.is_empty());
    match executed {
        true => Body::Executed(response),
        false => Body::Refused(Errors { errors: &response.errors }),
    }
}

/// Gives the library's own errors a code, and hides what a resolver let slip: the text of a foreign error is not for
/// clients.
fn complete(error: &mut ServerError) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_some() {
        return;
    }
    if error.source.take().is_some() {
        tracing::error!(path = ?error.path, message = error.message, "a resolver failed");
        extensions.set("code", "INTERNAL_SERVER_ERROR");
        error.message = "Something went wrong on our side. Try again.".to_owned();
    } else if error.path.is_empty() {
        extensions.set("code", "GRAPHQL_VALIDATION_FAILED");
    } else {
        // A value that turned out not to fit its type when its field was run.
        extensions.set("code", "BAD_USER_INPUT");
    }
}
