//! All that a Roster keeps, for tests of what it must not keep.

use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, Statement};
use secrecy::ExposeSecret;

use crate::{Roster, redis_list};

impl Roster {
    /// Every row of every table, as text; bytes are in hexadecimal digits.
    pub async fn everything_stored(&self) -> String {
        let db = self.parts().database.write();
        let backend = db.get_database_backend();
        let tables = match backend {
            DatabaseBackend::Postgres => {
                "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = 'public'"
            }
            _ => "SELECT name AS line FROM sqlite_master WHERE type = 'table'",
        };
        let mut all = Vec::new();
        for table in lines(db, tables).await {
            let row = match backend {
                DatabaseBackend::Postgres => format!("(\"{table}\")::text"),
                _ => {
                    let columns = format!("SELECT name AS line FROM pragma_table_info('{table}')");
                    let quoted = |column: &String| format!("quote(\"{column}\")");
                    lines(db, &columns).await.iter().map(quoted).collect::<Vec<_>>().join(" || ' ' || ")
                }
            };
            all.extend(lines(db, &format!("SELECT {row} AS line FROM \"{table}\"")).await);
        }
        all.join("\n")
    }

    /// The tables and columns of the database, with the types that PostgreSQL has for them.
    pub async fn columns(&self) -> Vec<(String, String, String)> {
        let sql = "SELECT table_name || ' ' || column_name || ' ' || data_type AS line FROM information_schema.columns
            WHERE table_schema = 'public' ORDER BY 1";
        let lines = lines(self.parts().database.write(), sql).await;
        let parts = |line: &String| {
            let mut parts = line.splitn(3, ' ').map(str::to_owned);
            let mut part = || parts.next().expect("three parts");
            (part(), part(), part())
        };
        lines.iter().map(parts).collect()
    }

    /// What stands in a column, in every row in which it has something; in whatever order.
    pub async fn column(&self, table: &str, column: &str) -> Vec<String> {
        let db = self.parts().database.write();
        let text = match db.get_database_backend() {
            DatabaseBackend::Postgres => format!("CAST({column} AS text)"),
            _ => format!("CASE typeof({column}) WHEN 'blob' THEN hex({column}) ELSE {column} END"),
        };
        lines(db, &format!("SELECT {text} AS line FROM {table} WHERE {column} IS NOT NULL")).await
    }

    /// All that stands in the Redis queue, as Redis says it, without taking it out.
    pub async fn redis_queue(&self) -> String {
        let config = &self.parts().config.queue;
        redis_list(config.url.expose_secret(), &config.key).await
    }
}

async fn lines(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    rows.iter().map(|row| row.try_get("", "line").unwrap_or_else(|e| panic!("{sql}: {e}"))).collect()
}
