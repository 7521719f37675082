//! What became of everybody: the one object that a command writes, and its exit code.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use serde::{Deserialize, Serialize};

use crate::cli::{
    client::GraphqlError,
    failure::Failure,
    output::{Format, Table, clean, thousands},
};

/// How many refusals are told on standard error, beside the results in JSON.
const TOLD: usize = 20;

/// The results of a command.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    /// Whether anything was changed; in a dry run, whether anything would be.
    changed: bool,
    /// How many of what.
    message: String,
    /// Whether nothing was done, as asked for.
    dry_run: bool,
    /// Whether everybody was dealt with; `false` where the command was stopped before.
    complete: bool,
    /// To go on with.
    idempotency_key: Option<String>,
    results: Vec<Outcome>,
    #[serde(skip)]
    verb: &'static str,
}

/// What became of one person.
#[derive(Debug, Default, Serialize)]
pub(super) struct Outcome {
    /// The id of the member, if it is known.
    pub(super) member: Option<String>,
    /// The address, if it is known.
    pub(super) email: Option<String>,
    pub(super) changed: bool,
    pub(super) message: Option<String>,
    pub(super) error: Option<ItemError>,
    /// What is not as it should be, though it was done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) warnings: Vec<String>,
}

/// Why something was not done.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct ItemError {
    /// For programs, as the API has it.
    pub(super) code: String,
    /// For people.
    pub(super) message: String,
}

impl ItemError {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

/// A field of a request that failed by itself.
impl From<GraphqlError> for ItemError {
    fn from(error: GraphqlError) -> Self {
        let (code, message) = error.into_parts();
        Self { code, message }
    }
}

impl Outcome {
    /// Somebody, as they were named, with whom nothing was done.
    pub(super) fn refused(name: &str, error: ItemError) -> Self {
        let error = Some(error);
        match name.contains('@') {
            true => Self { email: Some(name.to_owned()), error, ..Self::default() },
            false => Self { member: Some(name.to_owned()), error, ..Self::default() },
        }
    }

    fn name(&self) -> &str {
        self.email.as_deref().or(self.member.as_deref()).unwrap_or_default()
    }
}

impl Report {
    /// Nobody yet. `verb` says what is done with people: removed.
    pub(super) fn new(verb: &'static str, dry_run: bool, idempotency_key: Option<String>) -> Self {
        Self {
            changed: false,
            message: String::new(),
            dry_run,
            complete: false,
            idempotency_key,
            results: Vec::new(),
            verb,
        }
    }

    /// Whether nobody was dealt with yet.
    pub(super) fn is_empty(&self) -> bool {
        self.results.is_empty()
    }

    /// Adds what became of some more.
    pub(super) fn extend(&mut self, outcomes: Vec<Outcome>) {
        self.results.extend(outcomes);
    }

    /// Everybody was dealt with.
    pub(super) fn complete(&mut self) {
        self.complete = true;
    }

    /// Writes it. The exit code tells whether some were refused.
    pub(super) fn write(&mut self, format: Format) -> Result<ExitCode, Failure> {
        let refused = self.refused().count();
        self.changed = self.results.iter().any(|outcome| outcome.changed);
        self.message = self.summary(refused);
        match self.put(format) {
            Ok(()) | Err(Failure::OutputClosed) => {}
            Err(failure) => return Err(failure),
        }
        Ok(ExitCode::from(u8::from(refused > 0)))
    }

    fn put(&self, format: Format) -> Result<(), Failure> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        match format {
            Format::Json => {
                serde_json::to_writer_pretty(&mut out, self).map_err(io::Error::from)?;
                writeln!(out)?;
                self.tell_refusals();
            }
            Format::Table => {
                let header = ["PERSON", "RESULT", "MESSAGE"].map(str::to_owned);
                let rows: Vec<_> =
                    std::iter::once(header).chain(self.results.iter().map(|o| self.row(o))).collect();
                if rows.len() > 1 {
                    Table::default().write(&mut out, &rows)?;
                    writeln!(out)?;
                }
                writeln!(out, "{}", self.message)?;
            }
        }
        Ok(out.flush()?)
    }

    fn refused(&self) -> impl Iterator<Item = (&Outcome, &ItemError)> {
        self.results.iter().filter_map(|outcome| Some((outcome, outcome.error.as_ref()?)))
    }

    fn row(&self, outcome: &Outcome) -> [String; 3] {
        let result = match (&outcome.error, outcome.changed) {
            (Some(error), _) => error.code.as_str(),
            (None, true) => self.verb,
            (None, false) => "unchanged",
        };
        let sentence = outcome.error.as_ref().map(|error| &error.message).or(outcome.message.as_ref());
        let sentences: Vec<&str> =
            sentence.into_iter().chain(&outcome.warnings).map(String::as_str).collect();
        [outcome.name().to_owned(), result.to_owned(), sentences.join(" ")]
    }

    /// `2 removed, 1 unchanged, 1 refused.`
    fn summary(&self, refused: usize) -> String {
        let changed = self.results.iter().filter(|outcome| outcome.changed).count();
        let unchanged = self.results.len() - changed - refused;
        let parts = [(changed, self.verb), (unchanged, "unchanged"), (refused, "refused")];
        let parts: Vec<_> = parts
            .into_iter()
            .filter(|&(count, verb)| count > 0 || verb == self.verb)
            .map(|(count, verb)| format!("{} {verb}", thousands(count)))
            .collect();
        let counts = parts.join(", ");
        match (self.dry_run, self.complete) {
            (true, _) => format!("Dry run, nothing was done. It would be: {counts}."),
            (false, true) => format!("{counts}."),
            (false, false) => format!("Stopped before the end. So far: {counts}."),
        }
    }

    fn tell_refusals(&self) {
        let mut refused = self.refused();
        for (outcome, error) in refused.by_ref().take(TOLD) {
            eprintln!("roster: {}: {}", clean(outcome.name()), clean(&error.message));
        }
        let more = refused.count();
        if more > 0 {
            eprintln!("roster: And {} more: see the results.", thousands(more));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn done(email: &str, changed: bool) -> Outcome {
        Outcome { email: Some(email.to_owned()), changed, ..Outcome::default() }
    }

    #[test]
    fn the_summary_counts() {
        let mut report = Report::new("removed", false, None);
        report.extend(vec![done("a@example.com", true), done("b@example.com", false)]);
        report.extend(vec![Outcome::refused("c@example.com", ItemError::new("LAST_OWNER", "No."))]);
        assert_eq!(report.summary(1), "Stopped before the end. So far: 1 removed, 1 unchanged, 1 refused.");
        report.complete();
        assert_eq!(report.summary(1), "1 removed, 1 unchanged, 1 refused.");
        assert_eq!(
            Report::new("removed", true, None).summary(0),
            "Dry run, nothing was done. It would be: 0 removed."
        );
    }

    #[test]
    fn who_was_refused_is_named_as_they_were_named() {
        let error = || ItemError::new("MEMBER_NOT_FOUND", "Nobody.");
        let outcomes = [Outcome::refused("bob@example.com", error()), Outcome::refused("member_1", error())];
        let named = |outcome: &Outcome| json!([outcome.member, outcome.email, outcome.changed]);
        assert_eq!(named(&outcomes[0]), json!([null, "bob@example.com", false]));
        assert_eq!(named(&outcomes[1]), json!(["member_1", null, false]));
    }
}
