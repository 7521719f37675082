//! How often somebody may call, and how that stands in the headers of an answer: `RateLimit-Limit`, `-Remaining` and `-Reset`
//! (draft-ietf-httpapi-ratelimit-headers, up to its version 7), and `Retry-After` (RFC 9110).

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName};

use super::{App, refusal::Refusal};
use crate::{
    identity::Caller,
    rate_limit::{Standing, Who},
};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// What an answer says about limits, beside `Retry-After`.
pub(super) const HEADERS: [HeaderName; 3] = [LIMIT, REMAINING, RESET];

/// Counts so many requests of somebody. Refused if that is too often.
pub(super) async fn count(
    app: &App,
    caller: Option<&Caller>,
    address: IpAddr,
    requests: usize,
) -> Result<Option<Standing>, Refusal> {
    let who = caller.map_or(Who::Address(address), Who::Caller);
    let requests = u32::try_from(requests).unwrap_or(u32::MAX);
    app.rate_limits
        .requests(who, requests)
        .await
        .map_err(|exceeded| Refusal::rate_limited("You have sent too many requests.", exceeded))
}

/// Writes down how somebody stands.
pub(super) fn tell(headers: &mut HeaderMap, standing: Option<Standing>) {
    if let Some(standing) = standing {
        headers.insert(LIMIT, standing.limit.into());
        headers.insert(REMAINING, standing.remaining.into());
        headers.insert(RESET, standing.reset_seconds.into());
    }
}
