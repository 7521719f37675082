//! HTTP: what a request to the API must look like, and what comes back.

mod audits;
mod batches;
mod bodies;
mod cors;
mod documents;
mod failures;
mod harm;
mod hostile;
mod limits;
mod media;
mod methods;
mod rate_limits;

use reqwest::{Method, RequestBuilder};
use roster_tests::Roster;

/// A request to `/graphql`.
fn request(roster: &Roster, method: Method) -> RequestBuilder {
    roster.http().request(method, format!("{}/graphql", roster.url()))
}

/// A POST of these bytes as JSON, by a client that wants errors of the request to have a status of their own.
fn json_body(roster: &Roster, body: impl Into<reqwest::Body>) -> RequestBuilder {
    request(roster, Method::POST)
        .header("Content-Type", "application/json")
        .header("Accept", "application/graphql-response+json")
        .body(body)
}
