//! Requests that are made to do harm: kinds of them, each in any size. What a size counts, the kind decides: levels,
//! fields, kilobytes. A size of 1 is harmless.

mod bodies;
mod documents;
mod fragments;
mod introspection;
mod texts;
mod values;

use serde_json::json;

/// A kind of hostile requests.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What it is, in a few words.
    pub name: &'static str,
    /// The body of a POST of this size, in JSON or not.
    pub body: fn(usize) -> Vec<u8>,
}

/// In what sizes they are tried: from harmless to what no limit lets through.
pub const SIZES: [usize; 15] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 8_192, 32_768, 262_144];

/// No body is larger than this, in bytes: the largest that the door takes.
const MAX_BYTES: usize = 1_048_576;

/// How many requests a batch has here: as many as the door takes.
const BATCH: usize = 20;

/// All kinds.
pub fn kinds() -> Vec<Kind> {
    [documents::KINDS, fragments::KINDS, introspection::KINDS, texts::KINDS, values::KINDS, bodies::KINDS]
        .concat()
}

impl Kind {
    /// The largest body of this kind that is of at most this size and can be taken by the door.
    pub fn at_most(&self, size: usize) -> Vec<u8> {
        let mut size = size;
        loop {
            let body = (self.body)(size);
            if body.len() <= MAX_BYTES || size == 1 {
                return body;
            }
            size /= 2;
        }
    }

    /// The same as a batch that is full of it, as far as it fits into one body.
    pub fn batch(&self, size: usize) -> Vec<u8> {
        let mut size = size;
        loop {
            let one = (self.body)(size);
            if one.len() * BATCH < MAX_BYTES - 2 * BATCH || size == 1 {
                let all = vec![one; BATCH].join(&b","[..]);
                return [&b"["[..], &all, &b"]"[..]].concat();
            }
            size /= 2;
        }
    }
}

/// A request with this document.
fn document(text: impl Into<String>) -> Vec<u8> {
    json!({ "query": text.into() }).to_string().into_bytes()
}

/// The same with variables, as JSON text.
fn with_variables(text: &str, variables: &str) -> Vec<u8> {
    format!(r#"{{"query":{},"variables":{variables}}}"#, json!(text)).into_bytes()
}

/// A text for each number below `count`, one after the other. It stops where it is longer than any body may be.
fn each(count: usize, text: impl Fn(usize) -> String) -> String {
    let mut all = String::new();
    for i in 0..count {
        if all.len() > MAX_BYTES {
            break;
        }
        all.push_str(&text(i));
    }
    all
}

/// A text again and again.
fn times(text: &str, count: usize) -> String {
    text.repeat(count.min(MAX_BYTES / text.len() + 1))
}
