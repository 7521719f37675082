//! The writes of a transaction, sent together. PostgreSQL gets all of them as one statement, in which each is a CTE and a list of any
//! length one array: one way to the server, and few texts, each planned once. SQLite, which has neither, and to which there is
//! no way, gets one after the other.

mod insert;

use std::fmt::Write as _;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, FromQueryResult,
    QueryTrait, Value,
    sea_query::{
        DeleteStatement, Expr, ExprTrait, PostgresQueryBuilder, SimpleExpr, SqlWriterValues, UpdateStatement,
        extension::postgres::PgFunc,
    },
};

pub use insert::OnConflict;
use insert::{Insert, statement};

/// Writes of one transaction that are not sent yet. As one statement they do not see each other, so no two of them may be
/// about the same row, and what reads what they write has to wait until they are [sent](Self::send).
#[derive(Debug, Default)]
pub struct Writes(Vec<Write>);

#[derive(Debug)]
enum Write {
    Insert(Insert),
    Update(UpdateStatement),
    Delete(DeleteStatement),
}

impl Writes {
    /// Inserts rows, all columns of which are set.
    pub fn insert<A: ActiveModelTrait>(&mut self, rows: Vec<A>) {
        self.0.extend(Insert::of(rows).map(Write::Insert));
    }

    /// The same, where some of them may be there.
    pub fn upsert<A: ActiveModelTrait>(
        &mut self,
        rows: Vec<A>,
        there: &OnConflict<'_, <A::Entity as EntityTrait>::Column>,
    ) {
        self.0.extend(Insert::of(rows).map(|insert| Write::Insert(insert.or(there))));
    }

    /// Changes rows.
    pub fn update(&mut self, update: impl QueryTrait<QueryStatement = UpdateStatement>) {
        self.0.push(Write::Update(update.into_query()));
    }

    /// Deletes rows.
    pub fn delete(&mut self, delete: impl QueryTrait<QueryStatement = DeleteStatement>) {
        self.0.push(Write::Delete(delete.into_query()));
    }

    /// Sends what was gathered.
    pub async fn send(&mut self, conn: &impl ConnectionTrait) -> Result<(), DbErr> {
        let writes = std::mem::take(&mut self.0);
        if conn.get_database_backend() == DatabaseBackend::Postgres {
            if !writes.is_empty() {
                conn.execute_raw(together(writes)).await?;
            }
            return Ok(());
        }
        for write in writes {
            match write {
                Write::Update(update) => {
                    conn.execute(&update).await?;
                }
                Write::Delete(delete) => {
                    conn.execute(&delete).await?;
                }
                Write::Insert(insert) => {
                    for some in insert.for_sqlite() {
                        conn.execute_raw(some).await?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// One statement of PostgreSQL that does all of it: the last one, with the others in front.
fn together(writes: Vec<Write>) -> sea_orm::Statement {
    let mut sql = SqlWriterValues::new("$", true);
    let last = writes.len() - 1;
    for (number, write) in writes.into_iter().enumerate() {
        let start = if number == 0 { "WITH" } else { "," };
        if number < last {
            write!(sql, "{start} write_{number} AS (").expect("a text takes everything");
        }
        match write {
            Write::Insert(insert) => insert.for_postgres(&mut sql),
            Write::Update(update) => update.build_collect_into(PostgresQueryBuilder, &mut sql),
            Write::Delete(delete) => delete.build_collect_into(PostgresQueryBuilder, &mut sql),
        }
        if number < last {
            sql.write_str(") ").expect("a text takes everything");
        }
    }
    statement(DatabaseBackend::Postgres, sql)
}

/// Inserts rows, all columns of which are set, and returns them: of those that are there, what they are now.
pub async fn upsert_returning<A: ActiveModelTrait>(
    conn: &impl ConnectionTrait,
    rows: Vec<A>,
    there: &OnConflict<'_, <A::Entity as EntityTrait>::Column>,
) -> Result<Vec<<A::Entity as EntityTrait>::Model>, DbErr> {
    let mut all = Vec::with_capacity(rows.len());
    let Some(insert) = Insert::of(rows) else { return Ok(all) };
    for some in insert.or(there).returning().statements(conn.get_database_backend()) {
        for row in conn.query_all_raw(some).await? {
            all.push(<A::Entity as EntityTrait>::Model::from_query_result(&row, "")?);
        }
    }
    Ok(all)
}

/// A column has one of these values.
pub fn one_of<C: ColumnTrait, V: Into<Value>>(
    backend: DatabaseBackend,
    column: C,
    values: impl IntoIterator<Item = V>,
) -> SimpleExpr {
    let values: Vec<Value> = values.into_iter().map(Into::into).collect();
    match values.first() {
        Some(first) if backend == DatabaseBackend::Postgres => {
            let array = Value::Array(first.array_type(), Some(Box::new(values)));
            Expr::col(column.as_column_ref()).eq(PgFunc::any(Expr::val(array)))
        }
        _ => column.is_in(values),
    }
}
