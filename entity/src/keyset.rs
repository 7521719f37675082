//! Pages of a list by keyset: "the next rows after this key" is a range of an index, as fast on the ten-thousandth page
//! as on the first. The comparison is one of row values, `(a, b) > (x, y)`, because the `OR` that says the same is
//! planned as a scan.

use sea_orm::{
    DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Value,
    sea_query::{Expr, ExprTrait, Order, SimpleExpr},
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
    /// What to sort by, the most significant first.
    pub by: Vec<SimpleExpr>,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Ordering {
    fn key(&self) -> SimpleExpr {
        row_value(self.by.clone())
    }

    /// Restricts and sorts a list to a window of it, and one row more, by which [`Window::page`] sees whether the list goes on.
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
        let order = if self.descending == window.from_end { Order::Asc } else { Order::Desc };
        for expression in &self.by {
            list = list.order_by(expression.clone(), order.clone());
        }
        list.limit(window.size + 1)
    }
}

impl Window {
    /// The page that the fetched rows make.
    pub fn page<T>(&self, mut rows: Vec<T>) -> Page<T> {
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
        conn: &impl sea_orm::ConnectionTrait,
        list: Select<E>,
        ordering: &Ordering,
    ) -> Result<Page<E::Model>, DbErr> {
        Ok(self.page(ordering.apply(list, self).all(conn).await?))
    }
}

fn row_value(parts: impl IntoIterator<Item = SimpleExpr>) -> SimpleExpr {
    let mut parts: Vec<_> = parts.into_iter().collect();
    if parts.len() == 1 { parts.remove(0) } else { Expr::tuple(parts) }
}
