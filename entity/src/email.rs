//! Email addresses: checked once, compared by one normalized form, masked wherever they might be logged.

use std::{collections::BTreeSet, fmt, str::FromStr};

use email_address::Options;
use sea_orm::{DeriveValueType, FromJsonQueryResult};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::text;

/// An address as its owner writes it, for sending and showing. `Debug` masks it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, DeriveValueType)]
#[serde(transparent)]
pub struct EmailAddress(String);

/// What addresses are compared by: trimmed, NFC, lower case, the domain in its ASCII form. `Debug` masks it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
#[serde(transparent)]
pub struct NormalizedEmail(String);

/// The part of an address after the @, in its ASCII form and lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailDomain(String);

/// A set of domains.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct EmailDomains(pub BTreeSet<EmailDomain>);

/// A text that is not the domain of an email address. Its `Display` is a sentence for the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a domain of email addresses. It should look like example.com, without an @.")]
pub struct InvalidDomain(String);

/// Why a text is not an address that mail can be sent to. Its `Display` is a sentence for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmail {
    /// Not of the form `name@example.com`.
    #[error("This is not a valid email address. It should look like name@example.com.")]
    Malformed,
    /// Longer than the 254 characters of RFC 5321.
    #[error("This email address is too long: at most 254 characters.")]
    TooLong,
    /// Would need SMTPUTF8 at every server on the way.
    #[error("Letters outside of ASCII before the @ are not supported. Use the address's ASCII form.")]
    LocalPartNotAscii,
}

impl EmailAddress {
    /// The address as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which addresses are compared.
    pub fn normalized(&self) -> NormalizedEmail {
        let (local, domain) = split(&self.0);
        let local: String = local.nfc().flat_map(char::to_lowercase).collect();
        let domain = idna::domain_to_ascii(domain).expect("checked when the address was parsed");
        NormalizedEmail(format!("{local}@{domain}"))
    }

    /// The form that goes over SMTP: as typed, but the domain in its ASCII form.
    pub fn for_smtp(&self) -> String {
        let (local, domain) = split(&self.0);
        let domain = idna::domain_to_ascii(domain).expect("checked when the address was parsed");
        format!("{local}@{domain}")
    }

    /// The domain.
    pub fn domain(&self) -> EmailDomain {
        let domain = idna::domain_to_ascii(split(&self.0).1).expect("checked when the address was parsed");
        EmailDomain(domain)
    }

    /// `b•••@e•••.com`: enough to recognize one's own address, too little to learn another's.
    pub fn masked(&self) -> String {
        let (local, domain) = split(&self.0);
        let (name, rest) = domain.split_at(domain.rfind('.').unwrap_or(domain.len()));
        let first = |part: &str| part.chars().next().map(String::from).unwrap_or_default();
        format!("{}•••@{}•••{rest}", first(local), first(name))
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let text: String = text.trim().nfc().collect();
        if text.len() > 254 {
            return Err(InvalidEmail::TooLong);
        }
        let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
        let parsed = email_address::EmailAddress::parse_with_options(&text, options)
            .map_err(|_| InvalidEmail::Malformed)?;
        if !parsed.local_part().is_ascii() {
            return Err(InvalidEmail::LocalPartNotAscii);
        }
        let quoted = parsed.local_part().starts_with('"');
        if quoted || idna::domain_to_ascii(parsed.domain()).is_err() {
            return Err(InvalidEmail::Malformed);
        }
        Ok(Self(text))
    }
}

impl FromStr for EmailDomain {
    type Err = InvalidDomain;

    /// What makes an address when something stands before it is a domain.
    fn from_str(text: &str) -> Result<Self, InvalidDomain> {
        let domain = text.trim();
        let address = format!("someone@{domain}").parse::<EmailAddress>();
        address
            .ok()
            .filter(|address| split(&address.0).0 == "someone")
            .map(|address| address.domain())
            .ok_or_else(|| InvalidDomain(text::truncate(&text::clean_name(domain), text::MAX_NAME)))
    }
}

impl fmt::Display for EmailDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl EmailDomains {
    /// Whether an address may be invited: an empty set lets every address through, subdomains are domains of their own.
    pub fn admit(&self, address: &EmailAddress) -> bool {
        self.0.is_empty() || self.0.contains(&address.domain())
    }
}

impl NormalizedEmail {
    /// The normalized address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn split(address: &str) -> (&str, &str) {
    address.rsplit_once('@').expect("checked when the address was parsed")
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Debug for NormalizedEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&EmailAddress(self.0.clone()).masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<EmailAddress, InvalidEmail> {
        text.parse()
    }

    #[test]
    fn a_domain_is_what_stands_after_the_at() {
        let domain = |text: &str| text.parse::<EmailDomain>().map(|domain| domain.to_string());
        assert_eq!(domain(" Example.COM "), Ok("example.com".to_owned()));
        assert_eq!(domain("bücher.example"), Ok("xn--bcher-kva.example".to_owned()));
        for text in [
            "",
            "@example.com",
            "bob@example.com",
            "example",
            "exa mple.com",
            "https://example.com",
            "a\nb.com",
        ] {
            assert!(domain(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_addresses_of_the_domains_are_admitted() {
        let domains = EmailDomains(["example.com".parse().unwrap()].into());
        assert!(domains.admit(&parse("bob@EXAMPLE.com").unwrap()));
        assert!(!domains.admit(&parse("bob@mail.example.com").unwrap()));
        assert!(EmailDomains::default().admit(&parse("bob@example.org").unwrap()));
    }

    #[test]
    fn addresses_compare_without_case_spaces_and_domain_form() {
        let norm = |text: &str| parse(text).unwrap().normalized();
        assert_eq!(norm(" Bob@Example.COM "), norm("bob@example.com"));
        assert_eq!(norm("bob@bücher.example"), norm("bob@xn--bcher-kva.example"));
        assert_ne!(norm("bob@example.com"), norm("bob@example.org"));
    }

    #[test]
    fn what_cannot_be_mailed_is_refused() {
        for text in [
            "",
            "bob",
            "bob@",
            "@example.com",
            "bob@localhost",
            "bob@example.com\r\nBcc: eve@example.com",
            "bo\0b@example.com",
            "Bob <bob@example.com>",
            "bob@[127.0.0.1]",
            "a b@example.com",
            "bob@exa mple.com",
            "\"a b\"@example.com",
        ] {
            assert_eq!(parse(text), Err(InvalidEmail::Malformed), "{text:?}");
        }
        assert_eq!(parse("bøb@example.com"), Err(InvalidEmail::LocalPartNotAscii));
        assert_eq!(parse(&format!("b@{}.com", "x".repeat(300))), Err(InvalidEmail::TooLong));
    }

    #[test]
    fn a_log_shows_only_the_mask() {
        let address = parse("bob.builder@mail.example.com").unwrap();
        assert_eq!(format!("{address:?}"), "b•••@m•••.com");
        assert_eq!(format!("{:?}", address.normalized()), "b•••@m•••.com");
    }
}
