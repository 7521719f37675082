//! Where texts of the database name a person: the rows that have to be read, found by the database.

use roster_entity::idempotency_key::Column;
use sea_orm::{
    ConnectionTrait, DbErr, Order, QueryResult, TryGetable, Value,
    prelude::Uuid,
    sea_query::{
        Alias, Condition, Expr, ExprTrait, Func, LikeExpr, LockType, Query, SelectStatement, SimpleExpr,
    },
};

use super::traces::Traces;

/// A text that may name the person.
#[derive(Debug)]
pub(super) struct Mention {
    /// The id of the row.
    pub(super) id: Uuid,
    /// The organization of the row.
    pub(super) organization: Uuid,
    /// The text; JSON as text.
    pub(super) text: String,
}

/// The rows of a table, all of which have an id, where a column may name the person, locked until the transaction ends; and those
/// of which `also` holds.
pub(super) async fn lock(
    conn: &impl ConnectionTrait,
    traces: &Traces,
    table: &'static str,
    column: &'static str,
    also: Option<SimpleExpr>,
) -> Result<Vec<Mention>, DbErr> {
    let mut select = select(traces, table, column, also);
    read(conn, select.lock(LockType::Update)).await
}

/// The same, without a lock.
pub(super) async fn find(
    conn: &impl ConnectionTrait,
    traces: &Traces,
    table: &'static str,
    column: &'static str,
) -> Result<Vec<Mention>, DbErr> {
    read(conn, &select(traces, table, column, None)).await
}

fn select(
    traces: &Traces,
    table: &'static str,
    column: &'static str,
    also: Option<SimpleExpr>,
) -> SelectStatement {
    let organization = if table == "organizations" { "id" } else { "organization_id" };
    let text = || Expr::col(Alias::new(column)).cast_as("text");
    let mut any = naming(traces, text, organization);
    if let Some(also) = also {
        any = any.add(also);
    }
    Query::select()
        .column(Alias::new("id"))
        .expr_as(Expr::col(Alias::new(organization)), "organization")
        .expr_as(text(), "text")
        .from(Alias::new(table))
        .cond_where(any)
        .order_by(Alias::new("id"), Order::Asc)
        .to_owned()
}

async fn read(conn: &impl ConnectionTrait, select: &SelectStatement) -> Result<Vec<Mention>, DbErr> {
    let rows = conn.query_all(select).await?;
    let mention = |row: &QueryResult| {
        Ok(Mention {
            id: row.try_get("", "id")?,
            organization: row.try_get("", "organization")?,
            text: Option::<String>::try_get_by(row, "text")?.unwrap_or_default(),
        })
    };
    rows.iter().map(mention).collect()
}

/// That the key or the answer of an idempotency key may name the person: those rows have no id.
pub(super) fn answer_naming(traces: &Traces) -> Condition {
    let naming = |column: Column| naming(traces, || Expr::col(column).cast_as("text"), "organization_id");
    Condition::any().add(naming(Column::Answer)).add(naming(Column::Key))
}

/// Puts a value into a column of a row.
pub(super) async fn put(
    conn: &impl ConnectionTrait,
    table: &'static str,
    column: &'static str,
    id: Uuid,
    value: impl Into<Value>,
) -> Result<(), DbErr> {
    let update = Query::update()
        .table(Alias::new(table))
        .value(Alias::new(column), Expr::val(value.into()))
        .and_where(Expr::col(Alias::new("id")).eq(id))
        .to_owned();
    conn.execute(&update).await.map(drop)
}

/// That a text may name the person: roughly, because the database knows neither words nor the case of all letters. JSON has
/// quotation marks and backslashes in another form.
fn naming(traces: &Traces, text: impl Fn() -> SimpleExpr, organization: &'static str) -> Condition {
    let contains = |within: SimpleExpr, part: &str| within.like(pattern(part));
    let folded = || SimpleExpr::from(Func::lower(text()));
    let mut any = Condition::any();
    for address in &traces.addresses {
        any = any.add(contains(folded(), address));
    }
    let mut name_in_text = Condition::any();
    for name in &traces.names {
        let in_json = serde_json::Value::from(name.as_str()).to_string();
        for form in [name.as_str(), in_json.trim_matches('"')] {
            name_in_text = name_in_text.add(contains(text(), form));
            name_in_text = name_in_text.add(contains(folded(), &form.to_lowercase()));
        }
    }
    let known: Vec<Uuid> = traces.organizations().map(|organization| organization.0).collect();
    if traces.names.is_empty() || known.is_empty() {
        return any;
    }
    let where_known = Expr::col(Alias::new(organization)).is_in(known);
    any.add(Condition::all().add(where_known).add(name_in_text))
}

fn pattern(part: &str) -> LikeExpr {
    let escaped: String = part
        .chars()
        .flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c]))
        .collect();
    LikeExpr::new(format!("%{escaped}%")).escape('\\')
}
