//! What a command that calls the API tells of its way: on standard error, a bar only on a terminal.

use std::{io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar, a counter, or nothing; and lines that do not disturb it.
#[derive(Clone)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Nothing but lines.
    pub(super) fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    /// A bar that is full at `total`.
    pub(super) fn of(total: usize) -> Self {
        Self::with(ProgressBar::new(total as u64), "{bar:40} {human_pos} of {human_len}, {eta} to go")
    }

    /// A count of which nobody knows the end.
    pub(super) fn count(what: &str) -> Self {
        Self::with(ProgressBar::no_length(), &format!("{{spinner}} {{human_pos}} {what}"))
    }

    /// A count of bytes of which nobody knows the end.
    pub(super) fn bytes() -> Self {
        Self::with(ProgressBar::no_length(), "{spinner} {bytes}, {bytes_per_sec}")
    }

    /// What `shown` shows, unless the results go to the same terminal.
    pub(super) fn beside_output(shown: fn() -> Self) -> Self {
        if std::io::stdout().is_terminal() { Self::hidden() } else { shown() }
    }

    fn with(bar: ProgressBar, template: &str) -> Self {
        let style = ProgressStyle::with_template(template).expect("the templates above are right");
        bar.set_style(style);
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// This many more are done.
    pub(super) fn advance(&self, count: usize) {
        self.0.inc(count as u64);
    }

    /// A line on standard error.
    pub(super) fn note(&self, line: &str) {
        self.0.suspend(|| eprintln!("roster: {line}"));
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
