//! The formats: CSV for spreadsheets, JSON lines for programs.

use serde::{Serialize, Serializer};

use super::Cell;

/// How the rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, in UTF-8, with a line of names. A field that a spreadsheet would take for a formula has an apostrophe
    /// before it.
    #[default]
    Csv,
    /// A JSON object a line, each with all columns, exactly as they are.
    JsonLines,
}

impl Format {
    /// The format with this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }

    /// The end of the file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// The media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl",
        }
    }

    /// Writes what comes before all rows.
    pub(super) fn begin(self, columns: &[&str], text: &mut Vec<u8>) {
        if self == Self::Csv {
            write_csv([columns], text);
        }
    }

    /// Writes rows.
    pub(super) fn write(self, columns: &[&str], rows: Vec<Vec<Cell>>, text: &mut Vec<u8>) {
        match self {
            Self::Csv => write_csv(rows.into_iter().map(|row| row.into_iter().map(Cell::into_field)), text),
            Self::JsonLines => {
                for row in &rows {
                    serde_json::to_writer(&mut *text, &Object { columns, row })
                        .expect("a cell is plain data");
                    text.push(b'\n');
                }
            }
        }
    }
}

fn write_csv<R>(rows: impl IntoIterator<Item = R>, text: &mut Vec<u8>)
where
    R: IntoIterator<Item: AsRef<[u8]>>,
{
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(text);
    for row in rows {
        writer.write_record(row).expect("the rows are of one length, and memory takes all of them");
    }
    writer.flush().expect("memory takes all of it");
}

/// A row with the names of its columns.
struct Object<'a> {
    columns: &'a [&'a str],
    row: &'a [Cell],
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.columns.iter().zip(self.row))
    }
}
