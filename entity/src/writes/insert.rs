//! Inserting any number of rows. Written here and not by the query builder, which would copy every value twice.

use std::{fmt::Write as _, vec::IntoIter};

use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseBackend, EntityName, EntityTrait, IdenStatic, Iterable, Statement,
    Value,
    sea_query::{PostgresQueryBuilder, SqlWriter, SqlWriterValues},
};

/// How many values a statement of SQLite can have.
const SQLITE_VALUES: usize = 32_766;

/// A text takes everything.
const TEXT: &str = "a text takes everything";

/// What is done about a row that is there.
#[derive(Clone, Copy, Debug)]
pub struct OnConflict<'a, C> {
    /// The column by which it is known.
    pub key: C,
    /// The columns that it takes from the new row.
    pub update: &'a [C],
}

/// Rows to be inserted: at least one.
#[derive(Debug)]
pub(super) struct Insert {
    table: &'static str,
    columns: Vec<Column>,
    rows: usize,
    /// What stands behind the rows.
    end: String,
}

#[derive(Debug)]
struct Column {
    name: &'static str,
    nullable: bool,
    values: IntoIter<Value>,
}

impl Insert {
    /// `None` where there are no rows.
    pub(super) fn of<A: ActiveModelTrait>(mut rows: Vec<A>) -> Option<Self> {
        let column = |column: <A::Entity as EntityTrait>::Column| {
            let value =
                |row: &mut A| row.take(column).into_value().expect("all columns of a new row are set");
            let values: Vec<_> = rows.iter_mut().map(value).collect();
            Column { name: column.as_str(), nullable: column.def().is_null(), values: values.into_iter() }
        };
        let columns: Vec<_> = <A::Entity as EntityTrait>::Column::iter().map(column).collect();
        let table = A::Entity::default().table_name();
        (!rows.is_empty()).then_some(Self { table, columns, rows: rows.len(), end: String::new() })
    }

    /// Some of the rows may be there.
    pub(super) fn or<C: ColumnTrait>(mut self, there: &OnConflict<'_, C>) -> Self {
        let update = |column: &C| format!("\"{0}\" = excluded.\"{0}\"", column.as_str());
        let updates: Vec<_> = there.update.iter().map(update).collect();
        self.end +=
            &format!(" ON CONFLICT (\"{}\") DO UPDATE SET {}", there.key.as_str(), updates.join(", "));
        self
    }

    /// Returns the rows.
    pub(super) fn returning(mut self) -> Self {
        self.end += " RETURNING *";
        self
    }

    pub(super) fn statements(self, backend: DatabaseBackend) -> Vec<Statement> {
        if backend != DatabaseBackend::Postgres {
            return self.for_sqlite();
        }
        let mut sql = SqlWriterValues::new("$", true);
        self.for_postgres(&mut sql);
        vec![statement(backend, sql)]
    }

    /// As few statements as the number of values allows.
    pub(super) fn for_sqlite(mut self) -> Vec<Statement> {
        let mut statements = Vec::new();
        while self.rows > 0 {
            let some = self.rows.min(SQLITE_VALUES / self.columns.len());
            let mut sql = SqlWriterValues::new("?", false);
            self.start(&mut sql);
            self.values(&mut sql, some);
            sql.write_str(&self.end).expect(TEXT);
            statements.push(statement(DatabaseBackend::Sqlite, sql));
            self.rows -= some;
        }
        statements
    }

    /// One statement: of one row as it is, or of an array for each column.
    pub(super) fn for_postgres(mut self, sql: &mut SqlWriterValues) {
        self.start(sql);
        match self.rows {
            1 => self.values(sql, 1),
            _ => self.arrays(sql),
        }
        sql.write_str(&self.end).expect(TEXT);
    }

    fn values(&mut self, sql: &mut SqlWriterValues, rows: usize) {
        for row in 0..rows {
            sql.write_str(if row == 0 { " VALUES (" } else { ", (" }).expect(TEXT);
            for (number, column) in self.columns.iter_mut().enumerate() {
                sql.write_str(if number == 0 { "" } else { ", " }).expect(TEXT);
                // Which query builder is asked does not matter for a value.
                sql.push_param(column.values.next().expect("a value for each row"), &PostgresQueryBuilder);
            }
            sql.write_str(")").expect(TEXT);
        }
    }

