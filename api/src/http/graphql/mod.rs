//! GraphQL over HTTP: from a request to the schema and back, as the specification (draft of 2025) says; with answers that come
//! one after the other as server-sent events ([`sse`]) or over a WebSocket ([`websocket`]).
//!
//! `Accept` decides the media type; GET is for queries; a POST body must be `application/json`, which also keeps pages of
//! other origins from posting without a preflight; errors of the request have no `data`.
//!
//! The specification leaves batches open. Here a POST body may be an array of requests, which are run one after the other
//! and answered by an array in the same order. There is one form of it only, `application/json`: in the newer media type
//! the status would have to speak for all of them.

mod admit;
mod answer;
mod operation;
mod read;
mod sse;
mod websocket;

use std::sync::Arc;

use async_graphql::{Request, Response as GraphqlResponse, parser::types::OperationType};
use axum::{
    body::Body,
    extract::State,
    http::{Method, request::Parts},
    response::Response,
};

use roster_entity::CrashPoint;

use self::{operation::refused, read::Asked};
use super::{App, bearer::bearer, guard::Budget, limited, media::Media, refusal::Refusal, visitor::Visitor};

const OUR_FAULT: &str = "Something went wrong on our side. Try again.";
const TOO_LONG: &str = "The request took too long and was broken off. Ask for less at a time, and see what of a mutation was done before you send it again.";
const NEEDS_A_STREAM: &str = "A subscription needs a stream. Send it over a WebSocket (graphql-transport-ws), or alone with `Accept: text/event-stream`.";
const QUERIES_ONLY: &str = "Only queries may be sent with GET. Use POST.";

/// Answers a request to `/graphql`.
pub(super) async fn handle(State(app): State<Arc<App>>, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    if websocket::is_asked_for(&parts) {
        return websocket::open(app, parts).await;
    }
    let Some(media) = Media::negotiate(&parts.headers) else {
        let message = "Accept application/graphql-response+json, application/json or text/event-stream.";
        return Refusal::not_acceptable(message).response(Media::Json);
    };
    match tokio::time::timeout(app.request_timeout, answer(&app, media, &parts, body)).await {
        Ok(Ok(response)) => {
            CrashPoint::Answered.reached();
            response
        }
        Ok(Err(refusal)) => refusal.response(media),
        Err(_) => Refusal::timeout(TOO_LONG).response(media),
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
    let address = app.client_address.of(&parts.headers, &parts.extensions);
    let visitor = Visitor::identify(app, address, bearer(&parts.headers)?).await?;
    let (visitor, requests) = match &asked {
        Asked::One(_) => (visitor, 1),
        Asked::Batch(requests) => (visitor.of_a_batch(), requests.len()),
    };
    let standing = visitor.count(app, requests).await?;
    let mut budget = Budget::new(&app.limits);
    let mut response = match asked {
        Asked::One(request) if media == Media::EventStream => {
            sse::answer(app, &parts.method, &visitor, *request)?
        }
        Asked::One(request) => {
            answer::one(media, run(app, &parts.method, &visitor, *request, &mut budget).await?)
        }
        Asked::Batch(requests) => {
            let mut responses = Vec::with_capacity(requests.len());
            for request in requests {
                responses.push(run(app, &parts.method, &visitor, request, &mut budget).await?);
            }
            answer::batch(responses)
        }
    };
    limited::tell(response.headers_mut(), standing);
    Ok(response)
}

async fn run(
    app: &App,
    method: &Method,
    visitor: &Visitor,
    mut request: Request,
    budget: &mut Budget,
) -> Result<GraphqlResponse, Refusal> {
    match app.admit(&mut request, budget) {
        Err(error) => Ok(GraphqlResponse::from_errors(vec![error])),
        Ok(OperationType::Mutation) if method == Method::GET => Err(Refusal::method(QUERIES_ONLY, "POST")),
        Ok(OperationType::Subscription) => Ok(refused("SUBSCRIPTION_NEEDS_A_STREAM", NEEDS_A_STREAM)),
        Ok(_) => Ok(app.schema.execute(visitor.introduce(app, request)).await),
    }
}
