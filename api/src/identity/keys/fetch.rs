//! Fetches the keys of an identity provider over HTTP, once.

use std::time::Duration;

use chrono::TimeDelta;
use serde::Deserialize;
use ureq::{
    Agent, Body,
    http::{HeaderMap, Response, StatusCode, header},
    tls::TlsConfig,
};

use super::{
    address::{checked, is_loopback},
    jwks::KeySet,
};
use crate::{
    config::{Auth, KeySource},
    tls,
};

/// The largest document, in bytes. With certificates in it, the keys of a large provider take about 20 kB.
const MAX_DOCUMENT: u64 = 256 * 1024;

/// Where a provider says where its keys are (OpenID Connect Discovery 1.0, section 4).
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Fetches keys.
#[derive(Clone)]
pub(super) struct Fetcher {
    agent: Agent,
    issuer: String,
    /// Where the keys are; `None`: to be asked for.
    jwks_url: Option<String>,
}

/// What was fetched.
pub(super) struct Fetched {
    pub(super) keys: KeySet,
    /// How long the provider says that they are fresh.
    pub(super) fresh_for: Option<TimeDelta>,
}

/// What matters of the document of discovery.
#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    jwks_uri: String,
}

impl Fetcher {
    /// For the keys of this provider. The error says what is wrong with the settings or the machine.
    pub(super) fn new(auth: &Auth) -> Result<Self, String> {
        let jwks_url = (auth.key_source() == Some(KeySource::JwksUrl)).then(|| auth.jwks_url.clone());
        let first = checked(jwks_url.as_ref().unwrap_or(&auth.issuer))?;
        let timeout = Duration::from_secs(auth.fetch.timeout_seconds.into());
        let mut agent = Agent::config_builder()
            .user_agent(concat!("roster/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(timeout))
            // It may have been closed meanwhile, and is wanted every few minutes only.
            .max_idle_connections(0);
        agent = match first.scheme_str() {
            Some("https") => agent.https_only(true).tls_config(tls::of_the_system()?),
            // On this machine.
            _ => agent.proxy(None).tls_config(TlsConfig::default()),
        };
        Ok(Self { agent: agent.build().new_agent(), issuer: auth.issuer.clone(), jwks_url })
    }

    /// Fetches them now. The error says at which address what went wrong.
    pub(super) fn fetch(&self) -> Result<Fetched, String> {
        let url = match &self.jwks_url {
            Some(url) => url.clone(),
            None => self.discover()?,
        };
        let (headers, document) = self.get(&url)?;
        let keys = KeySet::read(&document).map_err(|problem| format!("{url} {problem}"))?;
        Ok(Fetched { keys, fresh_for: max_age(&headers) })
    }

    fn discover(&self) -> Result<String, String> {
        let url = format!("{}{DISCOVERY}", self.issuer.trim_end_matches('/'));
        let (_, document) = self.get(&url)?;
        let found: Discovered = serde_json::from_slice(&document)
            .map_err(|e| format!("{url} is no document of OpenID Connect Discovery: {e}"))?;
        // Section 4.3: or one provider could speak for another.
        if found.issuer != self.issuer {
            return Err(format!(
                "{url} is of the issuer {:?}; the setting is {:?}, and should be exactly the same",
                found.issuer, self.issuer
            ));
        }
        let keys =
            checked(&found.jwks_uri).map_err(|problem| format!("{url}: jwks_uri is wrong, {problem}"))?;
        let reaches_in = keys.host().is_some_and(is_loopback) && !self.is_local();
        if reaches_in {
            return Err(format!("{url}: jwks_uri is wrong, it is on this machine and the provider is not"));
        }
        Ok(found.jwks_uri)
    }

    /// Whether the provider is on this machine.
    fn is_local(&self) -> bool {
        checked(&self.issuer).is_ok_and(|uri| uri.host().is_some_and(is_loopback))
    }

    fn get(&self, url: &str) -> Result<(HeaderMap, Vec<u8>), String> {
        let failed = |error: ureq::Error| format!("{url} cannot be fetched: {error}");
        let request =
            self.agent.get(url).header(header::ACCEPT, "application/json, application/jwk-set+json");
        let mut response: Response<Body> = request.call().map_err(failed)?;
        if response.status() != StatusCode::OK {
            let location = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            let location = location.map(|to| format!(" and points to {to:?}, where nothing is fetched from"));
            return Err(format!("{url} answers {}{}", response.status(), location.unwrap_or_default()));
        }
        let body = response.body_mut().with_config().limit(MAX_DOCUMENT).read_to_vec().map_err(failed)?;
        Ok((response.headers().clone(), body))
    }
}

/// How long an answer says that it is fresh (RFC 9111, section 5.2.2).
fn max_age(headers: &HeaderMap) -> Option<TimeDelta> {
    let values = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let directives = values.flat_map(|value| value.split(',')).map(|one| one.trim().to_ascii_lowercase());
    directives
        .filter_map(|directive| match directive.as_str() {
            "no-store" | "no-cache" => Some(0),
            other => other.strip_prefix("max-age=")?.trim_matches('"').parse().ok(),
        })
        .min()
        .map(|seconds: u32| TimeDelta::seconds(seconds.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_an_answer_is_fresh_is_read_from_its_headers() {
        for (value, seconds) in [
            ("max-age=3600", Some(3600)),
            ("public, Max-Age=\"60\", must-revalidate", Some(60)),
            ("max-age=3600, no-cache", Some(0)),
            ("no-store", Some(0)),
            ("private", None),
            ("max-age=soon", None),
            ("max-age=-1", None),
            ("s-maxage=5", None),
        ] {
            let headers = HeaderMap::from_iter([(header::CACHE_CONTROL, value.parse().unwrap())]);
            assert_eq!(max_age(&headers), seconds.map(TimeDelta::seconds), "{value}");
        }
    }
}
