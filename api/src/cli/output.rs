//! Results on standard output: JSON for programs, a table for people.

use std::io::{self, IsTerminal, Write};

use unicode_width::UnicodeWidthStr;

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For programs.
    Json,
    /// For people.
    Table,
}

impl Format {
    /// What was asked for; otherwise a table on a terminal, and JSON for whatever else reads.
    pub(super) fn or_fitting(asked: Option<Self>) -> Self {
        asked.unwrap_or(if io::stdout().is_terminal() { Self::Table } else { Self::Json })
    }
}

/// Columns that are as wide as what was written so far: rows can come in portions, and nothing is kept.
#[derive(Default)]
pub(super) struct Table {
    widths: Vec<usize>,
}

impl Table {
    /// Writes rows below those before. The last column is as wide as it is.
    pub(super) fn write<const N: usize>(
        &mut self,
        out: &mut impl Write,
        rows: &[[String; N]],
    ) -> io::Result<()> {
        let rows: Vec<[String; N]> = rows.iter().map(|row| row.each_ref().map(|cell| clean(cell))).collect();
        self.widths.resize(N, 0);
        for row in &rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = cell.width().max(*width);
            }
        }
        for row in &rows {
            let mut line = String::new();
            for (width, cell) in self.widths.iter().zip(row) {
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', width + 2 - cell.width()));
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// A text that a stranger may have chosen, without what would command the terminal.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A number as people read it: `1,001`.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written<const N: usize>(portions: &[&[[&str; N]]]) -> String {
        let (mut table, mut out) = (Table::default(), Vec::new());
        for portion in portions {
            let rows: Vec<_> = portion.iter().map(|row| row.map(str::to_owned)).collect();
            table.write(&mut out, &rows).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_are_as_wide_as_they_look() {
        let rows = written(&[&[["NAME", "EMAIL"], ["Zoë", "zoe@example.com"], ["山田", "y@example.com"]]]);
        assert_eq!(rows, "NAME  EMAIL\nZoë   zoe@example.com\n山田  y@example.com\n");
    }

    #[test]
    fn later_portions_are_never_narrower() {
        let rows = written(&[&[["wide name", "a"]], &[["b", "c"]]]);
        assert_eq!(rows, "wide name  a\nb          c\n");
    }

    #[test]
    fn a_name_cannot_command_the_terminal() {
        assert_eq!(written(&[&[["\u{1b}[2JBob\nRoot"]]]), " [2JBob Root\n");
    }

    #[test]
    fn thousands_have_commas() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
