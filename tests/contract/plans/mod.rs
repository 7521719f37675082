//! How PostgreSQL does what Roster asks: by an index, and reading little more than it answers or changes, in an organization and
//! beside one with so many members that anything else would show.

mod changes;
mod delivery;
mod world;

use roster_tests::Plans;

/// What was found about the plans of one operation after the other.
struct Findings {
    plans: Plans,
    problems: Vec<String>,
}

impl Findings {
    /// Does something, and looks at how the database has done it.
    async fn of<T>(&mut self, what: &str, operation: impl Future<Output = T>) -> T {
        self.plans.forget();
        // In a box, because delivering is large.
        let answer = Box::pin(operation).await;
        self.problems.extend(self.plans.problems(what));
        answer
    }

    /// There was nothing to be said.
    fn are_none(self) {
        assert!(self.problems.is_empty(), "{} problems:\n{}", self.problems.len(), self.problems.join("\n"));
    }
}
