//! Which pages may call from a browser: those of the origins in the settings. Credentials are never needed: the token is a
//! header, so there is nothing that a browser would send along by itself.

use std::time::Duration;

use axum::http::{HeaderValue, Method, Uri, header};
use tower_http::cors::CorsLayer;

use super::limited;
use crate::config::{self, ConfigError};

/// How long a browser may remember what it was allowed.
const REMEMBERED: Duration = Duration::from_secs(3600);

pub(super) fn layer(config: &config::Http) -> Result<CorsLayer, ConfigError> {
    let origins = config.allowed_origins.iter().map(|text| {
        origin(text).map_err(|problem| {
            ConfigError::one(format!(
                "http.allowed_origins should be origins like https://app.example.com, not {text:?}: {problem}."
            ))
        })
    });
    // The name of an exported file, and how often one may call.
    let exposed: Vec<_> =
        [header::CONTENT_DISPOSITION, header::RETRY_AFTER].into_iter().chain(limited::HEADERS).collect();
    Ok(CorsLayer::new()
        .allow_origin(origins.collect::<Result<Vec<_>, _>>()?)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers(exposed)
        .max_age(REMEMBERED))
}

/// An origin as browsers write it, since it is compared as text; otherwise what is wrong with it.
fn origin(text: &str) -> Result<HeaderValue, String> {
    const NO_ADDRESS: &str = "it is no address with http:// or https://";
    if text == "*" {
        return Err("that would let every page in the world call; name those that may".to_owned());
    }
    let uri: Uri = text.parse().map_err(|_| NO_ADDRESS.to_owned())?;
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(NO_ADDRESS.to_owned());
    };
    let default_port = if scheme == "http" { 80 } else { 443 };
    let port = match authority.port_u16() {
        Some(port) if port != default_port => format!(":{port}"),
        _ => String::new(),
    };
    let origin = format!("{scheme}://{}{port}", authority.host().to_ascii_lowercase());
    if authority.host().is_empty() || authority.host().contains('*') {
        return Err("a host cannot be left open; name each".to_owned());
    }
    if text != origin {
        return Err(format!("a browser would say {origin}"));
    }
    HeaderValue::from_str(text).map_err(|_| NO_ADDRESS.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_taken_as_browsers_write_them() {
        for right in
            ["https://app.example.com", "http://localhost:3000", "https://[::1]:8443", "http://127.0.0.1"]
        {
            assert!(origin(right).is_ok(), "{right}");
        }
        for (wrong, problem) in [
            ("*", "every page"),
            ("", "no address"),
            ("null", "no address"),
            ("app.example.com", "no address"),
            ("//app.example.com", "no address"),
            ("ftp://app.example.com", "no address"),
            ("file:///", "no address"),
            ("https://", "no address"),
            ("https://*.example.com", "name each"),
            ("https://app.example.com/", "say https://app.example.com"),
            ("https://app.example.com/app", "say https://app.example.com"),
            ("https://app.example.com?x", "say https://app.example.com"),
            ("https://App.Example.com", "say https://app.example.com"),
            ("https://app.example.com:443", "say https://app.example.com"),
            ("https://me@app.example.com", "say https://app.example.com"),
            (" https://app.example.com", "no address"),
            ("https://app.example.com https://b.example.com", "no address"),
        ] {
            let told = origin(wrong).unwrap_err();
            assert!(told.contains(problem), "{wrong}: {told}");
        }
    }
}
