//! The headers that every answer has, whatever route it is of: the one place that sets them. A page brings its own
//! Content-Security-Policy, for what it needs; `Strict-Transport-Security` is of the proxy, which has the certificate.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
};
use tower_http::set_header::SetResponseHeaderLayer;

/// What no answer does otherwise.
const ALWAYS: [(HeaderName, &str); 6] = [
    // An invitation link is a secret, and so may be what stands in an address.
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // A click on a page here changes something. For browsers that do not know `frame-ancestors`.
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    // Who may read across origins says CORS; nobody embeds.
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
    ),
];

/// What an answer can say better: a page what it loads, a file of a fixed version that it may be kept.
const BY_DEFAULT: [(HeaderName, &str); 2] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    ),
    (header::CACHE_CONTROL, "no-store"),
];

/// Puts the headers around all routes, and all that was put around them before.
pub(crate) fn around(routes: Router) -> Router {
    let value = HeaderValue::from_static;
    let routes = ALWAYS.into_iter().fold(routes, |routes, (name, text)| {
        routes.layer(SetResponseHeaderLayer::overriding(name, value(text)))
    });
    BY_DEFAULT.into_iter().fold(routes, |routes, (name, text)| {
        routes.layer(SetResponseHeaderLayer::if_not_present(name, value(text)))
    })
}
