//! Statements whose best plan depends on their values: a page of a search that finds nobody is read in another way than one that
//! finds everybody.

use sea_orm::{
    DatabaseBackend,
    sea_query::{Expr, SimpleExpr},
};

/// A condition that always holds, and with which PostgreSQL makes a plan for each call. Otherwise it goes over to one plan for all
/// values after five calls on a connection, if these were dear: and that plan may read and sort a million members for a page.
///
/// With the value known nothing is left of the condition; without, the plan seems to be very dear. What seems so is never done, also where
/// somebody has PostgreSQL make one plan in any case: as it is about the row, nothing is counted before the value has been looked at.
pub(crate) fn own_plan(backend: DatabaseBackend, table: &str) -> SimpleExpr {
    match backend {
        DatabaseBackend::Postgres => Expr::cust_with_values(
            format!(
                "($1 OR (SELECT COUNT(*) FROM generate_series(1, 1000000000) WHERE {table}.id IS NOT NULL) = 0)"
            ),
            [true],
        ),
        // It makes its plans before it knows the values.
        _ => Expr::cust("1 = 1"),
    }
}
