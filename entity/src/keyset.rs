//! Pages of a list by keyset: "the next rows after this key" is a range of an index, as fast on the ten-thousandth page
//! as on the first. The comparison is one of row values, `(a, b) > (x, y)`, because the `OR` that says the same is
//! planned as a scan.

use std::fmt::Write;

use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QueryResult, QueryTrait,
    Select, Value,
    sea_query::{Expr, ExprTrait, IntoColumnRef, NullOrdering, Order, SimpleExpr},
};

/// Which part of a list is wanted, and in which direction it is read.
#[derive(Clone, Debug)]
pub struct Window {
    /// Only rows after the row with this key.
    pub after: Option<Vec<Value>>,
    /// Only rows before the row with this key.
    pub before: Option<Vec<Value>>,
    /// How many rows.
    pub size: u64,
    /// Whether the window lies at the end of the list.
    pub from_end: bool,
}

/// A page of a list, in the list's order.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether there are rows before the first.
    pub has_previous: bool,
    /// Whether there are rows after the last.
    pub has_next: bool,
}

/// The order of a list: expressions that together are unique, the last one an id.
#[derive(Clone, Debug)]
pub struct Ordering {
    by: Vec<SimpleExpr>,
    descending: bool,
    nulls_first: bool,
}

impl Ordering {
    /// By these, the most significant first; the greatest first if it is `descending`.
    pub fn new(by: impl Into<Vec<SimpleExpr>>, descending: bool) -> Self {
        Self { by: by.into(), descending, nulls_first: false }
    }

    /// The newest first, by ids, as the indexes `…_newest_first` have them: with `NULLS FIRST`, without there being any. The primary key
    /// is in another order. With it, PostgreSQL would rather walk over the ids of all organizations where these are few, as it does not
    /// know that one has made all the newest rows.
    pub fn newest(id: impl IntoColumnRef) -> Self {
        Self { nulls_first: true, ..Self::new([SimpleExpr::Column(id.into_column_ref())], true) }
    }

    fn key(&self) -> SimpleExpr {
        row_value(self.by.clone())
    }

    /// Restricts and sorts a list to what a window looks at.
    pub fn apply<E: EntityTrait>(&self, mut list: Select<E>, window: &Window) -> Select<E> {
        let bound = |key: &Vec<Value>| row_value(key.iter().cloned().map(Expr::val));
        if let Some(after) = &window.after {
            let after = bound(after);
            list = list.filter(if self.descending { self.key().lt(after) } else { self.key().gt(after) });
        }
        if let Some(before) = &window.before {
            let before = bound(before);
            list = list.filter(if self.descending { self.key().gt(before) } else { self.key().lt(before) });
        }
        let (order, nulls) = match self.descending == window.from_end {
            true => (Order::Asc, NullOrdering::First),
            false => (Order::Desc, NullOrdering::Last),
        };
        for expression in &self.by {
            list = match self.nulls_first {
                true => list.order_by_with_nulls(expression.clone(), order.clone(), nulls),
                false => list.order_by(expression.clone(), order.clone()),
            };
        }
        list
    }
}

impl Window {
    /// The page that the fetched rows make: one row more than the window shows where the list goes on.
    fn page<T>(&self, mut rows: Vec<T>) -> Page<T> {
        let more = rows.len() as u64 > self.size;
        rows.truncate(usize::try_from(self.size).unwrap_or(usize::MAX));
        if self.from_end {
            rows.reverse();
            Page { rows, has_previous: more, has_next: self.before.is_some() }
        } else {
            Page { rows, has_previous: self.after.is_some(), has_next: more }
        }
    }

    /// Fetches the window of a list.
    pub async fn fetch<E: EntityTrait>(
        &self,
        conn: &impl ConnectionTrait,
        list: Select<E>,
        ordering: &Ordering,
    ) -> Result<Page<E::Model>, DbErr> {
        self.fetch_with(conn, ordering.apply(list, self), |row| E::Model::from_query_result(row, "")).await
    }

    /// Fetches the window of a list to which [`Ordering::apply`] was applied, and reads each row.
    pub async fn fetch_with<T>(
        &self,
        conn: &impl ConnectionTrait,
        list: impl QueryTrait,
        read: impl Fn(&QueryResult) -> Result<T, DbErr>,
    ) -> Result<Page<T>, DbErr> {
        let mut statement = list.build(conn.get_database_backend());
        // Not a bound value: of a limit that it does not know PostgreSQL expects a tenth of the rows, and makes a plan for each
        // call, as the plan for all calls seems too dear.
        write!(statement.sql, " LIMIT {}", self.size + 1).expect("a string takes everything");
        let rows = conn.query_all_raw(statement).await?;
        Ok(self.page(rows.iter().map(read).collect::<Result<_, _>>()?))
    }
}

fn row_value(parts: impl IntoIterator<Item = SimpleExpr>) -> SimpleExpr {
    let mut parts: Vec<_> = parts.into_iter().collect();
    if parts.len() == 1 { parts.remove(0) } else { Expr::tuple(parts) }
}
