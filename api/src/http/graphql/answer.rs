//! Writing answers of `/graphql`: which status and form an answer has, and what its errors may say.

use async_graphql::{Response as GraphqlResponse, ServerError, Value};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;

use super::super::{
    media::Media,
    refusal::{Errors, reply, shorten},
};
use crate::graphql::RETRY_AFTER;

/// The most errors in one answer.
const MAX_ERRORS: usize = 50;

/// An answer in the form in which clients get it.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Answer {
    /// Something was run.
    Executed(Box<GraphqlResponse>),
    /// Nothing was: an error of the request has no data beside it.
    Refused(Errors),
}

impl Answer {
    pub(super) fn of(mut response: GraphqlResponse) -> Self {
        response.errors.truncate(MAX_ERRORS);
        response.errors.iter_mut().for_each(complete);
        // An error of the request has no path: nothing was executed.
        let executed = response.errors.is_empty()
            || response.data != Value::Null
            || response.errors.iter().any(|error| !error.path.is_empty());
        match executed {
            true => Self::Executed(Box::new(response)),
            false => Self::Refused(Errors { errors: response.errors }),
        }
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("an answer is plain data")
    }
}

/// The answer to one request.
pub(super) fn one(media: Media, response: GraphqlResponse) -> Response {
    let answer = Answer::of(response);
    let status = match (&answer, media) {
        (Answer::Refused(_), Media::GraphqlResponse) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let wait = retry_after([&answer]);
    let mut reply = reply(media, status, &answer);
    reply.headers_mut().extend(wait);
    reply
}

/// The answers to a batch. Each has its own errors; the whole is well-formed, and that is what the status of
/// `application/json` says.
pub(super) fn batch(responses: Vec<GraphqlResponse>) -> Response {
    let answers: Vec<_> = responses.into_iter().map(Answer::of).collect();
    let wait = retry_after(&answers);
    let mut reply = reply(Media::Json, StatusCode::OK, &answers);
    reply.headers_mut().extend(wait);
    reply
}

/// How long to wait, if something was refused because it was done too often.
fn retry_after<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> Option<(HeaderName, HeaderValue)> {
    let errors = answers.into_iter().flat_map(|answer| match answer {
        Answer::Executed(response) => &response.errors,
        Answer::Refused(errors) => &errors.errors,
    });
    let seconds = |error: &ServerError| match error.extensions.as_ref()?.get(RETRY_AFTER)? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    };
    let wait = errors.filter_map(seconds).max()?;
    Some((header::RETRY_AFTER, wait.into()))
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
        error.message = super::OUR_FAULT.to_owned();
    } else if error.path.is_empty() {
        extensions.set("code", "GRAPHQL_VALIDATION_FAILED");
    } else {
        // A value that turned out not to fit its type when its field was run.
        extensions.set("code", "BAD_USER_INPUT");
    }
}
