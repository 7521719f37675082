//! From a notification to a message: the headers around the text.

use std::time::SystemTime;

use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
};
use roster_entity::{
    EmailAddress,
    notification::{self, Snapshot},
    text::{self, MAX_NAME},
};

use super::{
    SendError,
    templates::{Templates, Text},
};
use crate::{ConfigError, link::InvitationLinks};

/// Writes messages.
pub(super) struct Composer {
    from: Mailbox,
    templates: Templates,
    links: InvitationLinks,
}

/// Tells vacation responders and ticket systems not to answer (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Composer {
    pub(super) fn new(from: &str, links: InvitationLinks) -> Result<Self, ConfigError> {
        let wrong = || ConfigError::new("mail.from", "should be a sender like Roster <roster@example.com>.");
        let from: Mailbox = from.parse().map_err(|_| wrong())?;
        // The server would have to know SMTPUTF8, and a control character would be fatal (see `name`).
        let name_is_clean = from.name == name(from.name.as_deref());
        if !from.email.to_string().is_ascii() || !name_is_clean {
            return Err(wrong());
        }
        Ok(Self { from, templates: Templates::new(), links })
    }

    /// Who all emails are from.
    pub(super) fn sender(&self) -> Address {
        self.from.email.clone()
    }

    pub(super) fn compose(&self, notification: &notification::Model) -> Result<Message, SendError> {
        let Snapshot { contact, reply_to, at, .. } = &notification.snapshot;
        let recipient = Mailbox::new(
            name(notification.recipient_name.as_deref()),
            address(&notification.recipient_email)?,
        );
        let Text { subject, plain, html } = self
            .templates
            .render(notification.into(), &self.links)
            .map_err(|error| SendError::Transient(format!("The email could not be written: {error:#}")))?;
        Message::builder()
            .from(self.from.clone())
            .to(recipient)
            .reply_to(Mailbox::new(None, address(reply_to.as_ref().unwrap_or(contact))?))
            .subject(subject)
            .message_id(Some(self.message_id(notification)))
            .date(SystemTime::from(*at))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(plain, html))
            .map_err(|error| SendError::Permanent(format!("The email could not be written: {error}")))
    }
}

impl Composer {
    /// The same at every attempt, so that mailboxes fold copies into one. Another one if somebody had the email sent again:
    /// a mailbox that drops what it has seen would drop that too.
    fn message_id(&self, notification: &notification::Model) -> String {
        let domain = self.from.email.domain();
        match notification.resends {
            0 => format!("<{}@{domain}>", notification.id),
            resends => format!("<{}.{resends}@{domain}>", notification.id),
        }
    }
}

/// A name for a header: lettre panics at line breaks and other control characters.
fn name(name: Option<&str>) -> Option<String> {
    let name = text::truncate(&text::clean_name(name?), MAX_NAME);
    (!name.is_empty()).then_some(name)
}

fn address(address: &EmailAddress) -> Result<Address, SendError> {
    address
        .for_smtp()
        .parse()
        .map_err(|error| SendError::Permanent(format!("The email address cannot be used: {error}")))
}
