//! All that the database keeps, as text: for what must not be in it.

use roster_tests::Roster;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

/// Every column of every table that can hold text, and the others as SQL prints them.
pub(crate) async fn everything_in_the_database(roster: &Roster) -> String {
    let db = roster.parts().database.read();
    let tables = ["organizations", "users", "identities", "members", "groups", "api_tokens", "activities"];
    let mut all = String::new();
    for table in tables.into_iter().chain(["invitations", "notifications"]) {
        let sql = match db.get_database_backend() {
            DbBackend::Postgres => format!("SELECT CAST(t AS text) AS line FROM {table} t"),
            _ => sqlite_lines(roster, table).await,
        };
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
        all.extend(rows.iter().map(|row| row.try_get::<String>("", "line").unwrap() + "\n"));
    }
    all
}

async fn sqlite_lines(roster: &Roster, table: &str) -> String {
    let db = roster.parts().database.read();
    let columns =
        Statement::from_string(DbBackend::Sqlite, format!("SELECT name FROM pragma_table_info('{table}')"));
    let columns = db.query_all_raw(columns).await.unwrap();
    let name = |row: &sea_orm::QueryResult| row.try_get::<String>("", "name").unwrap();
    let quoted: Vec<_> = columns.iter().map(|row| format!("quote({})", name(row))).collect();
    format!("SELECT {} AS line FROM {table}", quoted.join(" || ' ' || "))
}
