//! From what members are called in arguments, addresses and ids, to the members of one organization.

use std::collections::{BTreeSet, HashMap};

use roster_entity::{EmailAddress, MemberId};
use serde::{Deserialize, Serialize};

use super::{
    Found, Which,
    report::{ItemError, Outcome},
};
use crate::cli::{
    client::{Client, understood},
    failure::Failure,
};

/// How many the API looks up at once.
const MAX: usize = 100;

const BY_ADDRESS: &str = "query ($id: ID, $slug: String, $emails: [String!]!) { organization(id: $id, slug: $slug) {
    members(first: 100, filter: { emails: $emails, status: [INVITED, ACTIVE, REMOVED] }) { nodes { id user { email } } }
} }";

const BY_ID: &str = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Member { id user { email } organization { id slug } } } }";

/// A member of the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) email: String,
}

impl Person {
    /// That nothing has become of them yet.
    pub(super) fn outcome(self) -> Outcome {
        Outcome { member: Some(self.id), email: Some(self.email), ..Outcome::default() }
    }
}

/// Each name's member, or why there is none.
pub(super) fn members(
    client: &Client,
    organization: Which,
    names: &[String],
) -> Result<Vec<Result<Person, ItemError>>, Failure> {
    let keys: Vec<_> = names.iter().map(|name| Key::of(name)).collect();
    let (mut addresses, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for key in keys.iter().flatten() {
        match key {
            Key::Address(address) => addresses.insert(address.clone()),
            Key::Id(id) => ids.insert(id.clone()),
        };
    }
    let mut known = HashMap::<Key, Vec<Person>>::new();
    for person in by_address(client, organization, &addresses)? {
        if let Ok(key) = Key::of(&person.email) {
            known.entry(key).or_default().push(person);
        }
    }
    for person in by_id(client, organization, &ids)? {
        known.entry(Key::Id(person.id.clone())).or_default().push(person);
    }
    let member = |key| match known.get(&key).map(Vec::as_slice).unwrap_or_default() {
        [person] => Ok(person.clone()),
        [] => Err(ItemError::new("MEMBER_NOT_FOUND", "The organization has no such member.")),
        // An address that somebody shows and has not verified may be another's.
        _ => Err(ItemError::new("MEMBER_NOT_FOUND", "Several members show this address. Give the id.")),
    };
    Ok(keys.into_iter().map(|key| key.and_then(member)).collect())
}

/// What became of each name: `became` says it of those who were found.
pub(super) fn outcomes(
    names: &[String],
    found: Vec<Result<Person, ItemError>>,
    mut became: impl FnMut(Person) -> Result<Outcome, Failure>,
) -> Result<Vec<Outcome>, Failure> {
    let outcome = |(name, found): (&String, _)| match found {
        Ok(person) => became(person),
        Err(error) => Ok(Outcome::refused(name, error)),
    };
    names.iter().zip(found).map(outcome).collect()
}

/// What members are compared by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// A normalized address.
    Address(String),
    Id(String),
}

impl Key {
    fn of(name: &str) -> Result<Self, ItemError> {
        if name.contains('@') {
            let address: EmailAddress =
                name.parse().map_err(|error| ItemError::new("INVALID_EMAIL", format!("{error}")))?;
            return Ok(Self::Address(address.normalized().as_str().to_owned()));
        }
        match name.parse::<MemberId>() {
            Ok(id) => Ok(Self::Id(id.to_string())),
            Err(_) => {
                Err(ItemError::new("BAD_USER_INPUT", "This is neither an email address nor a member's id."))
            }
        }
    }
}

#[derive(Deserialize)]
struct Organization {
    members: Members,
}

#[derive(Deserialize)]
struct Members {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    user: User,
    organization: Option<Id>,
}

#[derive(Deserialize)]
struct User {
    email: String,
}

#[derive(Deserialize)]
struct Id {
    id: String,
    slug: String,
}

impl Node {
    fn person(self) -> Person {
        Person { id: self.id, email: self.user.email }
    }
}

fn by_address(
    client: &Client,
    organization: Which,
    addresses: &BTreeSet<String>,
) -> Result<Vec<Person>, Failure> {
    #[derive(Serialize)]
    struct Variables<'a> {
        #[serde(flatten)]
        organization: Which<'a>,
        emails: &'a [&'a String],
    }
    let mut people = Vec::new();
    for emails in addresses.iter().collect::<Vec<_>>().chunks(MAX) {
        let found: Found<Organization> = client.call(BY_ADDRESS, Variables { organization, emails })?;
        people.extend(found.organization.members.nodes.into_iter().map(Node::person));
    }
    Ok(people)
}

fn by_id(client: &Client, organization: Which, ids: &BTreeSet<String>) -> Result<Vec<Person>, Failure> {
    #[derive(Serialize)]
    struct Variables<'a> {
        ids: &'a [&'a String],
    }
    #[derive(Deserialize)]
    struct Nodes {
        nodes: Vec<Option<Node>>,
    }
    let mut people = Vec::new();
    for ids in ids.iter().collect::<Vec<_>>().chunks(MAX) {
        let answer = client.execute(BY_ID, Variables { ids })?;
        // An id that is not found leaves a null in its place.
        if let Some(error) = answer.errors.into_iter().find(|error| !error.is_not_found()) {
            return Err(error.into());
        }
        let nodes: Nodes = understood(answer.data)?;
        let here = |node: &Node| {
            node.organization.as_ref().is_some_and(|found| organization.is(&found.id, &found.slug))
        };
        people.extend(nodes.nodes.into_iter().flatten().filter(here).map(Node::person));
    }
    Ok(people)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_addresses_in_any_case_or_ids() {
        assert_eq!(Key::of(" Bob@EXAMPLE.com ").unwrap(), Key::Address("bob@example.com".to_owned()));
        let id = "member_01h455vb4pex5vsknk084sn02q";
        assert_eq!(Key::of(id).unwrap(), Key::Id(id.to_owned()));
        for (wrong, code) in [
            ("bob@", "INVALID_EMAIL"),
            ("bob@example.com,Bob", "INVALID_EMAIL"),
            ("bob", "BAD_USER_INPUT"),
            ("user_01h455vb4pex5vsknk084sn02q", "BAD_USER_INPUT"),
        ] {
            assert_eq!(Key::of(wrong).unwrap_err().code, code, "{wrong}");
        }
    }
}
