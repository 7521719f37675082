//! Text that people type: what is cut from it, and how it is compared and sorted.

use unicode_normalization::UnicodeNormalization;

/// The longest name of an organization, a person or a group, in characters.
pub const MAX_NAME: usize = 100;

/// A name as it is kept: NFC, white space folded to single spaces, without control characters and without the
/// invisible characters that reorder text (which would let a name rewrite the sentence it stands in).
pub fn clean_name(name: &str) -> String {
    let visible: String =
        name.nfc().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !reorders(*c)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A longer text as it is kept: like a name, but with its line breaks.
pub fn clean_text(text: &str) -> String {
    text.lines().map(clean_name).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// What names are compared and sorted by: lower case, in Rust, because SQLite's `lower()` knows ASCII only.
pub fn fold(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).collect()
}

/// Bidirectional embeddings, overrides and isolates, and the zero-width space and byte order mark.
fn reorders(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// What a stranger says, with `•••@•••` for each word that may be an email address: for the log.
pub fn without_addresses(text: &str) -> String {
    let ends = |c: char| c.is_whitespace() || "<>()[]\"'`,;:=|".contains(c);
    let mask = |word: &str| match word.trim_end_matches(ends) {
        address if address.contains('@') => "•••@•••".to_owned() + &word[address.len()..],
        _ => word.to_owned(),
    };
    text.split_inclusive(ends).map(mask).collect()
}

/// `text` cut to at most `max` characters.
pub fn truncate(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_reordering_characters_go_letters_of_every_script_stay() {
        assert_eq!(clean_name("  Ann\r\nBcc: x\u{0}\u{202E}lee  "), "Ann Bcc: x lee");
        assert_eq!(clean_name("מרים 👩‍💻 Zoë"), "מרים 👩‍💻 Zoë");
    }

    #[test]
    fn a_text_keeps_its_lines() {
        assert_eq!(clean_text("Thank you.\r\n\r\n  Bye\u{7}\n"), "Thank you.\n\nBye");
    }

    #[test]
    fn addresses_are_masked_wherever_a_server_puts_them() {
        for (text, masked) in [
            ("530 5.7.0 <bob@example.com>: no", "530 5.7.0 <•••@•••>: no"),
            ("bob@example.com", "•••@•••"),
            ("to=bob@example.com, orig_to='eve@x.org'. Bye", "to=•••@•••, orig_to='•••@•••'. Bye"),
            ("5.7.8 Error: authentication failed", "5.7.8 Error: authentication failed"),
            ("", ""),
        ] {
            assert_eq!(without_addresses(text), masked);
        }
    }

    #[test]
    fn folding_knows_more_than_ascii() {
        assert_eq!(fold("ÉCOLE"), fold("e\u{301}cole"));
    }
}
