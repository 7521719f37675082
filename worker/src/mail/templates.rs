//! The text of emails: a folder of templates for each kind, embedded in the program.

use chrono::{DateTime, Utc};
use minijinja::{Environment, UndefinedBehavior, Value, syntax::SyntaxConfig, value::Serde};
use roster_entity::{
    EmailAddress, Role,
    notification::{self, Event, Kind, Snapshot},
    text::{self, MAX_NAME},
};
use serde::Serialize;

use crate::link::{InvitationLinks, LinkClaim};

macro_rules! templates {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../templates/", $name)))),+]
    };
}

/// All templates. What is HTML by its name is escaped.
const TEMPLATES: &[(&str, &str)] = &templates![
    "layout.html",
    "layout.txt",
    "note.html",
    "note.txt",
    "invitation/subject.txt",
    "invitation/body.txt",
    "invitation/body.html",
    "invitation_revoked/subject.txt",
    "invitation_revoked/body.txt",
    "invitation_revoked/body.html",
    "removed/subject.txt",
    "removed/body.txt",
    "removed/body.html",
    "restored/subject.txt",
    "restored/body.txt",
    "restored/body.html",
    "role_changed/subject.txt",
    "role_changed/body.txt",
    "role_changed/body.html",
];

/// The templates, ready to be filled.
pub struct Templates(Environment<'static>);

/// What an email says, and to whom.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// The address it goes to.
    pub recipient_email: &'a EmailAddress,
    /// The name of whom it goes to, if it is known.
    pub recipient_name: Option<&'a str>,
    /// What it says.
    pub snapshot: &'a Snapshot,
}

impl<'a> From<&'a notification::Model> for Letter<'a> {
    fn from(notification: &'a notification::Model) -> Self {
        Self {
            recipient_email: &notification.recipient_email,
            recipient_name: notification.recipient_name.as_deref(),
            snapshot: &notification.snapshot,
        }
    }
}

/// The text of one email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// One line.
    pub subject: String,
    /// For programs that show no HTML.
    pub plain: String,
    /// For the others.
    pub html: String,
}

/// What every email can say.
#[derive(Serialize)]
struct Email {
    organization: String,
    actor: String,
    /// The address of whom the recipient can ask.
    contact: String,
    branding_line: Option<String>,
    /// When it was done.
    at: String,
    name: Option<String>,
    address: String,
    #[serde(flatten)]
    details: Details,
}

/// What only one kind of email says.
#[derive(Serialize)]
#[serde(untagged)]
enum Details {
    Invitation {
        /// With its article: "an admin".
        role: &'static str,
        groups: Vec<String>,
        link: String,
        expires_at: String,
    },
    InvitationRevoked {
        /// The lines of what the administrator wrote.
        note: Vec<String>,
    },
    Removed {
        groups: Vec<String>,
        note: Vec<String>,
    },
    Restored {
        /// With its article: "an admin".
        role: &'static str,
        groups: Vec<String>,
        lost_groups: Vec<String>,
    },
    RoleChanged {
        before: &'static str,
        after: &'static str,
        /// What the role permits.
        meaning: &'static str,
    },
}

impl Templates {
    /// Reads them; they are a part of the program.
    #[expect(clippy::new_without_default, reason = "it is work, once in a process")]
    pub fn new() -> Self {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.expect("these are minijinja's own delimiters"));
        // A name that the templates use and the struct lacks is an error, not a gap in an email.
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.add_filter("isolate", isolate);
        environment.add_filter("href", href);
        environment.add_filter("mailto", mailto);
        for (name, source) in TEMPLATES {
            environment.add_template(name, source).expect("the tests render every template");
        }
        Self(environment)
    }

    /// Writes an email.
    pub fn render(&self, letter: Letter<'_>, links: &InvitationLinks) -> Result<Text, minijinja::Error> {
        let folder = folder(letter.snapshot.event.kind());
        let email = Value::from(Serde(Email::new(letter, links)));
        let render = |file: &str| self.0.get_template(&format!("{folder}/{file}"))?.render(&email);
        Ok(Text {
            subject: render("subject.txt")?.trim().to_owned(),
            plain: render("body.txt")?,
            html: render("body.html")?,
        })
    }
}

impl Email {
    fn new(letter: Letter<'_>, links: &InvitationLinks) -> Self {
        let Snapshot { organization, actor, contact, branding_line, at, event, .. } = letter.snapshot;
        let recipient = letter.recipient_name.map(name).filter(|name| !name.is_empty());
        Self {
            organization: name(organization),
            actor: name(&actor.name),
            contact: contact.to_string(),
            branding_line: branding_line.as_deref().map(name),
            at: time(*at),
            name: recipient,
            address: letter.recipient_email.to_string(),
            details: Details::new(event, links),
        }
    }
}

impl Details {
    fn new(event: &Event, links: &InvitationLinks) -> Self {
        match event {
            Event::Invitation { role, groups, invitation_id, link_version, expires_at } => Self::Invitation {
                role: role.with_article(),
                groups: names(groups),
                link: links.url(LinkClaim { invitation: *invitation_id, version: *link_version }),
                expires_at: time(*expires_at),
            },
            Event::InvitationRevoked { note } => Self::InvitationRevoked { note: lines(note.as_deref()) },
            Event::Removed { groups, note } => {
                Self::Removed { groups: names(groups), note: lines(note.as_deref()) }
            }
            Event::Restored { role, groups, lost_groups } => Self::Restored {
                role: role.with_article(),
                groups: names(groups),
                lost_groups: names(lost_groups),
            },
            Event::RoleChanged { before, after } => {
                Self::RoleChanged { before: before.word(), after: after.word(), meaning: meaning(*after) }
            }
        }
    }
}

fn folder(kind: Kind) -> &'static str {
    match kind {
        Kind::Invitation => "invitation",
        Kind::InvitationRevoked => "invitation_revoked",
        Kind::Removed => "removed",
        Kind::Restored => "restored",
        Kind::RoleChanged => "role_changed",
    }
}

fn meaning(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owners may do everything.",
        Role::Admin => "Admins may do everything except make, change or remove owners.",
        Role::Member => "Members may see the organization, its members and its groups.",
    }
}

/// `21 November 2026 at 21:35 UTC`
fn time(time: DateTime<Utc>) -> String {
    time.format("%-d %B %Y at %H:%M UTC").to_string()
}

/// One line without control characters, whatever the database holds: a subject may not have another.
fn name(name: &str) -> String {
    text::truncate(&text::clean_name(name), MAX_NAME)
}

fn names(all: &[String]) -> Vec<String> {
    all.iter().map(|one| name(one)).collect()
}

fn lines(note: Option<&str>) -> Vec<String> {
    text::clean_text(note.unwrap_or_default()).lines().map(str::to_owned).collect()
}

/// A name for plain text. A right-to-left one is isolated (in HTML `<bdi>` does that), or it would turn around the
/// sentence that it stands in.
fn isolate(name: &str) -> String {
    let right_to_left =
        |c| matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}');
    if name.contains(right_to_left) { format!("\u{2068}{name}\u{2069}") } else { name.to_owned() }
}

/// An address for an HTML attribute. minijinja would also escape the slashes, and so make it look like a trick to
/// filters that read emails.
fn href(address: &str) -> Value {
    let escaped = address
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    Value::from_safe_string(escaped)
}

/// The link to write to an address. What may stand in an address can mean something else in a link.
fn mailto(address: &str) -> String {
    let address = address.replace('%', "%25").replace('?', "%3F").replace('&', "%26").replace('#', "%23");
    format!("mailto:{address}")
}
