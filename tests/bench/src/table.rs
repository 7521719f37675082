//! Tables in Markdown.

/// Prints a heading.
pub(crate) fn heading(text: &str) {
    println!("\n## {text}\n");
}

/// Prints a paragraph.
pub(crate) fn say(text: &str) {
    println!("{text}\n");
}

/// A table, which is printed when it is complete, with columns as wide as what is in them.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// With these columns: the first ones name a row, those after it are figures.
    pub(crate) fn new(columns: &[&str]) -> Self {
        Self { rows: vec![columns.iter().map(|&column| column.to_owned()).collect()] }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Prints it.
    pub(crate) fn print(&self) {
        println!("{}", self.text());
    }

    fn text(&self) -> String {
        let columns = self.rows[0].len();
        let widths: Vec<usize> = (0..columns)
            .map(|column| self.rows.iter().map(|row| width(row, column)).max().unwrap_or_default())
            .collect();
        let line = |row: &Vec<String>| {
            let cells = (0..columns).map(|column| {
                let cell = row.get(column).map_or("", String::as_str);
                format!(" {cell}{} |", " ".repeat(widths[column] - width(row, column)))
            });
            format!("|{}\n", cells.collect::<String>())
        };
        let rule: String = widths.iter().map(|width| format!("{}|", "-".repeat(width + 2))).collect();
        let head = line(&self.rows[0]);
        let body: String = self.rows[1..].iter().map(line).collect();
        format!("{head}|{rule}\n{body}")
    }
}

fn width(row: &[String], column: usize) -> usize {
    row.get(column).map_or(0, |cell| cell.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let mut table = Table::new(&["what", "µs"]);
        table.row(["page".to_owned(), "12.5".to_owned()]);
        assert_eq!(table.text(), "| what | µs   |\n|------|------|\n| page | 12.5 |\n");
    }
}
