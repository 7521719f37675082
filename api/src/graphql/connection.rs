//! Relay connections: arguments and cursors to a window of a list, and its rows to edges.

use async_graphql::{
    Lookahead, ObjectType, Result,
    connection::{self, CursorType, Edge},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike, Utc};
use roster_entity::keyset::{Ordering, Page, Window};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryResult, QueryTrait, Select, Value};
use serde::Serialize;
use uuid::Uuid;

use super::{
    error::{bad_input, internal},
    in_turn::InTurn,
};

/// How many items a page has if the query does not say.
pub(crate) const DEFAULT_PAGE: u64 = 50;

/// The most items that a page can have.
pub(crate) const MAX_PAGE: u64 = 100;

/// A page of a list, as Relay wants it.
pub(crate) type Connection<N> = connection::Connection<Cursor, InTurn<N>>;

/// Where an item stands in a list. Written only where a document asks for it, which is seldom more than the end of a page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Cursor(&'static str, Vec<Key>);

impl CursorType for Cursor {
    type Error = &'static str;

    fn encode_cursor(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).expect("a key is plain data"))
    }

    fn decode_cursor(_: &str) -> std::result::Result<Self, Self::Error> {
        Err("only the list knows of which kind the parts of its key are")
    }
}

/// The arguments of a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct PageArgs {
    pub(super) first: Option<i32>,
    pub(super) after: Option<String>,
    pub(super) last: Option<i32>,
    pub(super) before: Option<String>,
}

/// One part of the key by which a list is sorted.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Key {
    Id(Uuid),
    Time(DateTime<Utc>),
    Text(String),
}

/// Of which kind a part of a key is. The list says so and not the cursor: a name can look like a date or an id, and
/// anybody can write a cursor.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Id,
    Time,
    Text,
}

impl Kind {
    /// The value of a part of a cursor; `None` for what the database would not take.
    fn value(self, text: String) -> Option<Value> {
        match self {
            Kind::Id => text.parse::<Uuid>().ok().map(Value::from),
            Kind::Time => {
                let time = text.parse::<DateTime<Utc>>().ok();
                time.filter(|time| (0..10_000).contains(&time.year())).map(Value::from)
            }
            Kind::Text => (!text.contains('\0')).then(|| text.into()),
        }
    }
}

/// A list that can be paged: its name, which its cursors carry, its order, and the key of a row in that order.
pub(super) struct List<M> {
    pub(super) name: &'static str,
    pub(super) ordering: Ordering,
    pub(super) kinds: &'static [Kind],
    pub(super) key: fn(&M) -> Vec<Key>,
}

impl<M> List<M> {
    /// Fetches the page that the arguments ask for.
    pub(super) async fn fetch<E: EntityTrait<Model = M>>(
        &self,
        conn: &impl ConnectionTrait,
        rows: Select<E>,
        args: &PageArgs,
    ) -> Result<Page<M>> {
        let window = self.window(args)?;
        window.fetch(conn, rows, &self.ordering).await.map_err(internal)
    }

    /// The same of a list to which more is joined, and whose rows `read` therefore reads.
    pub(super) async fn fetch_with<E: EntityTrait<Model = M>, Q: QueryTrait, T>(
        &self,
        conn: &impl ConnectionTrait,
        rows: Select<E>,
        args: &PageArgs,
        join: impl FnOnce(Select<E>) -> Q,
        read: impl Fn(&QueryResult) -> std::result::Result<T, DbErr>,
    ) -> Result<Page<T>> {
        let window = self.window(args)?;
        let rows = join(self.ordering.apply(rows, &window));
        window.fetch_with(conn, rows, read).await.map_err(internal)
    }

    /// The cursor of a row.
    pub(super) fn cursor(&self, row: &M) -> Cursor {
        Cursor(self.name, (self.key)(row))
    }

    fn window(&self, args: &PageArgs) -> Result<Window> {
        if args.first.is_some() && args.last.is_some() {
            return Err(bad_input("Give either first or last, not both."));
        }
        let from_end = args.last.is_some();
        let (name, size) = if from_end { ("last", args.last) } else { ("first", args.first) };
        let size = match size.map(u64::try_from) {
            None => DEFAULT_PAGE,
            Some(Ok(size)) if size <= MAX_PAGE => size,
            Some(_) => return Err(bad_input(format!("{name} should be between 0 and {MAX_PAGE}."))),
        };
        Ok(Window { after: self.bound(&args.after)?, before: self.bound(&args.before)?, size, from_end })
    }

