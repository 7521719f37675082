//! HTTP: `/graphql` for everybody, `/export/…` for files, `/health` for load balancers.

mod bearer;
mod client_address;
mod cors;
pub mod documents;
mod export;
mod graphql;
pub mod guard;
pub(crate) mod headers;
mod limited;
mod media;
mod refusal;
mod streams;
mod visitor;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing,
};
use tower_http::catch_panic::CatchPanicLayer;

pub use self::streams::Streams;
use self::{documents::Documents, guard::Limits};
use crate::{
    config::{self, ConfigError},
    database::Database,
    graphql::Schema,
    identity::Authenticator,
    membership::Membership,
    rate_limit::RateLimits,
};

pub use client_address::ClientAddress;

/// How long the database may take to show that it is there.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);

/// What requests are answered with.
pub struct App {
    /// The schema.
    pub schema: Schema,
    /// The operations, the database and the clock.
    pub membership: Membership,
    /// Says who calls.
    pub authenticator: Authenticator,
    /// How often somebody may call.
    pub rate_limits: RateLimits,
    /// Says where requests come from.
    pub client_address: ClientAddress,
    /// How much a request may ask for.
    pub limits: Limits,
    /// The documents that requests may name.
    pub documents: Documents,
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// How long one request may take; of an export, until its first byte; of a subscription, until its stream begins.
    pub request_timeout: Duration,
    /// The WebSockets and event streams.
    pub streams: Streams,
    /// Pages of other origins that may open a WebSocket.
    pub allowed_origins: Arc<[String]>,
}

/// The routes of the API. Pages can be merged into them; [`finish`] goes around all.
pub fn routes(app: App) -> Router {
    let database = app.membership.database().clone();
    Router::new()
        .route("/graphql", routing::any(graphql::handle))
        .route("/export/members", routing::any(export::members))
        .route("/export/activities", routing::any(export::activities))
        .with_state(Arc::new(app))
        .route("/health", routing::get(health).with_state(database))
}

/// Puts around all routes what holds for all: headers, cross-origin rules, the log, and an answer where code panics.
pub fn finish(routes: Router, config: &config::Http) -> Result<Router, ConfigError> {
    let routes = routes
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(log))
        .layer(cors::layer(config)?);
    Ok(headers::around(routes))
}

/// Whether this process can do its work: 200, or 503 when the database cannot be reached.
async fn health(State(database): State<Database>) -> (StatusCode, &'static str) {
    let problem = match tokio::time::timeout(HEALTH_TIMEOUT, database.read().ping()).await {
        Ok(Ok(())) => return (StatusCode::OK, "ok\n"),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {HEALTH_TIMEOUT:?}"),
    };
    tracing::warn!(problem, "the database does not answer");
    (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
}

/// One line a request. The path without its query: a query may hold a secret.
async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let start = Instant::now();
    let response = next.run(request).await;
    let (status, millis) = (response.status().as_u16(), start.elapsed().as_millis());
    tracing::debug!(%method, path, status, millis, "answered");
    response
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    let body = r#"{"errors":[{"message":"Something went wrong on our side. Try again.","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#;
    (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body)
        .into_response()
}
