//! The settings of an organization: checked in the same way when it is created and when it is changed.

use roster_entity::{EmailAddress, email::InvalidEmail, organization, text};

use super::{Code, Error, Problem, Result};

/// The longest slug, in characters.
pub(super) const MAX_SLUG: usize = 40;

/// The most domains to which invitations can be confined.
const MAX_DOMAINS: usize = 100;

/// Settings as they are asked for; what is `None` stays as it is, what is `Some(None)` is cleared.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The name.
    pub name: Option<String>,
    /// Its name in addresses of pages.
    pub slug: Option<String>,
    /// Whom members can ask.
    pub contact_email: Option<Option<String>>,
    /// Where answers to emails go.
    pub reply_to_email: Option<Option<String>>,
    /// A line of the organization's own under every email.
    pub branding_line: Option<Option<String>>,
    /// Whether people whose invitation is revoked are told by email.
    pub revocation_email: Option<bool>,
    /// How long an invitation can be accepted, in days.
    pub invitation_lifetime_days: Option<i32>,
    /// How long a removal can be undone, in days.
    pub restore_window_days: Option<i32>,
    /// The domains to whose addresses invitations can be sent; empty: all.
    pub allowed_email_domains: Option<Vec<String>>,
}

impl Settings {
    /// The organization with these settings.
    pub(super) fn apply(&self, mut organization: organization::Model) -> Result<organization::Model> {
        if let Some(name) = &self.name {
            organization.name = valid_name(name)?;
        }
        if let Some(slug) = &self.slug {
            organization.slug = valid_slug(slug)?;
        }
        if let Some(email) = &self.contact_email {
            organization.contact_email = valid_email(email.as_deref(), "contactEmail")?;
        }
        if let Some(email) = &self.reply_to_email {
            organization.reply_to_email = valid_email(email.as_deref(), "replyToEmail")?;
        }
        if let Some(line) = &self.branding_line {
            organization.branding_line = valid_line(line.as_deref())?;
        }
        if let Some(wanted) = self.revocation_email {
            organization.revocation_email = wanted;
        }
        if let Some(days) = self.invitation_lifetime_days {
            organization.invitation_lifetime_days = between(days, 1, "invitationLifetimeDays")?;
        }
        if let Some(days) = self.restore_window_days {
            organization.restore_window_days = between(days, 0, "restoreWindowDays")?;
        }
        if let Some(domains) = &self.allowed_email_domains {
            if domains.len() > MAX_DOMAINS {
                return Err(Error::TooManyItems { max: MAX_DOMAINS });
            }
            for (index, domain) in domains.iter().enumerate() {
                if let Err(error) = domain.parse::<roster_entity::EmailDomain>() {
                    let path = ["allowedEmailDomains", &index.to_string()];
                    return Err(Problem::new(Code::InvalidDomain, error.to_string()).at(path).into());
                }
            }
            let domains = domains.iter().filter_map(|domain| domain.parse().ok());
            organization.allowed_email_domains = roster_entity::EmailDomains(domains.collect());
        }
        Ok(organization)
    }
}

/// A name with 1 to [`text::MAX_NAME`] characters that show.
pub(super) fn valid_name(name: &str) -> Result<String> {
    let name = text::clean_name(name);
    let problem = |message: String| Problem::new(Code::InvalidName, message).at(["name"]);
    match name.chars().count() {
        0 => Err(problem("The name is empty. Give it at least one letter.".to_owned()).into()),
        n if n > text::MAX_NAME => Err(problem(format!(
            "The name has {n} characters. Shorten it to at most {} characters.",
            text::MAX_NAME
        ))
        .into()),
        _ => Ok(name),
    }
}

pub(super) fn valid_slug(slug: &str) -> Result<String> {
    let plain = slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if plain && (1..=MAX_SLUG).contains(&slug.len()) && !slug.starts_with('-') && !slug.ends_with('-') {
        return Ok(slug.to_owned());
    }
    let message = format!(
        "A slug has 1 to {MAX_SLUG} lower case letters, digits and hyphens, and no hyphen at its ends: my-team-2."
    );
    Err(Problem::new(Code::InvalidSlug, message).at(["slug"]).into())
}

pub(super) fn slug_taken(slug: &str) -> Problem {
    Problem::new(Code::SlugTaken, format!("Another organization has the slug {slug}. Choose another one."))
        .at(["slug"])
}

fn valid_email(email: Option<&str>, field: &str) -> Result<Option<EmailAddress>> {
    let parsed = email.map(str::parse).transpose();
    parsed.map_err(|e: InvalidEmail| Problem::new(Code::InvalidEmail, e.to_string()).at([field]).into())
}

/// A line without control characters; `None` where it says nothing.
fn valid_line(line: Option<&str>) -> Result<Option<String>> {
    let line = line.map(text::clean_name).filter(|line| !line.is_empty());
    let length = line.as_ref().map_or(0, |line| line.chars().count());
    if length > text::MAX_NAME {
        let message =
            format!("The line has {length} characters. Shorten it to at most {} characters.", text::MAX_NAME);
        return Err(Problem::new(Code::TextTooLong, message).at(["brandingLine"]).into());
    }
    Ok(line)
}

fn between(days: i32, least: i32, field: &str) -> Result<i32> {
    if (least..=365).contains(&days) {
        return Ok(days);
    }
    Err(Error::BadInput(format!("{field} should be between {least} and 365.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_of_other_characters_is_refused() {
        for slug in ["", "Acme", "a b", "-a", "a-", "ä", &"a".repeat(41)] {
            assert!(valid_slug(slug).is_err(), "{slug}");
        }
        assert_eq!(valid_slug("team-2").unwrap(), "team-2");
    }
}
