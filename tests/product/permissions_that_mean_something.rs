//! Nobody gives, takes or removes more than they have, and somebody who can manage roles always remains.

mod always_an_owner;
mod grants;
mod roles;

use roster_entity::{Permission, Permissions};
use roster_tests::{On, Organization, Person, Roster};
use serde_json::{Value, json};

/// What callers have who are no admins: enough to try every operation, and no more.
const CREW: [&str; 6] = [
    "MEMBERS_READ",
    "MEMBERS_INVITE",
    "MEMBERS_REMOVE",
    "ROLES_MANAGE",
    "GROUPS_MANAGE",
    "API_TOKENS_MANAGE",
];

/// A call: the mutation and its input.
type Call = (&'static str, Value);

/// Acme, and everybody who tries: a member with a group, a script of the owner with the same permissions, an admin, and
/// the owner.
struct World {
    acme: Organization,
    callers: [(&'static str, Person); 4],
}

impl World {
    async fn new(on: On) -> Self {
        let acme = Roster::start(on).await.organization("Acme").await;
        let crew = acme.group("Crew", &CREW).await;
        let cleo = acme.member_as("Cleo", "MEMBER", &[&crew]).await.person;
        let ada = acme.member_as("Ada", "ADMIN", &[]).await.person;
        let script = acme.api_token_with(&acme.owner, Some(permissions(&CREW))).await.person;
        let owner = acme.owner.person.clone();
        let callers =
            [("a member with a group", cleo), ("a script", script), ("an admin", ada), ("an owner", owner)];
        Self { acme, callers }
    }

    async fn newest_entry(&self) -> String {
        let log = self.acme.seen_by(&self.acme.owner, "activities(first: 1) { nodes { id } }").await;
        log.text("/organization/activities/nodes/0/id")
    }

    /// The call must do something; or be refused with this code, and do nothing.
    async fn tries(&self, caller: &Person, call: Call, refusal: Option<&str>, what: &str) {
        let (mutation, input) = call;
        let before = self.newest_entry().await;
        let answer = caller.mutate(mutation, input, "message").await;
        let codes: Vec<_> =
            answer.payload()["errors"].as_array().unwrap().iter().map(|error| &error["code"]).collect();
        assert_eq!(json!(codes), refusal.map_or(json!([]), |code| json!([code])), "{what}");
        assert_eq!(before == self.newest_entry().await, refusal.is_some(), "{what}: the log says otherwise");
    }
}

fn permissions(names: &[&str]) -> Permissions {
    let named = |permission: &Permission| names.contains(&permission.to_string().as_str());
    Permission::ALL.into_iter().filter(named).collect()
}
