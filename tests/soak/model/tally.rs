//! What has come about in all stories, so that one sees that each rule was met.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{operation::Operation, outcome::Outcome};

#[derive(Default)]
pub(super) struct Tally(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    stories: usize,
    operations: usize,
    /// By mutation, and by what became of it.
    outcomes: BTreeMap<&'static str, BTreeMap<String, usize>>,
}

impl Tally {
    pub(super) fn count(&self, operation: &Operation, outcome: &Outcome) {
        let mut counts = self.counts();
        counts.operations += 1;
        let name = match operation {
            Operation::Call(_, call) => call.mutation(),
            Operation::Look(_) => "look",
            Operation::Review(..) => "review",
            Operation::Deliver => "deliver",
            Operation::Pass(_) => "pass",
            Operation::Verify => "verify",
        };
        let outcomes = counts.outcomes.entry(name).or_default();
        for word in outcome.words() {
            *outcomes.entry(word).or_default() += 1;
        }
        if !matches!(operation, Operation::Call(..)) {
            *outcomes.entry("done".to_owned()).or_default() += 1;
        }
    }

    pub(super) fn end_of_story(&self) {
        self.counts().stories += 1;
    }

    /// A line for each operation.
    pub(super) fn table(&self) -> String {
        let counts = self.counts();
        let lines = counts.outcomes.iter().map(|(operation, outcomes)| {
            let outcomes: Vec<_> = outcomes.iter().map(|(word, count)| format!("{word} {count}")).collect();
            format!("{operation:20} {}\n", outcomes.join(", "))
        });
        format!("{} stories, {} operations\n{}", counts.stories, counts.operations, lines.collect::<String>())
    }

    /// Which of these never came about: `operation: outcome`.
    pub(super) fn missing(&self, wanted: &[&str]) -> Vec<String> {
        let counts = self.counts();
        let is_missing = |wanted: &&&str| {
            let (operation, word) = wanted.split_once(": ").unwrap();
            counts.outcomes.get(operation).is_none_or(|outcomes| !outcomes.contains_key(word))
        };
        wanted.iter().filter(is_missing).map(|wanted| (*wanted).to_owned()).collect()
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
