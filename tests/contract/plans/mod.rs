//! How PostgreSQL does what Roster asks: by an index, and reading little more than it answers or changes, in an organization and
//! beside one with so many members that anything else would show.

mod changes;
mod delivery;
mod exports;
mod lists;
mod look_ups;
mod members;
mod pages;
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
        let (answer, problems) = self.look(what, operation).await;
        self.problems.extend(problems);
        answer
    }

    /// The same, without taking down what was found.
    async fn look<T>(&mut self, what: &str, operation: impl Future<Output = T>) -> (T, Vec<String>) {
        self.plans.forget();
        // In a box, because delivering is large.
        let answer = Box::pin(operation).await;
        (answer, self.plans.problems(what))
    }

    /// Takes down what was found about something, unless it is known, and said why. But then there must be something, and no table is
    /// read as a whole.
    fn take(&mut self, what: &str, problems: Vec<String>, known: Option<&str>) {
        match known {
            _ if problems.iter().any(|problem| problem.contains("reads all of")) => {
                self.problems.extend(problems)
            }
            None => self.problems.extend(problems),
            Some(why) if problems.is_empty() => {
                self.problems.push(format!("{what}: nothing, although it is known that {why}"));
            }
            Some(_) => {}
        }
    }

    /// There was nothing to be said.
    fn are_none(self) {
        assert!(self.problems.is_empty(), "{} problems:\n{}", self.problems.len(), self.problems.join("\n"));
    }
}
