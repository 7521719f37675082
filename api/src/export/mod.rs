//! Exports: all rows of one table of an organization, written page by page, so that a million rows take no more memory
//! than a thousand. Nothing is held between two pages: no connection, no transaction, no lock.
//!
//! A page is a range of ids. Rows that are made while the export runs may be in it or not; no row is in it twice, and none
//! that was there from the beginning to the end is left out.

mod activities;
mod cell;
mod format;
mod members;

use roster_entity::{
    Permission,
    keyset::{self, Ordering, Window},
};
use sea_orm::{
    DatabaseConnection, DbErr, EntityTrait, Select,
    prelude::Uuid,
    sea_query::{IntoColumnRef, SimpleExpr},
};

use crate::membership::{Access, Result};

pub use activities::Activities;
pub use cell::Cell;
pub use format::Format;
pub use members::Members;

/// How many rows are read at a time.
const PAGE: u64 = 1_000;

/// What can be exported: a kind of row, and which of them.
pub trait Table: Send + Sync + 'static {
    /// What the file is called after.
    const NAME: &'static str;

    /// What one needs to read it.
    const PERMISSION: Permission;

    /// The names of the columns.
    const COLUMNS: &'static [&'static str];

    /// The first rows after the row with the id `after`, in the order of the ids, as `access` may see them.
    fn page(
        &self,
        conn: &DatabaseConnection,
        access: &Access,
        after: Option<Uuid>,
    ) -> impl Future<Output = std::result::Result<Page, DbErr>> + Send;
}

/// A part of a table.
#[derive(Debug)]
pub struct Page {
    /// The rows, with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// The id of the last row; `None` if no rows come after it.
    pub last: Option<Uuid>,
}

/// An export on its way.
#[derive(Debug)]
pub struct Export<T> {
    table: T,
    format: Format,
    position: Position,
}

#[derive(Clone, Copy, Debug)]
enum Position {
    Start,
    After(Uuid),
    End,
}

impl<T: Table> Export<T> {
    /// An export from the beginning.
    pub fn new(table: T, format: Format) -> Self {
        Self { table, format, position: Position::Start }
    }

    /// The next part of the text; `None` after the last. Asks anew whether the caller may read the table.
    pub async fn next(&mut self, conn: &DatabaseConnection, access: &Access) -> Result<Option<Vec<u8>>> {
        access.require(T::PERMISSION)?;
        let mut text = Vec::new();
        let after = match self.position {
            Position::Start => {
                self.format.begin(T::COLUMNS, &mut text);
                None
            }
            Position::After(id) => Some(id),
            Position::End => return Ok(None),
        };
        let page = self.table.page(conn, access, after).await?;
        self.format.write(T::COLUMNS, page.rows, &mut text);
        self.position = page.last.map_or(Position::End, Position::After);
        Ok(Some(text))
    }
}

/// The rows of a list that come after `after` by their id.
async fn rows_after<E: EntityTrait>(
    conn: &DatabaseConnection,
    list: Select<E>,
    id: impl IntoColumnRef,
    after: Option<Uuid>,
) -> std::result::Result<keyset::Page<E::Model>, DbErr> {
    let window = Window { after: after.map(|id| vec![id.into()]), before: None, size: PAGE, from_end: false };
    let ordering = Ordering::new([SimpleExpr::Column(id.into_column_ref())], false);
    window.fetch(conn, list, &ordering).await
}
