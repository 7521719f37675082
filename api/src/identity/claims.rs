//! What a token says about a person, under the names that the settings give to its claims.

use serde::Serialize;
use serde_json::Value;

use super::AuthError;
use crate::config::ClaimSettings;

/// What a token says about a person.
#[derive(Clone, Debug, Serialize)]
pub struct Claims {
    /// Who issued the token.
    pub iss: String,
    /// For whom it was issued: a text or a list.
    pub aud: Value,
    /// The person, as the issuer calls them.
    pub sub: String,
    /// When it ends, in seconds since the epoch.
    pub exp: i64,
    /// From when on it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// When it was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// The person's address.
    pub email: Option<String>,
    /// Whether the issuer knows that the address is the person's.
    pub email_verified: bool,
    /// The person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Claims {
    /// The claims of a token whose signature is right.
    pub(super) fn read(token: &Value, settings: &ClaimSettings) -> Result<Self, AuthError> {
        let email = text(find(token, &settings.email))?;
        let said = flag(find(token, &settings.email_verified)).unwrap_or(settings.assume_email_verified);
        let vouched =
            |email: &String| email.parse().is_ok_and(|email| settings.verified_domains.admit(&email));
        Ok(Self {
            iss: text(token.get("iss"))?.ok_or(AuthError::Refused(LACKS))?,
            aud: token.get("aud").cloned().ok_or(AuthError::Refused(LACKS))?,
            sub: text(find(token, &settings.subject))?.ok_or(AuthError::Refused(LACKS))?,
            exp: seconds(token.get("exp"))?.ok_or(AuthError::Refused(LACKS))?,
            nbf: seconds(token.get("nbf"))?,
            iat: seconds(token.get("iat"))?,
            email_verified: said && email.as_ref().is_some_and(vouched),
            email,
            name: text(find(token, &settings.name))?,
        })
    }
}

pub(super) const LACKS: &str =
    "The token lacks a claim: it needs iss, aud, exp, and sub (or the one that the settings name instead).";

pub(super) const UNREADABLE: &str = "The token's claims cannot be read: iss, sub, email and name are texts, exp, nbf and iat numbers, email_verified is true or false.";

/// A claim by its name, or by its place (RFC 6901): `/profile/mail`. What is null is not there.
fn find<'a>(token: &'a Value, name: &str) -> Option<&'a Value> {
    let claim = if name.starts_with('/') { token.pointer(name) } else { token.get(name) };
    claim.filter(|claim| !claim.is_null())
}

pub(super) fn text(claim: Option<&Value>) -> Result<Option<String>, AuthError> {
    match claim {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(AuthError::Refused(UNREADABLE)),
    }
}

/// Some issuers give fractions.
fn seconds(claim: Option<&Value>) -> Result<Option<i64>, AuthError> {
    match claim {
        None | Some(Value::Null) => Ok(None),
        // A float is cut to the range of an integer.
        Some(number) => Ok(Some(number.as_f64().ok_or(AuthError::Refused(UNREADABLE))?.floor() as i64)),
    }
}

/// Some issuers give a text. What is neither true nor false is not true.
fn flag(claim: Option<&Value>) -> Option<bool> {
    claim.map(|claim| match claim {
        Value::Bool(flag) => *flag,
        Value::String(text) => text == "true",
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use roster_entity::EmailDomains;
    use serde_json::json;

    use super::*;

    fn settings() -> ClaimSettings {
        let name = str::to_owned;
        ClaimSettings {
            subject: name("https://id.example.com/person"),
            email: name("/profile/mails/0"),
            email_verified: name("/profile/checked"),
            name: name("display name"),
            assume_email_verified: false,
            verified_domains: EmailDomains::default(),
        }
    }

    fn token() -> Value {
        json!({
            "iss": "https://id.example.com", "aud": "roster", "sub": "another", "exp": 1.5, "name": "another",
            "https://id.example.com/person": "7", "display name": "Bob",
            "profile": { "mails": ["bob@example.com"], "checked": "true" },
        })
    }

    #[test]
    fn claims_have_the_names_and_places_of_the_settings() {
        let claims = Claims::read(&token(), &settings()).unwrap();
        assert_eq!((claims.sub.as_str(), claims.exp), ("7", 1));
        assert_eq!(claims.email.as_deref(), Some("bob@example.com"));
        assert_eq!((claims.email_verified, claims.name.as_deref()), (true, Some("Bob")));
    }

    #[test]
    fn an_address_is_verified_only_where_the_token_or_the_settings_say_so() {
        for (said, assumed, verified) in [
            (json!(null), false, false),
            (json!(null), true, true),
            (json!(false), true, false),
            (json!("false"), true, false),
            (json!(1), true, false),
            (json!({}), true, false),
            (json!("TRUE"), false, false),
            (json!(true), false, true),
        ] {
            let (mut token, mut settings) = (token(), settings());
            token["profile"]["checked"] = said.clone();
            settings.assume_email_verified = assumed;
            let claims = Claims::read(&token, &settings).unwrap();
            assert_eq!(claims.email_verified, verified, "{said}, {assumed}");
        }
    }

    #[test]
    fn an_address_of_another_domain_than_the_settings_name_is_not_verified() {
        let mut settings = settings();
        settings.verified_domains = EmailDomains(["Example.com".parse().unwrap()].into());
        for (address, verified) in [
            ("bob@example.com", true),
            ("Bob@EXAMPLE.com", true),
            ("bob@sub.example.com", false),
            ("bob@example.com.evil.example", false),
            ("example.com@evil.example", false),
            ("bob", false),
        ] {
            let mut token = token();
            token["profile"]["mails"][0] = json!(address);
            let claims = Claims::read(&token, &settings).unwrap();
            assert_eq!(claims.email_verified, verified, "{address}");
        }
    }
}
