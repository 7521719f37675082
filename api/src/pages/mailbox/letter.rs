//! One email file, read as its recipient would see it.

use std::{fs, io, path::Path};

use mail_parser::{Address, DateTime, MessageParser, MessagePart};
use serde::Serialize;

/// What the pages show of an email. What it lacks is absent.
#[derive(Debug, Default, Serialize)]
pub(super) struct Letter {
    file: String,
    /// Whether this is an email at all.
    readable: bool,
    from: Option<String>,
    to: Option<String>,
    reply_to: Option<String>,
    subject: Option<String>,
    sent: Option<Sent>,
    html: Option<String>,
    text: Option<String>,
}

/// A point in time, for machines and for people.
#[derive(Debug, Serialize)]
struct Sent {
    iso: String,
    shown: String,
}

/// Whether a file may be an email of the worker's: `{id}.eml`. Nothing else is listed or opened.
pub(super) fn is_name(name: &str) -> bool {
    name.strip_suffix(".eml").is_some_and(|id| {
        !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    })
}

/// The newest emails in a directory, at most `limit`, and how many there are. A directory that the worker has not
/// made yet is empty.
pub(super) fn newest(directory: &Path, limit: usize) -> io::Result<(Vec<Letter>, usize)> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        entries => entries?,
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| is_name(name))
        .collect();
    names.sort_unstable_by(|a, b| b.cmp(a));
    let total = names.len();
    names.truncate(limit);
    // One that cannot be opened, or was deleted just now, is listed as unreadable.
    let letters =
        names.iter().map(|name| Letter::parse(name, &fs::read(directory.join(name)).unwrap_or_default()));
    Ok((letters.collect(), total))
}

impl Letter {
    /// Reads an email.
    pub(super) fn parse(file: &str, bytes: &[u8]) -> Self {
        let Some(mail) = MessageParser::default().parse(bytes) else {
            return Self { file: file.to_owned(), ..Self::default() };
        };
        let text_of = |part: &MessagePart<'_>| part.text_contents().map(str::to_owned);
        Self {
            file: file.to_owned(),
            readable: true,
            from: mail.from().map(people),
            to: mail.to().map(people),
            reply_to: mail.reply_to().map(people),
            subject: mail.subject().map(str::to_owned),
            sent: mail.date().map(Sent::new),
            // A body that is there in one form only is offered by the parser as the other form, too.
            html: mail.html_bodies().find(|part| part.is_text_html()).and_then(text_of),
            text: mail.text_bodies().find(|part| !part.is_text_html()).and_then(text_of),
        }
    }
}

impl Sent {
    fn new(date: &DateTime) -> Self {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let utc = DateTime::from_timestamp(date.to_timestamp());
        let month = MONTHS.get(usize::from(utc.month).wrapping_sub(1)).unwrap_or(&"?");
        Self {
            iso: utc.to_rfc3339(),
            shown: format!("{} {month} {}, {:02}:{:02} UTC", utc.day, utc.year, utc.hour, utc.minute),
        }
    }
}

/// Addresses as a mail program shows them.
fn people(addresses: &Address<'_>) -> String {
    addresses
        .iter()
        .map(|person| match (person.name(), person.address()) {
            (Some(name), Some(address)) => format!("{name} <{address}>"),
            (name, address) => name.or(address).unwrap_or_default().to_owned(),
        })
        .collect::<Vec<_>>()
        .join(", ")
}
