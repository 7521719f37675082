//! Reads statements and their parameters from PostgreSQL's log.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use anyhow::Result;

/// A statement that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Its text, with `$1` and so on.
    pub(crate) text: String,
    /// What stood for them, in PostgreSQL's text form; `None`: NULL.
    pub(crate) parameters: Vec<Option<String>>,
}

/// What was logged after so many bytes.
pub(super) fn read_from(log: &Path, offset: u64) -> Result<String> {
    let mut file = File::open(log)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The statements in a log, in order. An entry is a line, and those after it that begin with a tab.
pub(super) fn statements(log: &str) -> Vec<Statement> {
    let mut found: Vec<Statement> = Vec::new();
    for entry in log.replace("\n\t", "\0").lines() {
        let entry = entry.replace('\0', "\n");
        if let Some((_, message)) = entry.split_once("LOG:  ") {
            let text = match message.strip_prefix("statement: ") {
                Some(text) => Some(text),
                None => message.strip_prefix("execute ").and_then(|rest| Some(rest.split_once(": ")?.1)),
            };
            let statement = |text: &str| Statement { text: text.trim().to_owned(), parameters: Vec::new() };
            found.extend(text.map(statement));
        } else if let Some((_, detail)) = entry.split_once("DETAIL:  ")
            && let Some(values) = detail.get("parameters: ".len()..)
            && let Some(last) = found.last_mut()
        {
            last.parameters = parameters(values);
        }
    }
    found
}

/// `$1 = 'it''s', $2 = NULL`
fn parameters(text: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    let mut rest = text;
    while let Some((_, value)) = rest.split_once(" = ") {
        let Some(quoted) = value.strip_prefix('\'') else {
            values.push(None);
            rest = value;
            continue;
        };
        let end = end_of_quoted(quoted);
        values.push(Some(quoted[..end].replace("''", "'")));
        rest = quoted.get(end + 1..).unwrap_or_default();
    }
    values
}

/// Where the quote stands that is not doubled.
fn end_of_quoted(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        match (bytes[index], bytes.get(index + 1)) {
            (b'\'', Some(b'\'')) => index += 2,
            (b'\'', _) => return index,
            _ => index += 1,
        }
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_read_with_their_parameters() {
        let log = "2026-11-22 12:00:00.000 UTC [7] LOG:  statement: BEGIN\n\
            2026-11-22 12:00:00.000 UTC [7] LOG:  execute sqlx_s_1: SELECT a\n\t\tFROM b WHERE c = $1 AND d = $2\n\
            2026-11-22 12:00:00.000 UTC [7] DETAIL:  parameters: $1 = 'it''s, $2 = ''x''', $2 = NULL\n\
            2026-11-22 12:00:00.000 UTC [9] LOG:  checkpoint starting: time\n\
            2026-11-22 12:00:00.000 UTC [7] LOG:  execute <unnamed>: SELECT 1\n";
        let statement = |text: &str, parameters: &[Option<&str>]| Statement {
            text: text.to_owned(),
            parameters: parameters.iter().map(|value| value.map(str::to_owned)).collect(),
        };
        assert_eq!(
            statements(log),
            [
                statement("BEGIN", &[]),
                statement("SELECT a\n\tFROM b WHERE c = $1 AND d = $2", &[Some("it's, $2 = 'x'"), None]),
                statement("SELECT 1", &[]),
            ]
        );
    }
}
