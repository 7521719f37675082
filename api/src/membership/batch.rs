//! What operations on lists have in common.

use serde::Serialize;

use super::Run;

/// How a list is carried out.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What happens when some items are refused.
    pub mode: BatchMode,
    /// Whether it is carried out.
    pub run: Run,
    /// What makes a second request the same one; not asked of a dry run.
    pub idempotency_key: Option<String>,
}

/// Whatever can be done is done.
impl Default for Batch {
    fn default() -> Self {
        Self { mode: BatchMode::Partial, run: Run::Real, idempotency_key: None }
    }
}

impl Batch {
    /// Whether so many refused items keep the others from being done.
    pub(super) fn is_refused(&self, refused: usize) -> bool {
        self.mode == BatchMode::Atomic && refused > 0
    }
}

/// What happens to a list when some of its items are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum BatchMode {
    /// Nothing is done.
    Atomic,
    /// The others are done.
    Partial,
}

/// `1 person`, `2 people`.
pub(super) fn people(count: usize) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}
