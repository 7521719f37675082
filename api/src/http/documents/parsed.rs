//! Documents as they were parsed: those that were asked for last, as clients send the same few again and again.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::parser::types::ExecutableDocument;
use hashlink::LinkedHashMap;

/// How many tokens all of them have together. A token takes a few hundred bytes when it is parsed.
const MOST: u64 = 50_000;

/// How many tokens one of them has, so that none takes the place of all others.
const LONGEST: u64 = 1_000;

/// The documents that the guard has let pass.
#[derive(Default)]
pub(in crate::http) struct Parsed(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// With its tokens. The one that was asked for last stands last.
    documents: LinkedHashMap<Box<str>, (Arc<ExecutableDocument>, u64)>,
    tokens: u64,
}

impl Parsed {
    pub(in crate::http) fn get(&self, text: &str) -> Option<Arc<ExecutableDocument>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.documents.to_back(text).map(|(document, _)| Arc::clone(document))
    }

    /// Keeps a document of so many tokens, and forgets others until there is room for it.
    pub(in crate::http) fn put(&self, text: &str, document: ExecutableDocument, tokens: u64) {
        if tokens > LONGEST {
            return;
        }
        let document = (Arc::new(document), tokens);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.documents.insert(text.into(), document).is_some() {
            return;
        }
        kept.tokens += tokens;
        while kept.tokens > MOST {
            let Some((_, (_, tokens))) = kept.documents.pop_front() else { break };
            kept.tokens -= tokens;
        }
    }
}

impl std::fmt::Debug for Parsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parsed")
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
        assert_eq!(parsed.0.lock().unwrap().tokens, MOST);
    }
}
