//! Rows read by the places of their columns. By name, as sea-orm reads a model, each value costs the making of the name and a
//! search for it, half of what a long list costs.

use sea_orm::{DbErr, QueryResult, TryGetable};

/// The cells of a row, from the first to the last: the columns of models, in the order of their fields.
pub(crate) struct Cells<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl<'a> Cells<'a> {
    pub(crate) fn of(row: &'a QueryResult) -> Self {
        Self { row, next: 0 }
    }

    /// The next cell.
    pub(crate) fn take<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let cell = self.row.try_get_by_index(self.next)?;
        self.next += 1;
        Ok(cell)
    }
}
