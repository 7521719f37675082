//! A list of the API as the tests read it: page by page, in both directions.

use roster_tests::{Answer, Organization, Person};
use serde_json::{Value, json};

/// No list of these tests has as many items; one that seems to goes in circles.
const MORE_THAN_THERE_ARE: usize = 50;

/// A connection, who reads it, and what they want to know of each item.
pub(crate) struct List {
    reader: Person,
    /// The field that has the list: `organization(id: "…")`, `viewer`.
    parent: String,
    /// The name of the list: `members`.
    pub(crate) name: &'static str,
    /// Its arguments besides those of the page: `orderBy: {field: NAME}`.
    arguments: String,
    /// The fields of an item.
    item: &'static str,
}

/// A page of a list.
#[derive(Debug)]
pub(crate) struct Page {
    /// The items, as the texts of their fields.
    pub(crate) items: Vec<String>,
    pub(crate) has_previous: bool,
    pub(crate) has_next: bool,
    pub(crate) start: Option<String>,
    pub(crate) end: Option<String>,
}

impl List {
    /// A list of an organization, as its owner reads it.
    pub(crate) fn of(
        organization: &Organization,
        name: &'static str,
        arguments: impl Into<String>,
        item: &'static str,
    ) -> Self {
        let parent = format!("organization(id: \"{}\")", organization.id);
        let arguments = arguments.into();
        Self { reader: organization.owner.person.clone(), parent, name, arguments, item }
    }

    /// The members of an organization by name or join date, each by what they are called and their address.
    pub(crate) fn members(organization: &Organization, order: &str) -> Self {
        Self::of(organization, "members", order, "user { displayName email }")
    }

    /// The organizations of somebody.
    pub(crate) fn organizations(reader: &Person) -> Self {
        let reader = reader.clone();
        let (parent, arguments) = ("viewer".to_owned(), String::new());
        Self { reader, parent, name: "organizations", arguments, item: "name" }
    }

    /// What the API answers to the arguments of a page.
    pub(crate) async fn ask(&self, page: Value) -> Answer {
        let Self { parent, name, arguments, item, .. } = self;
        let query = format!(
            "query ($first: Int, $after: String, $last: Int, $before: String) {{ {parent} {{
                {name}({arguments} first: $first, after: $after, last: $last, before: $before) {{
                    pageInfo {{ hasPreviousPage hasNextPage startCursor endCursor }}
                    edges {{ cursor node {{ {item} }} }}
            }} }} }}"
        );
        self.reader.graphql(&query, page).await
    }

    /// A page.
    pub(crate) async fn page(&self, page: Value) -> Page {
        let answer = self.ask(page).await;
        let parent = self.parent.split('(').next().unwrap();
        let list = answer.at(&format!("/{parent}/{}", self.name));
        let edges = list["edges"].as_array().unwrap();
        let info = |field: &str| list["pageInfo"][field].clone();
        let cursor = |field: &str| info(field).as_str().map(str::to_owned);
        let page = Page {
            items: edges.iter().map(|edge| texts(&edge["node"]).join(" ")).collect(),
            has_previous: info("hasPreviousPage") == true,
            has_next: info("hasNextPage") == true,
            start: cursor("startCursor"),
            end: cursor("endCursor"),
        };
        assert_eq!(page.start.as_deref(), edges.first().map(|edge| edge["cursor"].as_str().unwrap()));
        assert_eq!(page.end.as_deref(), edges.last().map(|edge| edge["cursor"].as_str().unwrap()));
        page
    }

    /// All items, from the first page to the last; every page but the last must be full.
    pub(crate) async fn forwards(&self, size: usize) -> Vec<String> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            assert!(all.len() <= MORE_THAN_THERE_ARE, "{} never ends: {all:?}", self.name);
            let page = self.page(json!({ "first": size, "after": after })).await;
            assert_eq!(page.has_previous, after.is_some(), "{page:?}");
            assert!(page.items.len() == size || !page.has_next, "{page:?}");
            all.extend(page.items);
            if !page.has_next {
                return all;
            }
            after = page.end;
        }
    }

    /// All items, in the order of the list, read from the last page to the first.
    pub(crate) async fn backwards(&self, size: usize) -> Vec<String> {
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            assert!(all.len() <= MORE_THAN_THERE_ARE, "{} never ends: {all:?}", self.name);
            let page = self.page(json!({ "last": size, "before": before })).await;
            assert_eq!(page.has_next, before.is_some(), "{page:?}");
            assert!(page.items.len() == size || !page.has_previous, "{page:?}");
            all.splice(0..0, page.items);
            if !page.has_previous {
                return all;
            }
            before = page.start;
        }
    }

    /// The list must be these, in this order, whatever the direction and the size of the pages.
    pub(crate) async fn is(&self, expected: &[impl AsRef<str>]) {
        let expected: Vec<_> = expected.iter().map(AsRef::as_ref).collect();
        for size in [1, 2, 7] {
            assert_eq!(self.forwards(size).await, expected, "{} forwards by {size}", self.name);
            assert_eq!(self.backwards(size).await, expected, "{} backwards by {size}", self.name);
        }
    }
}

/// The texts in a value, from left to right.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}
