//! Documents that clients have sent with their hash: those that were asked for last, so many and of so many bytes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashlink::LinkedHashMap;

use super::Hash;

#[derive(Debug)]
pub(super) struct Automatic {
    entries: usize,
    bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The one that was asked for last stands last.
    documents: LinkedHashMap<Hash, Arc<str>>,
    bytes: usize,
}

impl Automatic {
    pub(super) fn new(entries: usize, bytes: usize) -> Self {
        Self { entries, bytes, kept: Mutex::default() }
    }

    pub(super) fn get(&self, hash: &Hash) -> Option<Arc<str>> {
        self.kept().documents.to_back(hash).map(|document| document.clone())
    }

    /// Keeps a document, and forgets others until there is room for it.
    pub(super) fn put(&self, hash: Hash, document: &str) {
        if document.len() > self.bytes {
            return;
        }
        let mut kept = self.kept();
        if kept.documents.to_back(&hash).is_some() {
            return;
        }
        kept.documents.insert(hash, document.into());
        kept.bytes += document.len();
        while kept.documents.len() > self.entries || kept.bytes > self.bytes {
            let Some((_, oldest)) = kept.documents.pop_front() else { break };
            kept.bytes -= oldest.len();
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_last_is_kept() {
        let automatic = Automatic::new(2, 100);
        let keeps = |text: &str| automatic.get(&Hash::of(text)).is_some();
        automatic.put(Hash::of("a"), "a");
        automatic.put(Hash::of("b"), "b");
        assert!(keeps("a"));
        automatic.put(Hash::of("c"), "c");
        assert!(keeps("a") && !keeps("b") && keeps("c"));
        assert_eq!(automatic.kept().bytes, 2);
    }

    #[test]
    fn bytes_are_limited_too() {
        let automatic = Automatic::new(100, 10);
        for text in ["four", "more", "fifth", "far too long"] {
            automatic.put(Hash::of(text), text);
            automatic.put(Hash::of(text), text);
        }
        let kept: Vec<String> = automatic.kept().documents.values().map(ToString::to_string).collect();
        assert_eq!(kept, ["more", "fifth"]);
        assert_eq!(automatic.kept().bytes, 9);
    }
}
