//! How often somebody may call, in the headers of an answer: `RateLimit-Limit`, `-Remaining` and `-Reset`
//! (draft-ietf-httpapi-ratelimit-headers, up to its version 7), and `Retry-After` (RFC 9110).

use axum::http::{HeaderMap, HeaderName};

use crate::rate_limit::Standing;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// What an answer says about limits, beside `Retry-After`.
pub(super) const HEADERS: [HeaderName; 3] = [LIMIT, REMAINING, RESET];

/// Writes down how somebody stands.
pub(super) fn tell(headers: &mut HeaderMap, standing: Option<Standing>) {
    if let Some(standing) = standing {
        headers.insert(LIMIT, standing.limit.into());
        headers.insert(REMAINING, standing.remaining.into());
        headers.insert(RESET, standing.reset_seconds.into());
    }
}
