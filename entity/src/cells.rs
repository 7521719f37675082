//! Rows read by the places of their columns. By name, as sea-orm reads a model, each value costs the making of the name and a
//! search for it, half of what a long list costs.

use sea_orm::{
    DbErr, EntityTrait, Iterable, QueryResult, TryGetable,
    sqlx::{Row, ValueRef},
};

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

    /// The next cell, if it is not NULL. What sea-orm makes of a NULL is an error with a text, which is thrown away.
    pub(crate) fn take_optional<T: TryGetable>(&mut self) -> Result<Option<T>, DbErr> {
        if self.is_null() {
            self.next += 1;
            return Ok(None);
        }
        self.take().map(Some)
    }

    /// The next model, which `read` reads, if the join has found one: its first column is its id.
    pub(crate) fn take_joined<E: EntityTrait>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<E::Model, DbErr>,
    ) -> Result<Option<E::Model>, DbErr> {
        if self.is_null() {
            self.next += E::Column::iter().count();
            return Ok(None);
        }
        read(self).map(Some)
    }

    /// Of a column that is not there, [`Cells::take`] says so.
    fn is_null(&self) -> bool {
        if let Some(row) = self.row.try_as_pg_row() {
            row.try_get_raw(self.next).is_ok_and(|cell| cell.is_null())
        } else if let Some(row) = self.row.try_as_sqlite_row() {
            row.try_get_raw(self.next).is_ok_and(|cell| cell.is_null())
        } else {
            false
        }
    }
}
