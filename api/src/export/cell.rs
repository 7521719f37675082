//! A value in a table, as the two formats write it.

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::prelude::Json;
use serde::Serialize;

/// A value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// There is none: `null`, or an empty field.
    Empty,
    /// A text.
    Text(String),
    /// Several texts: an array, or one field with semicolons.
    Texts(Vec<String>),
    /// JSON, which CSV has as a text.
    Json(Json),
}

/// With what CSV separates several texts in one field.
const SEPARATOR: &str = "; ";

impl Cell {
    /// A name, an address, an id.
    pub(super) fn text(text: impl ToString) -> Self {
        Self::Text(text.to_string())
    }

    /// A time, as RFC 3339 writes it.
    pub(super) fn time(time: DateTime<Utc>) -> Self {
        Self::Text(time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }

    /// The value as a field of a CSV file.
    pub(super) fn into_field(self) -> String {
        harmless(match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => text,
            Cell::Texts(texts) => texts.join(SEPARATOR),
            Cell::Json(json) => json.to_string(),
        })
    }
}

/// A value that may be missing.
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Empty, Into::into)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Json> for Cell {
    fn from(json: Json) -> Self {
        Self::Json(json)
    }
}

/// Spreadsheets run a field that begins like a formula, and people choose their names: an apostrophe before it makes
/// it a text.
fn harmless(mut field: String) -> String {
    if field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        field.insert(0, '\'');
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_becomes_a_text() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(Cell::text(formula).into_field(), format!("'{formula}"));
        }
        for text in ["", "Zoë", "a=1", "'quoted'", "{\"a\":-1}"] {
            assert_eq!(Cell::text(text).into_field(), text);
        }
        assert_eq!(Cell::Texts(vec!["=A".to_owned(), "B".to_owned()]).into_field(), "'=A; B");
    }
}
