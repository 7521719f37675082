//! `[auth]` and `[auth.others.NAME]`: the identity providers whose tokens are taken.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::PathBuf};

use chrono::TimeDelta;
use config::{ConfigBuilder, File, FileFormat, builder::DefaultState};
use jsonwebtoken::Algorithm;
use roster_entity::EmailDomains;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, de::Error};

use super::{DEFAULTS, Process, list, long_enough};
use crate::identity::keys::address;

/// The most that clocks may be said to differ, in seconds: who needs more has a clock to mend.
const MAX_LEEWAY: u32 = 300;

/// The longest pause between two fetches, in seconds: keys are fetched once in a minute at most anyway.
const MAX_PAUSE: u32 = 60;

/// One identity provider; the first one with the others.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in roster.example.toml")]
pub struct Auth {
    pub issuer: String,
    pub audience: String,
    pub jwks_url: String,
    pub public_key_file: PathBuf,
    pub hs256_secret: SecretString,
    #[serde(deserialize_with = "algorithms")]
    pub algorithms: Vec<Algorithm>,
    pub leeway_seconds: u32,
    pub claims: ClaimSettings,
    pub fetch: Fetch,
    /// By name. Those of `[auth.others.NAME]` have none.
    #[serde(default)]
    pub others: BTreeMap<String, Auth>,
}

/// `[auth.claims]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in roster.example.toml")]
pub struct ClaimSettings {
    pub subject: String,
    pub email: String,
    pub email_verified: String,
    pub name: String,
    pub assume_email_verified: bool,
    #[serde(deserialize_with = "domains")]
    pub verified_domains: EmailDomains,
}

/// `[auth.fetch]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in roster.example.toml")]
pub struct Fetch {
    pub timeout_seconds: u32,
    pub fresh_seconds: u32,
    pub pause_seconds: u32,
    pub outage_seconds: u32,
}

/// What the tokens of a provider are checked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// Keys that `jwks_uri` names, in the document below the issuer's address.
    Discovery,
    /// Keys at `jwks_url`.
    JwksUrl,
    /// The key in `public_key_file`.
    PublicKeyFile,
    /// `hs256_secret`
    Secret,
}

impl Auth {
    /// All providers, each with its name in the settings: `auth`, `auth.others.acme`.
    pub fn providers(&self) -> impl Iterator<Item = (String, &Self)> {
        let others = self.others.iter().map(|(name, other)| (format!("auth.others.{name}"), other));
        std::iter::once(("auth".to_owned(), self)).chain(others)
    }

    /// Where the keys come from; `None` if more than one place is named.
    pub fn key_source(&self) -> Option<KeySource> {
        let named = [
            (KeySource::JwksUrl, !self.jwks_url.is_empty()),
            (KeySource::PublicKeyFile, !self.public_key_file.as_os_str().is_empty()),
            (KeySource::Secret, !self.hs256_secret.expose_secret().is_empty()),
        ];
        let mut named = named.into_iter().filter_map(|(source, is_named)| is_named.then_some(source));
        match (named.next(), named.next()) {
            (None, _) => Some(KeySource::Discovery),
            (source, None) => source,
            _ => None,
        }
    }

    /// How far the clocks of the issuer and of Roster may differ.
    pub fn leeway(&self) -> TimeDelta {
        TimeDelta::seconds(self.leeway_seconds.into())
    }

    /// What is wrong with these settings.
    pub(super) fn problems(&self, process: Process) -> Vec<String> {
        let mut problems = Vec::new();
        let mut issuers = BTreeMap::new();
        for (section, provider) in self.providers() {
            // The embedded default makes up the secret of the first one.
            let is_made_up = process == Process::Embedded && section == "auth";
            if is_made_up {
                if !matches!(provider.key_source(), Some(KeySource::Discovery | KeySource::Secret)) {
                    problems.push("auth.public_key_file and auth.jwks_url should be empty: `roster` without a subcommand mints tokens, which takes a secret. Use `roster serve` with your identity provider.".to_owned());
                }
            } else {
                provider.check_keys(&section, &mut problems);
            }
            provider.check_rest(&section, &mut problems);
            if let Some(other) = issuers.insert(&provider.issuer, section.clone()) {
                problems.push(format!(
                    "{section}.issuer is the same as {other}.issuer: an issuer should appear once."
                ));
            }
        }
        problems
    }

