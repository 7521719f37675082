//! Before parsing: bytes, tokens, names and nesting, counted without recursion and without allocating.

use async_graphql::ServerError;

use super::{Limits, budget::Price, limits::over};

/// Checks the text of a document, and says what reading it costs.
pub(super) fn scan(document: &str, limits: &Limits) -> Result<Price, ServerError> {
    let bytes = document.as_bytes();
    if bytes.len() > limits.bytes {
        let message = format!("The document has {} bytes, at most {} are taken.", bytes.len(), limits.bytes);
        return Err(over("QUERY_TOO_LARGE", "limits.bytes", message));
    }
    let (mut at, mut tokens, mut nesting) = (0, 0, 0_usize);
    while at < bytes.len() {
        match bytes[at] {
            // White space, commas and the byte order mark are no tokens.
            b' ' | b'\t' | b'\n' | b'\r' | b',' | 0xEF | 0xBB | 0xBF => {
                at += 1;
                continue;
            }
            b'#' => {
                at = end_of_line(bytes, at);
                continue;
            }
            b'"' => at = end_of_string(bytes, at),
            b'{' | b'[' | b'(' => {
                nesting += 1;
                at += 1;
            }
            b'}' | b']' | b')' => {
                nesting = nesting.saturating_sub(1);
                at += 1;
            }
            byte if is_word(byte) => {
                let length = bytes[at..].iter().take_while(|b| is_word(**b)).count();
                if length > limits.name_bytes {
                    let message = format!(
                        "The document has a name or number of {length} characters, at most {} are taken.",
                        limits.name_bytes
                    );
                    return Err(over("QUERY_TOO_LARGE", "limits.name_bytes", message));
                }
                at += length;
            }
            _ => at += 1,
        }
        tokens += 1;
        if nesting > limits.nesting {
            let message = format!("The document is nested deeper than {} brackets.", limits.nesting);
            return Err(over("QUERY_TOO_DEEP", "limits.nesting", message));
        }
        if tokens > limits.tokens {
            let message = format!("The document has more than {} tokens.", limits.tokens);
            return Err(over("QUERY_TOO_LARGE", "limits.tokens", message));
        }
    }
    Ok(Price { bytes: bytes.len() as u64, tokens: tokens as u64, ..Price::default() })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn end_of_line(bytes: &[u8], from: usize) -> usize {
    from + bytes[from..].iter().take_while(|b| !matches!(b, b'\n' | b'\r')).count()
}

fn end_of_string(bytes: &[u8], from: usize) -> usize {
    let block = bytes[from..].starts_with(b"\"\"\"");
    let mut at = from + if block { 3 } else { 1 };
    while at < bytes.len() {
        let rest = &bytes[at..];
        match block {
            true if rest.starts_with(b"\"\"\"") => return at + 3,
            true => at += if rest.starts_with(b"\\\"\"\"") { 4 } else { 1 },
            false if rest[0] == b'"' => return at + 1,
            false => at += if rest[0] == b'\\' { 2 } else { 1 },
        }
    }
    bytes.len()
}
