//! Whom a command is about: named as arguments, or one a line in a file.

use std::{fs, io, path::PathBuf};

use crate::cli::failure::Failure;

/// Where the names come from.
#[derive(Debug, clap::Args)]
pub(super) struct From {
    /// Read more of them from a file, one a line; - is standard input. Empty lines, and those that begin with #, are
    /// skipped.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

impl From {
    /// Those of the arguments, then those of the file.
    pub(super) fn read(&self, arguments: Vec<String>) -> Result<Vec<String>, Failure> {
        let mut items = arguments;
        if let Some(path) = &self.from {
            let text = match path.as_os_str() == "-" {
                true => io::read_to_string(io::stdin()),
                false => fs::read_to_string(path),
            };
            let text = text.map_err(|error| {
                Failure::Usage(format!("The file {} cannot be read: {error}.", path.display()))
            })?;
            items.extend(lines(&text).map(str::to_owned));
        }
        if items.is_empty() && self.from.is_none() {
            return Err(Failure::Usage(
                "Nobody is named. Name people as arguments, or in a file with --from.".to_owned(),
            ));
        }
        Ok(items)
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_a_line_without_empty_lines_and_comments() {
        let text = "\u{feff}bob@example.com\r\n\n# gone since May\n  zoë@example.com \n#zed@example.com\nno#1@example.com";
        let found: Vec<_> = lines(text).collect();
        assert_eq!(found, ["bob@example.com", "zoë@example.com", "no#1@example.com"]);
    }
}
