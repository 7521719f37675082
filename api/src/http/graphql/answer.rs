//! Writing answers of `/graphql`: which status and form an answer has, and what its errors may say.

use async_graphql::{Response as GraphqlResponse, ServerError, Value};
use axum::{http::StatusCode, response::Response};
use serde::Serialize;

use super::super::{
    media::Media,
    refusal::{Errors, reply, shorten},
};

/// The most errors in one answer.
const MAX_ERRORS: usize = 50;

/// The answer to one request.
pub(super) fn one(media: Media, mut response: GraphqlResponse) -> Response {
    let body = body(&mut response);
    let status = match (&body, media) {
        (Body::Refused(_), Media::GraphqlResponse) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    reply(media, status, &body)
}

/// The answers to a batch. Each has its own errors; the whole is well-formed, and that is what the status of
/// `application/json` says.
pub(super) fn batch(mut responses: Vec<GraphqlResponse>) -> Response {
    let bodies: Vec<_> = responses.iter_mut().map(body).collect();
    reply(Media::Json, StatusCode::OK, &bodies)
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
    response.errors.truncate(MAX_ERRORS);
    response.errors.iter_mut().for_each(complete);
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
    shorten(&mut error.message);
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
