//! Documents that clients have sent with their hash: those that were asked for last, so many and of so many bytes.

use std::sync::Arc;

use super::Hash;
use crate::recent::{Recent, Room};

#[derive(Debug)]
pub(super) struct Automatic(Recent<Hash, Arc<str>>);

impl Automatic {
    pub(super) fn new(entries: usize, bytes: usize) -> Self {
        Self(Recent::new(Room { entries, weight: bytes as u64, heaviest: bytes as u64 }))
    }

    pub(super) fn get(&self, hash: &Hash) -> Option<Arc<str>> {
        self.0.get(hash)
    }

    /// Keeps a document, and forgets others until there is room for it.
    pub(super) fn put(&self, hash: Hash, document: &str) {
        self.0.put(hash, document.into(), document.len() as u64);
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
        assert_eq!(automatic.0.kept().weight, 2);
    }

    #[test]
    fn bytes_are_limited_too() {
        let automatic = Automatic::new(100, 10);
        for text in ["four", "more", "fifth", "far too long"] {
            automatic.put(Hash::of(text), text);
            automatic.put(Hash::of(text), text);
        }
        let kept: Vec<String> =
            automatic.0.kept().entries.values().map(|(text, _)| text.to_string()).collect();
        assert_eq!(kept, ["more", "fifth"]);
        assert_eq!(automatic.0.kept().weight, 9);
    }
}
