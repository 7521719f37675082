//! What was asked for last: so many entries, and of so much weight together.

use std::{
    borrow::Borrow,
    fmt::Debug,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

use hashlink::LinkedHashMap;

/// How much there is room for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) entries: usize,
    /// Of all entries together.
    pub(crate) weight: u64,
    /// Of one entry: what is heavier is not kept.
    pub(crate) heaviest: u64,
}

#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    room: Room,
    kept: Mutex<Kept<K, V>>,
}

#[derive(Debug)]
pub(crate) struct Kept<K, V> {
    /// With their weights. The one that was asked for last stands last.
    pub(crate) entries: LinkedHashMap<K, (V, u64)>,
    pub(crate) weight: u64,
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    pub(crate) fn new(room: Room) -> Self {
        Self { room, kept: Mutex::new(Kept { entries: LinkedHashMap::new(), weight: 0 }) }
    }

    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.kept().entries.to_back(key).map(|(value, _)| value.clone())
    }

    /// Keeps something, and forgets others until there is room for it.
    pub(crate) fn put(&self, key: K, value: V, weight: u64) {
        if weight > self.room.heaviest {
            return;
        }
        let mut kept = self.kept();
        if kept.entries.to_back(&key).is_some() {
            return;
        }
        kept.entries.insert(key, (value, weight));
        kept.weight += weight;
        while kept.entries.len() > self.room.entries || kept.weight > self.room.weight {
            let Some((_, (_, weight))) = kept.entries.pop_front() else { break };
            kept.weight -= weight;
        }
    }

    pub(crate) fn kept(&self) -> MutexGuard<'_, Kept<K, V>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