    fn check_keys(&self, section: &str, problems: &mut Vec<String>) {
        let setting = |name: &str| named(section, name);
        match self.key_source() {
            None => problems.push(format!(
                "{}, {} and {}: only one of them should be given. It is what the tokens of your users are checked with.",
                setting("jwks_url"),
                setting("public_key_file"),
                setting("hs256_secret"),
            )),
            Some(KeySource::Discovery) => {
                if let Err(problem) = address::checked(&self.issuer) {
                    problems.push(format!(
                        "{} should be the address of your OpenID Connect provider, where the keys of its tokens are found ({problem}); or the tokens should be checked with {}, {} or {}.",
                        setting("issuer"),
                        setting("jwks_url"),
                        setting("public_key_file"),
                        setting("hs256_secret"),
                    ));
                }
            }
            Some(KeySource::JwksUrl) => {
                if let Err(problem) = address::checked(&self.jwks_url) {
                    problems.push(format!(
                        "{} should be the address of the provider's keys: {problem}.",
                        setting("jwks_url")
                    ));
                }
            }
            Some(KeySource::Secret) if !long_enough(&self.hs256_secret) => {
                problems.push(format!("{section}.hs256_secret should have at least 32 bytes."));
            }
            Some(KeySource::PublicKeyFile | KeySource::Secret) => {}
        }
    }

    fn check_rest(&self, section: &str, problems: &mut Vec<String>) {
        let mut need = |holds: bool, name: &str, should: &str| {
            if !holds {
                problems.push(format!("{section}.{name} should {should}."));
            }
        };
        let is_name = |name: &str| name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
        let own_name = section.strip_prefix("auth.others.").unwrap_or(section);
        need(
            is_name(own_name),
            "issuer",
            "stand in a section whose name is of lower-case letters, digits, - and _",
        );
        need(self.others.is_empty() || section == "auth", "others", "not be there: only [auth] has others");
        need(!self.issuer.is_empty(), "issuer", "be the iss claim of the provider's tokens");
        need(!self.audience.is_empty(), "audience", "be the aud claim of tokens for this service");
        need(
            !self.algorithms.is_empty() && !self.algorithms.iter().any(is_symmetric),
            "algorithms",
            "be some of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 and EdDSA",
        );
        need(self.leeway_seconds <= MAX_LEEWAY, "leeway_seconds", "be at most 300");
        for (name, claim) in [
            ("claims.subject", &self.claims.subject),
            ("claims.email", &self.claims.email),
            ("claims.email_verified", &self.claims.email_verified),
            ("claims.name", &self.claims.name),
        ] {
            need(!claim.is_empty(), name, "be the name of a claim, or its place: /profile/mail");
        }
        let fetch = &self.fetch;
        need((1..=60).contains(&fetch.timeout_seconds), "fetch.timeout_seconds", "be 1 to 60");
        need((60..=86_400).contains(&fetch.fresh_seconds), "fetch.fresh_seconds", "be 60 to 86400");
        need((1..=MAX_PAUSE).contains(&fetch.pause_seconds), "fetch.pause_seconds", "be 1 to 60");
        need(
            fetch.outage_seconds >= fetch.fresh_seconds,
            "fetch.outage_seconds",
            "be at least fetch.fresh_seconds",
        );
    }
}

/// What `[auth.others.NAME]` does not say stands in the defaults of `[auth]`. Not in the operator's own: nobody should find
/// that a secret is taken for two issuers.
pub(super) fn with_defaults_of_others(
    mut sources: ConfigBuilder<DefaultState>,
) -> Result<ConfigBuilder<DefaultState>, config::ConfigError> {
    let Ok(others) = sources.build_cloned()?.get_table("auth.others") else { return Ok(sources) };
    let defaults =
        config::Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml)).build()?;
    let mut defaults = defaults.get_table("auth")?;
    defaults.retain(|name, _| !matches!(name.as_str(), "issuer" | "audience" | "others"));
    for name in others.keys() {
        sources = sources.set_default(format!("auth.others.{name}"), defaults.clone())?;
    }
    Ok(sources)
}

/// A setting with its variable: `auth.issuer (ROSTER_AUTH__ISSUER)`.
fn named(section: &str, name: &str) -> String {
    let variable = section.to_uppercase().replace('.', "__");
    format!("{section}.{name} (ROSTER_{variable}__{})", name.to_uppercase())
}

fn is_symmetric(algorithm: &Algorithm) -> bool {
    matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
}

fn algorithms<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Algorithm>, D::Error> {
    let named = |name: String| {
        name.parse().map_err(|_| D::Error::custom(format!("{name} is not an algorithm: RS256, ES256, EdDSA")))
    };
    list(deserializer)?.into_iter().map(named).collect()
}

fn domains<'de, D: Deserializer<'de>>(deserializer: D) -> Result<EmailDomains, D::Error> {
    let domains = list(deserializer)?
        .iter()
        .map(|text| text.parse().map_err(D::Error::custom))
        .collect::<Result<_, _>>()?;
    Ok(EmailDomains(domains))
}
