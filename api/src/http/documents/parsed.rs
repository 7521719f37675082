//! Documents as they were parsed: those that were asked for last, as clients send the same few again and again.

use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;

use crate::recent::{Recent, Room};

/// How many tokens all of them have together. A token takes a few hundred bytes when it is parsed.
const MOST: u64 = 50_000;

/// How many tokens one of them has, so that none takes the place of all others.
const LONGEST: u64 = 1_000;

/// The documents that the guard has let pass.
#[derive(Debug)]
pub(in crate::http) struct Parsed(Recent<Box<str>, Arc<ExecutableDocument>>);

impl Default for Parsed {
    fn default() -> Self {
        Self(Recent::new(Room { entries: usize::MAX, weight: MOST, heaviest: LONGEST }))
    }
}

impl Parsed {
    pub(in crate::http) fn get(&self, text: &str) -> Option<Arc<ExecutableDocument>> {
        self.0.get(text)
    }

    /// Keeps a document of so many tokens, and forgets others until there is room for it.
    pub(in crate::http) fn put(&self, text: &str, document: ExecutableDocument, tokens: u64) {
        self.0.put(text.into(), Arc::new(document), tokens);
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn put(parsed: &Parsed, text: &str, tokens: u64) {
        parsed.put(text, parse_query(text).unwrap(), tokens);
    }

    #[test]
    fn what_was_asked_for_last_is_kept_and_what_is_long_is_not() {
        let parsed = Parsed::default();
        for n in 0..50 {
            put(&parsed, &format!("{{ a{n} }}"), 1_000);
        }
        assert!(parsed.get("{ a0 }").is_some());
        put(&parsed, "{ b }", 1_000);
        put(&parsed, "{ b }", 1_000);
        put(&parsed, "{ c }", 1_001);
        assert!(parsed.get("{ a0 }").is_some() && parsed.get("{ b }").is_some());
        assert!(parsed.get("{ a1 }").is_none() && parsed.get("{ c }").is_none());
        assert_eq!(parsed.0.kept().weight, MOST);
    }
}
