//! A mail as the server has received it, and what a person would read in it.

use std::fmt;

use mail_parser::{
    ContentType, HeaderForm, HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType,
};

/// A mail with its envelope.
///
/// The helpers panic when the mail does not have what they are asked for: that is a failed test.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceivedMail {
    /// The sender of the envelope; empty for a bounce.
    pub from: String,
    /// The recipients of the envelope that the server has accepted.
    pub to: Vec<String>,
    /// Header and body, byte by byte.
    pub raw: Vec<u8>,
}

impl ReceivedMail {
    /// The subject, decoded.
    pub fn subject(&self) -> String {
        self.header("Subject").unwrap_or_else(|| panic!("no subject in {self:?}"))
    }

    /// The id without its angle brackets.
    pub fn message_id(&self) -> String {
        let id = self.message().message_id().map(str::to_owned);
        id.unwrap_or_else(|| panic!("no Message-ID in {self:?}"))
    }

    /// A header field, unfolded and decoded.
    pub fn header(&self, name: &str) -> Option<String> {
        let name = HeaderName::parse(name.to_owned())?;
        let message = self.message();
        let values = message.header_as(name, HeaderForm::Text);
        values.first()?.as_text().map(str::to_owned)
    }

    /// The MIME types of the mail and its parts, in their order.
    pub fn mime_types(&self) -> Vec<String> {
        let mime_type = |part: &MessagePart<'_>| match part.content_type()? {
            ContentType { c_type, c_subtype: Some(subtype), .. } => Some(format!("{c_type}/{subtype}")),
            ContentType { c_type, .. } => Some(c_type.to_string()),
        };
        self.message().parts.iter().filter_map(mime_type).collect()
    }

    /// The plain text, decoded.
    pub fn text(&self) -> String {
        let message = self.message();
        match message.text_part(0).map(|part| &part.body) {
            Some(PartType::Text(text)) => text.to_string(),
            _ => panic!("no plain text in {self:?}"),
        }
    }

    /// The HTML, decoded.
    pub fn html(&self) -> String {
        let message = self.message();
        match message.html_part(0).map(|part| &part.body) {
            Some(PartType::Html(html)) => html.to_string(),
            _ => panic!("no HTML in {self:?}"),
        }
    }

    /// The first web address in the plain text, as a person would click on it.
    pub fn first_link(&self) -> String {
        let text = self.text();
        let start = text.find("https://").into_iter().chain(text.find("http://")).min();
        let link = &text[start.unwrap_or_else(|| panic!("no link in {self:?}"))..];
        let end = link.find(|c: char| c.is_whitespace() || "<>\"".contains(c)).unwrap_or(link.len());
        link[..end].trim_end_matches(['.', ',', ';', ')']).to_owned()
    }

    fn message(&self) -> Message<'_> {
        MessageParser::default().parse(&self.raw).unwrap_or_else(|| panic!("not a mail: {self:?}"))
    }
}

/// The raw mail as text, so that a failed assertion can be read.
impl fmt::Debug for ReceivedMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "mail from <{}> to <{}>:", self.from, self.to.join(">, <"))?;
        f.write_str(&String::from_utf8_lossy(&self.raw))
    }
}
