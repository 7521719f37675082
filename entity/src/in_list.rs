//! Lists of ids for an `IN`.

/// The ids, each once, and the last one again up to the next power of two: PostgreSQL and its clients keep every
/// statement for each length of its list, and lists of all lengths would fill their memory.
pub(crate) fn in_list<T: Copy + Ord>(ids: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort();
    ids.dedup();
    if let Some(last) = ids.last().copied() {
        ids.resize(ids.len().next_power_of_two(), last);
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::in_list;

    #[test]
    fn lists_have_few_lengths_and_the_same_ids() {
        assert_eq!(in_list([3, 1, 3, 2, 1]), [1, 2, 3, 3]);
        assert_eq!(in_list([2, 1]), [1, 2]);
        assert_eq!(in_list([0; 0]), [0; 0]);
        assert_eq!(in_list(0..1_000).len(), 1_024);
    }
}
