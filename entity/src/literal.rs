//! Constants that stand in the SQL text and are not bound: PostgreSQL makes one plan for all values of what is bound, and
//! then neither uses a partial index nor knows how many rows have a rare value.

use sea_orm::{
    ActiveEnum,
    sea_query::{Expr, SimpleExpr},
};

/// Whether a column, named in SQL, has one of these values. They are words of ours, in which nothing is to be escaped.
pub(crate) fn has_word<E>(column: &str, values: &[E]) -> SimpleExpr
where
    E: ActiveEnum<Value = String> + Clone,
{
    let mut words: Vec<_> = values.iter().cloned().map(ActiveEnum::into_value).collect();
    words.sort_unstable();
    words.dedup();
    match words.as_slice() {
        [] => Expr::cust("1 = 0"),
        words => Expr::cust(format!("{column} IN ('{}')", words.join("', '"))),
    }
}