    /// The library's arrays cannot have NULLs: beside that of a column that can, another one says where they are.
    fn arrays(&mut self, sql: &mut SqlWriterValues) {
        for (number, Column { name, nullable, .. }) in self.columns.iter().enumerate() {
            sql.write_str(if number == 0 { " SELECT " } else { ", " }).expect(TEXT);
            match nullable {
                true => {
                    write!(sql, "CASE WHEN \"{name}_is_null\" THEN NULL ELSE \"{name}\" END").expect(TEXT)
                }
                false => write!(sql, "\"{name}\"").expect(TEXT),
            }
        }
        for (number, Column { name, nullable, values }) in self.columns.iter_mut().enumerate() {
            sql.write_str(if number == 0 { " FROM (SELECT " } else { ", " }).expect(TEXT);
            let mut values: Vec<Value> = values.collect();
            if *nullable {
                let is_null = |value: &Value| *value == value.as_null();
                let nulls = values.iter().map(|value| is_null(value).into()).collect();
                unnest(sql, nulls);
                write!(sql, " AS \"{name}_is_null\", ").expect(TEXT);
                for value in values.iter_mut().filter(|value| is_null(value)) {
                    *value = value.dummy_value();
                }
            }
            unnest(sql, values);
            write!(sql, " AS \"{name}\"").expect(TEXT);
        }
        sql.write_str(") AS new_rows").expect(TEXT);
    }

    fn start(&self, sql: &mut SqlWriterValues) {
        write!(sql, "INSERT INTO \"{}\" (", self.table).expect(TEXT);
        for (number, column) in self.columns.iter().enumerate() {
            write!(sql, "{}\"{}\"", if number == 0 { "" } else { ", " }, column.name).expect(TEXT);
        }
        sql.write_str(")").expect(TEXT);
    }
}

fn unnest(sql: &mut SqlWriterValues, values: Vec<Value>) {
    let kind = values.first().expect("at least one row").array_type();
    sql.write_str("unnest(").expect(TEXT);
    sql.push_param(Value::Array(kind, Some(Box::new(values))), &PostgresQueryBuilder);
    sql.write_str(")").expect(TEXT);
}

pub(super) fn statement(backend: DatabaseBackend, sql: SqlWriterValues) -> Statement {
    let (sql, values) = sql.into_parts();
    Statement::from_sql_and_values(backend, sql, values.0)
}

#[cfg(test)]
mod tests {
    use sea_orm::ActiveValue::Set;

    use super::*;
    use crate::{Clock, GroupId, MemberId, OrganizationId, UserId, group_member, user};

    fn pairs(count: usize) -> Vec<group_member::ActiveModel> {
        let now = Clock::system().now();
        let pair = |_| group_member::ActiveModel {
            group_id: Set(GroupId::generate(now)),
            member_id: Set(MemberId::generate(now)),
            organization_id: Set(OrganizationId::generate(now)),
        };
        (0..count).map(pair).collect()
    }

    fn values_of(statements: Vec<Statement>) -> Vec<usize> {
        statements.into_iter().map(|statement| statement.values.unwrap().0.len()).collect()
    }

    #[test]
    fn any_number_of_rows_is_one_statement_of_postgresql_with_an_array_for_each_column() {
        let statements = |count| Insert::of(pairs(count)).unwrap().statements(DatabaseBackend::Postgres);
        assert_eq!([1, 2, 20_000].map(|count| values_of(statements(count))), [[3], [3], [3]]);
        assert_eq!(statements(2)[0].sql, statements(20_000)[0].sql);
        assert!(Insert::of(pairs(0)).is_none());
    }

    #[test]
    fn sqlite_gets_no_more_values_than_it_takes() {
        let statements = Insert::of(pairs(20_000)).unwrap().statements(DatabaseBackend::Sqlite);
        assert_eq!(values_of(statements), [32_766, 27_234]);
    }

    #[test]
    fn where_a_column_has_no_value_stands_beside_its_array() {
        let now = Clock::system().now();
        let named = |name: Option<&str>| user::ActiveModel {
            id: Set(UserId::generate(now)),
            email: Set("bob@example.com".parse().unwrap()),
            email_norm: Set(None),
            name: Set(name.map(str::to_owned)),
            created_at: Set(now),
        };
        let rows = vec![named(None), named(Some("Bob"))];
        let statement = Insert::of(rows).unwrap().statements(DatabaseBackend::Postgres).remove(0);
        let array = |values: Vec<Value>| Value::Array(values[0].array_type(), Some(Box::new(values)));
        let values = statement.values.unwrap().0;
        assert!(values.contains(&array(vec![true.into(), false.into()])));
        assert!(values.contains(&array(vec!["".into(), "Bob".into()])));
        assert!(statement.sql.contains(r#"CASE WHEN "name_is_null" THEN NULL ELSE "name" END"#));
    }
}
