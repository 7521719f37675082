//! GraphQL over HTTP: from a request to the schema and back, as the specification (draft of 2025) says.
//!
//! `Accept` decides the media type; GET is for queries; a POST body must be `application/json`, which also keeps pages of
//! other origins from posting without a preflight; errors of the request have no `data`.
//!
//! The specification leaves batches open. Here a POST body may be an array of requests, which are run one after the other
//! and answered by an array in the same order. There is one form of it only, `application/json`: in the newer media type
//! the status would have to speak for all of them.

mod admit;
mod answer;
mod read;

use async_graphql::{Request, Response as GraphqlResponse, parser::types::OperationType};
use axum::{
    body::Body,
    extract::State,
    http::{Method, request::Parts},
    response::Response,
};

use roster_entity::CrashPoint;

use self::read::Asked;
use super::{
    App,
    bearer::{authenticate, bearer},
    guard::Budget,
    media::Media,
    refusal::Refusal,
};
use crate::identity::Caller;

/// Answers a request to `/graphql`.
pub(super) async fn handle(State(app): State<App>, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(media) = Media::negotiate(&parts.headers) else {
        let message = "Accept application/graphql-response+json or application/json.";
        return Refusal::not_acceptable(message).response(Media::Json);
    };
    match tokio::time::timeout(app.request_timeout, answer(&app, media, &parts, body)).await {
        Ok(Ok(response)) => {
            CrashPoint::Answered.reached();
            response
        }
        Ok(Err(refusal)) => refusal.response(media),
        Err(_) => {
            let message = "The request took too long and was broken off. Ask for less at a time, and see what of a mutation was done before you send it again.";
            Refusal::timeout(message).response(media)
        }
    }
}

async fn answer(app: &App, media: Media, parts: &Parts, body: Body) -> Result<Response, Refusal> {
    let asked = match parts.method {
        Method::GET => Asked::One(Box::new(read::from_query(parts)?)),
        Method::POST => read::from_body(app, parts, body).await?,
        _ => return Err(Refusal::method("Use GET or POST.", "GET, POST")),
    };
    CrashPoint::RequestParsed.reached();
    if matches!(asked, Asked::Batch(_)) && !Media::accepts_json(&parts.headers) {
        return Err(Refusal::not_acceptable("A batch is answered in application/json. Accept that."));
    }
    let caller = match bearer(&parts.headers)? {
        Some(token) => Some(authenticate(&app.authenticator, token).await?),
        None => None,
    };
    let mut budget = Budget::new(&app.limits);
    match asked {
        Asked::One(request) => {
            let response = run(app, &parts.method, caller.as_ref(), *request, &mut budget).await?;
            Ok(answer::one(media, response))
        }
        Asked::Batch(requests) => {
            let mut responses = Vec::with_capacity(requests.len());
            for request in requests {
                responses.push(run(app, &parts.method, caller.as_ref(), request, &mut budget).await?);
            }
            Ok(answer::batch(responses))
        }
    }
}

async fn run(
    app: &App,
    method: &Method,
    caller: Option<&Caller>,
    mut request: Request,
    budget: &mut Budget,
) -> Result<GraphqlResponse, Refusal> {
    match app.admit(&mut request, budget) {
        Err(error) => Ok(GraphqlResponse::from_errors(vec![error])),
        Ok(OperationType::Mutation) if method == Method::GET => {
            Err(Refusal::method("Only queries may be sent with GET. Use POST.", "POST"))
        }
        Ok(_) => {
            if let Some(caller) = caller {
                request = request.data(caller.clone());
            }
            Ok(app.schema.execute(request).await)
        }
    }
}
