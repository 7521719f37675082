//! Pages of a large list: the first, the last, and those around a cursor in it.

use roster_tests::{Answer, Organization, Person};

use super::Findings;

/// Why a list reads more than it shows.
pub(super) const PICKED: Option<&str> =
    Some("no index has them in this order: they are picked from among others");

/// A list of an organization.
pub(super) struct Pages<'a> {
    pub(super) organization: &'a Organization,
    pub(super) reader: &'a Person,
    /// The name of the list: `members`.
    pub(super) list: &'a str,
    /// What is asked for of each item.
    pub(super) item: &'a str,
}

impl<'a> Pages<'a> {
    /// A list, as the owner reads it.
    pub(super) fn new(organization: &'a Organization, list: &'a str, item: &'a str) -> Self {
        Self { organization, reader: &organization.owner, list, item }
    }

    /// Looks at four pages of the list with these arguments. If it is `known` that they read or sort more than they show, it is said why.
    pub(super) async fn of(&self, findings: &mut Findings, arguments: &str, known: Option<&str>) {
        let what = format!("{}({arguments})", self.list);
        let deep = Self { item: "id", ..*self }.read("first: 100", arguments).await;
        let cursor = deep.at("/organization/list/pageInfo/endCursor");
        let (next, previous) = (format!("first: 10, after: {cursor}"), format!("last: 10, before: {cursor}"));
        let mut problems = Vec::new();
        for page in ["first: 10", "last: 10", &next, &previous] {
            let (answer, found) = findings.look(&format!("{what}, {page}"), self.read(page, arguments)).await;
            answer.data();
            problems.extend(found);
        }
        findings.take(&what, problems, known);
    }

    /// Reads a page.
    pub(super) async fn read(&self, page: &str, arguments: &str) -> Answer {
        let Self { organization, reader, list, item } = self;
        let list =
            format!("list: {list}({page} {arguments}) {{ pageInfo {{ endCursor }} nodes {{ {item} }} }}");
        organization.seen_by(reader, &list).await
    }
}
