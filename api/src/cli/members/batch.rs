//! Long lists, portion by portion, each under a key of its own: a run that broke off goes on where it stopped.

use std::process::ExitCode;

use super::{
    Common,
    report::{Outcome, Report},
};
use crate::cli::{
    client::Client,
    failure::Failure,
    interrupt::Interrupt,
    output::{Format, thousands},
    progress::Progress,
};

/// How a change of many members is made.
#[derive(Debug, clap::Args)]
pub(super) struct Mode {
    /// All or nobody: if one is refused, nothing is done.
    #[arg(long)]
    pub(super) atomic: bool,
    /// Only say what would be done.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Names this run: after an interruption, the same command with the same key goes on where it stopped, and does
    /// nothing twice. Without it, a new one is drawn and told on standard error. Kept for 24 hours.
    #[arg(long, value_name = "KEY", value_parser = key)]
    idempotency_key: Option<String>,
}

fn key(text: &str) -> Result<String, &'static str> {
    let fits = (1..=100).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        Ok(text.to_owned())
    } else {
        Err("A key has 1 to 100 letters, digits and signs, without spaces.")
    }
}

impl Mode {
    /// As the API names it.
    pub(super) fn name(&self) -> &'static str {
        if self.atomic { "ATOMIC" } else { "PARTIAL" }
    }

    /// Refuses to do more at once than the API takes in one call, as two calls are never all or nobody.
    pub(super) fn check(&self, count: usize, most: usize) -> Result<(), Failure> {
        if !self.atomic || count <= most {
            return Ok(());
        }
        let (count, most) = (thousands(count), thousands(most));
        Err(Failure::Usage(format!("With --atomic, at most {most} people can be named; these are {count}.")))
    }

    /// The key of the run, which a dry run does not need.
    pub(super) fn key(&self) -> Result<Option<String>, Failure> {
        match (&self.idempotency_key, self.dry_run) {
            (_, true) => Ok(None),
            (Some(key), false) => Ok(Some(key.clone())),
            (None, false) => draw_key().map(Some),
        }
    }
}

fn draw_key() -> Result<String, Failure> {
    let mut random = [0; 12];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::Usage(format!("No idempotency key can be drawn: {error}. Give one.")))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// One call of a run.
pub(super) struct Portion<'a, T> {
    /// Who.
    pub(super) items: &'a [T],
    /// The key of this call; `None` if it needs none.
    pub(super) key: Option<String>,
}

/// What one call answers.
pub(super) struct Done {
    /// In the order of the items.
    pub(super) outcomes: Vec<Outcome>,
    /// Whether an earlier call with the same key had done it.
    pub(super) replayed: bool,
}

/// A run: connected, and not begun.
pub(super) struct Batch {
    /// What calls.
    pub(super) client: Client,
    format: Format,
    interrupt: Interrupt,
    key: Option<String>,
    progress: Progress,
    report: Report,
}

impl Batch {
    /// A run over `count` items in portions of `size`; `verb` says what is done with them: removed.
    pub(super) fn prepare(
        common: &Common,
        verb: &'static str,
        dry_run: bool,
        key: Option<String>,
        (count, size): (usize, usize),
    ) -> Result<Self, Failure> {
        let interrupt = Interrupt::listen()?;
        let progress = if count > size { Progress::of(count) } else { Progress::hidden() };
        let client = Client::new(&common.server, interrupt.clone(), progress.clone())?;
        let report = Report::new(verb, dry_run, key.clone());
        Ok(Self { client, format: common.format(), interrupt, key, progress, report })
    }

    /// Sends portion after portion; writes what became of everybody, and how to go on if it was stopped.
    pub(super) fn run<T>(
        mut self,
        items: &[T],
        size: usize,
        send: impl Fn(&Client, Portion<T>) -> Result<Done, Failure>,
    ) -> Result<ExitCode, Failure> {
        if let Some(key) = self.key.as_ref().filter(|_| !items.is_empty()) {
            self.progress.note(&format!("The idempotency key of this run is {key}."));
            self.interrupt.set_advice(advice(key));
        }
        let stopped = self.send_all(items, size, send).err();
        self.progress.finish();
        let Some(failure) = stopped else {
            self.report.complete();
            return self.report.write(self.format);
        };
        let begun = !self.report.is_empty();
        if begun {
            self.report.write(self.format)?;
        }
        let code = failure.report();
        if failure.is_reused_key() {
            eprintln!(
                "roster: The people or the options are not those of the run that this key is of. Without --idempotency-key a new run begins; what is done already is not done twice."
            );
        } else if begun || failure.leaves_doubt() {
            self.interrupt.advise();
        }
        Ok(code)
    }

    fn send_all<T>(
        &mut self,
        items: &[T],
        size: usize,
        send: impl Fn(&Client, Portion<T>) -> Result<Done, Failure>,
    ) -> Result<(), Failure> {
        let mut replayed = 0;
        for (number, items) in (1..).zip(items.chunks(size)) {
            self.interrupt.check()?;
            let key = self.key.as_ref().map(|key| format!("{key}-{number}"));
            let done = send(&self.client, Portion { items, key })?;
            if done.replayed {
                replayed += items.len();
            }
            self.report.extend(done.outcomes);
            self.progress.advance(items.len());
        }
        if replayed > 0 {
            let replayed = thousands(replayed);
            self.progress.note(&format!("{replayed} were dealt with before, in a run with this key."));
        }
        Ok(())
    }
}

fn advice(key: &str) -> String {
    format!("To go on, run the same command again with --idempotency-key {key}. Nothing is done twice.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_drawn_anew() {
        let (one, other) = (draw_key().unwrap(), draw_key().unwrap());
        assert_ne!(one, other);
        assert_eq!(key(&one), Ok(one.clone()));
        for wrong in ["", "two words", "schlüssel", &"k".repeat(101)] {
            assert!(key(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn all_or_nobody_is_one_call() {
        let mode = |atomic| Mode { atomic, dry_run: false, idempotency_key: None };
        assert!(mode(true).check(1_000, 1_000).is_ok());
        assert!(mode(false).check(1_001, 1_000).is_ok());
        let refused = mode(true).check(1_001, 1_000).unwrap_err().to_string();
        assert_eq!(refused, "With --atomic, at most 1,000 people can be named; these are 1,001.");
    }
}
