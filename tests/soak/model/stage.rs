//! Where a story is played: people and two organizations of a running Roster, and what their things are called there.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use roster_tests::{Organization, Roster, noon};
use serde_json::{Value, json};

use super::{
    operation::{Caller, GroupNo, InvitationNo, MemberOf, TokenNo},
    state::{Org, Person, Time},
};

pub(super) struct Stage {
    pub(super) roster: Roster,
    /// Tells the people of this story from those of others.
    number: usize,
    people: BTreeMap<Person, roster_tests::Person>,
    pub(super) organizations: BTreeMap<Org, String>,
    pub(super) members: BTreeMap<MemberOf, String>,
    pub(super) invitations: BTreeMap<InvitationNo, String>,
    pub(super) groups: BTreeMap<GroupNo, String>,
    pub(super) tokens: BTreeMap<TokenNo, String>,
    scripts: BTreeMap<TokenNo, roster_tests::Person>,
    /// Of the last review of each member.
    pub(super) fingerprints: BTreeMap<MemberOf, String>,
    /// The secrets of the links, by email.
    pub(super) links: BTreeMap<usize, String>,
    /// How many emails the mail server had before.
    pub(super) mails_before: usize,
}

impl Stage {
    pub(super) async fn begin(roster: &Roster, number: usize) -> Self {
        // What is left of the story before, if it ended early.
        roster.deliver().await;
        roster.pass(noon() - roster.now());
        let mut stage = Self {
            roster: roster.clone(),
            number,
            people: BTreeMap::new(),
            organizations: BTreeMap::new(),
            members: BTreeMap::new(),
            invitations: BTreeMap::new(),
            groups: BTreeMap::new(),
            tokens: BTreeMap::new(),
            scripts: BTreeMap::new(),
            fingerprints: BTreeMap::new(),
            links: BTreeMap::new(),
            mails_before: roster.smtp().mails().len(),
        };
        for person in Person::ALL {
            stage.sign_in(person, person != Person::Eve);
        }
        for (org, owner) in [(Org::Acme, Person::Olivia), (Org::Globex, Person::Greta)] {
            let name = stage.name_of(org);
            let created =
                Organization::create_with(stage.people[&owner].clone(), json!({ "name": name })).await;
            stage.organizations.insert(org, created.id);
            stage.members.insert(MemberOf(org, owner), created.owner.id);
        }
        stage
    }

    /// Gives somebody the token that an identity provider would issue.
    pub(super) fn sign_in(&mut self, person: Person, is_verified: bool) {
        let address = self.address_of(person, person == Person::Dan);
        let signed = self.roster.person_with_claims(&format!("{person:?} {}", self.number), |claims| {
            claims.sub = address.to_lowercase();
            claims.email = Some(address);
            claims.email_verified = is_verified;
            claims.exp = (noon() + TimeDelta::days(9_999)).timestamp();
        });
        self.people.insert(person, signed);
    }

    pub(super) fn caller(&self, caller: Caller) -> &roster_tests::Person {
        match caller {
            Caller::Signed(person) => &self.people[&person],
            Caller::Script(token) => &self.scripts[&token],
        }
    }

    pub(super) fn address_of(&self, person: Person, in_capitals: bool) -> String {
        let address = format!("{person:?}.{}@example.com", self.number).to_lowercase();
        if in_capitals { address.to_uppercase() } else { address }
    }

    pub(super) fn name_of(&self, org: Org) -> String {
        format!("{org:?} {}", self.number)
    }

    /// Whose address that is.
    pub(super) fn person_at(&self, address: &Value) -> Option<Person> {
        let address = address.as_str()?.to_lowercase();
        Person::ALL.into_iter().find(|person| self.address_of(*person, false) == address)
    }

    pub(super) fn member_with(&self, id: &Value) -> Option<Person> {
        key_of(&self.members, id).map(|member| member.1)
    }

    /// Remembers what a token is called, and who can call with it.
    pub(super) fn keep_token(&mut self, no: TokenNo, owner: &roster_tests::Person, payload: &Value) {
        self.tokens.insert(no, text(&payload["apiToken"]["id"]));
        self.scripts.insert(no, owner.with_token(text(&payload["secret"])));
    }

    /// The notifications' ids, in the order in which they were ordered.
    pub(super) async fn notifications(&self, org: Org, reader: Person) -> Vec<String> {
        let mut all = self.all(org, reader, "notifications", "id createdAt").await;
        all.sort_by_key(|it| (text(&it["createdAt"]), text(&it["id"])));
        all.iter().map(|it| text(&it["id"])).collect()
    }

    /// All items of a list of an organization.
    pub(super) async fn all(&self, org: Org, reader: Person, list: &str, fields: &str) -> Vec<Value> {
        let (mut all, mut after) = (Vec::new(), Value::Null);
        loop {
            let query = format!(
                "query ($id: ID!, $after: String) {{ organization(id: $id) {{ list: {list}(first: 100, after: $after) {{
                    nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"
            );
            let variables = json!({ "id": self.organizations[&org], "after": after });
            let answer = self.people[&reader].graphql(&query, variables).await;
            let page = answer.at("/organization/list");
            all.extend(page["nodes"].as_array().unwrap().iter().cloned());
            if page["pageInfo"]["hasNextPage"] == false {
                return all;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }
}

/// The key of a value.
pub(super) fn key_of<K: Copy>(map: &BTreeMap<K, String>, id: &Value) -> Option<K> {
    map.iter().find(|(_, known)| id == known.as_str()).map(|(key, _)| *key)
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

/// A time of the API, since the story began.
pub(super) fn time(value: &Value) -> Time {
    let at: DateTime<Utc> = text(value).parse().unwrap();
    at - noon()
}