    fn bound(&self, cursor: &Option<String>) -> Result<Option<Vec<Value>>> {
        let Some(cursor) = cursor else { return Ok(None) };
        let decoded: Option<(String, Vec<String>)> =
            BASE64_URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|json| serde_json::from_slice(&json).ok());
        if decoded.as_ref().is_some_and(|(name, _)| name != self.name) {
            return Err(bad_input(
                "This cursor is of another list, or of another order. Start from the first page.",
            ));
        }
        let key = decoded.and_then(|(_, key)| self.values(key));
        key.map(Some).ok_or_else(|| {
            bad_input("This is not a valid cursor. Take it from pageInfo or an edge of the same list.")
        })
    }

    fn values(&self, key: Vec<String>) -> Option<Vec<Value>> {
        if key.len() != self.kinds.len() {
            return None;
        }
        key.into_iter().zip(self.kinds).map(|(text, kind)| kind.value(text)).collect()
    }
}

/// The nodes in a page, as a document asks for them.
pub(super) fn nodes<'a>(page: &Lookahead<'a>) -> [Lookahead<'a>; 2] {
    [page.field("nodes"), page.field("edges").field("node")]
}

/// The connection of a page, whose rows were turned into nodes.
pub(super) fn connect<N: ObjectType>(
    has_previous: bool,
    has_next: bool,
    nodes: impl IntoIterator<Item = (Cursor, N)>,
) -> Connection<N> {
    let mut connection = Connection::new(has_previous, has_next);
    connection.edges.extend(nodes.into_iter().map(|(cursor, node)| Edge::new(cursor, InTurn(node))));
    connection
}

#[cfg(test)]
mod tests {
    use roster_entity::{Clock, member::joined_or_created};
    use sea_orm::sea_query::Expr;

    use super::*;

    fn list(name: &'static str) -> List<(String, Uuid)> {
        let ordering = Ordering::new([joined_or_created(), Expr::cust("id")], false);
        let kinds = &[Kind::Text, Kind::Id];
        List { name, ordering, kinds, key: |row| vec![Key::Text(row.0.clone()), Key::Id(row.1)] }
    }

    fn args(first: Option<i32>, last: Option<i32>, after: Option<String>) -> PageArgs {
        PageArgs { first, last, after, before: None }
    }

    #[test]
    fn a_cursor_leads_back_to_its_row() {
        let id = roster_entity::MemberId::generate(Clock::system().now()).0;
        let cursor = list("name").cursor(&("zoë".to_owned(), id)).encode_cursor();
        let window = list("name").window(&args(None, None, Some(cursor))).unwrap();
        assert_eq!(window.after, Some(vec!["zoë".into(), id.into()]));
    }

    #[test]
    fn a_name_that_looks_like_a_date_or_an_id_stays_a_name() {
        for name in ["2026-11-21t12:00:00z", "550e8400-e29b-41d4-a716-446655440000"] {
            let cursor = list("name").cursor(&(name.to_owned(), Uuid::nil())).encode_cursor();
            let window = list("name").window(&args(None, None, Some(cursor))).unwrap();
            assert_eq!(window.after, Some(vec![name.into(), Uuid::nil().into()]));
        }
    }

    #[test]
    fn a_cursor_of_another_order_and_garbage_are_refused() {
        let cursor = list("joined").cursor(&("x".to_owned(), Uuid::nil())).encode_cursor();
        for cursor in [cursor.as_str(), "", "💥", "bm9wZQ", "W10"] {
            assert!(list("name").window(&args(None, None, Some(cursor.to_owned()))).is_err(), "{cursor}");
        }
    }

    #[test]
    fn page_sizes_have_limits() {
        for (first, last) in [(Some(-1), None), (Some(101), None), (None, Some(101)), (Some(1), Some(1))] {
            assert!(list("name").window(&args(first, last, None)).is_err());
        }
        assert_eq!(list("name").window(&args(None, None, None)).unwrap().size, DEFAULT_PAGE);
    }
}
