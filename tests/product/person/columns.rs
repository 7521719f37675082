//! The list of what columns hold about people is complete: a new column that can hold a text must be put there.

use std::collections::BTreeSet;

use roster_api::person::COLUMNS;
use roster_tests::{On, Roster};

/// What cannot hold a text.
const TYPES: [&str; 5] = ["uuid", "timestamp with time zone", "integer", "bigint", "boolean"];

#[tokio::test]
async fn every_column_that_can_hold_a_text_is_said_to_hold_something_about_people_or_nothing() {
    let roster = Roster::start(On::Postgres).await;
    let schema: BTreeSet<_> = roster
        .columns()
        .await
        .into_iter()
        .filter(|(_, _, kind)| !TYPES.contains(&kind.as_str()))
        .map(|(table, column, _)| format!("{table}.{column}"))
        .collect();
    let said: BTreeSet<_> =
        COLUMNS.iter().map(|column| format!("{}.{}", column.table, column.name)).collect();
    assert_eq!(COLUMNS.len(), said.len(), "a column stands there twice");
    similar_asserts::assert_eq!(schema: schema, said: said);
}
