//! Everybody who could try: the columns of the table.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use roster_entity::{Permission, Permissions};
use roster_tests::{Organization, Person};
use serde_json::json;

use crate::sdl::Sdl;

/// Somebody who calls.
pub(crate) struct Caller {
    /// What they are to Acme.
    pub(crate) who: String,
    pub(crate) person: Person,
    pub(crate) stands: Stands,
    pub(crate) is_script: bool,
}

/// Where somebody stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// Shows no token.
    Anonymous,
    /// Shows a token that does not hold, for this reason.
    TurnedAway(&'static str),
    /// Is signed in, and no active member of Acme.
    Outside,
    /// The same, and has the link of the invitation, which is for them.
    Recipient,
    /// Is an active member of Acme, or a script of one, and may do this.
    Inside(BTreeSet<String>),
}

/// All permissions there are, as the schema has them.
pub(crate) fn all() -> BTreeSet<String> {
    Sdl::of_repository().enum_values("Permission").into_iter().collect()
}

/// What a role may do, as PRODUCT.md and the schema say it.
fn role(role: &str) -> BTreeSet<String> {
    match role {
        "OWNER" => all(),
        "ADMIN" => all_but("OWNERS_MANAGE"),
        _ => BTreeSet::from(["MEMBERS_READ".to_owned()]),
    }
}

fn all_but(missing: &str) -> BTreeSet<String> {
    all().into_iter().filter(|permission| permission != missing).collect()
}

impl Caller {
    fn new(who: &str, person: Person, stands: Stands) -> Self {
        let is_script = person.token.as_ref().is_some_and(|token| token.starts_with("roster_"));
        Self { who: who.to_owned(), person, stands, is_script }
    }

    /// A script of Acme's owner, which may do only this.
    async fn script(acme: &Organization, who: &str, may: BTreeSet<String>) -> Self {
        let permissions: Permissions =
            Permission::ALL.into_iter().filter(|permission| may.contains(&permission.to_string())).collect();
        let script = acme.api_token_with(&acme.owner, Some(permissions)).await;
        Self::new(who, script.person, Stands::Inside(may))
    }

    /// The permissions in Acme, of somebody who has some.
    pub(crate) fn permissions(&self) -> Option<&BTreeSet<String>> {
        match &self.stands {
            Stands::Inside(permissions) => Some(permissions),
            _ => None,
        }
    }
}

/// Who shows nothing, or what does not hold. Some of the tokens end when an hour has passed.
pub(crate) async fn without_a_token_that_holds(acme: &Organization) -> Vec<Caller> {
    let roster = &acme.owner.roster;
    let expired = roster.person_with_claims("Olivia", |claims| claims.exp = roster.now().timestamp() - 3600);
    let in_an_hour = json!({ "organizationId": acme.id, "name": "Short", "permissions": role("OWNER"),
        "expiresAt": roster.now() + TimeDelta::hours(1) });
    let short = acme.owner.mutate("createApiToken", in_an_hour, "secret").await;
    let short = acme.owner.with_token(short.succeeds()["secret"].as_str().unwrap());
    let revoked = acme.api_token_of(&acme.owner).await;
    acme.owner.revoke_token(&revoked).await.succeeds();
    let former = acme.member_as("Fay", "OWNER", &[]).await;
    let left_behind = acme.api_token_of(&former).await;
    acme.owner.remove(&former).await.succeeds();
    let nobodys = acme.owner.with_token("roster_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let refused = |who, person, why| Caller::new(who, person, Stands::TurnedAway(why));
    vec![
        Caller::new("nobody", roster.anonymous(), Stands::Anonymous),
        refused("an owner whose token has expired", expired, "The token has expired. Sign in again."),
        refused("an expired API token", short, "This API token has expired. Create another one."),
        refused("a revoked API token", revoked.person, "This API token was revoked."),
        refused("the API token of a removed owner", left_behind.person, "This API token was revoked."),
        refused("an API token that never was", nobodys, "There is no such API token."),
    ]
}

/// Who is signed in and has no access to Acme.
pub(crate) async fn outside(acme: &Organization, globex: &Organization) -> Vec<Caller> {
    let outsider = acme.owner.roster.person("Mallory");
    let invited = acme.invited_as("Ivan", "OWNER", &[]).await;
    let removed = acme.member_as("Rob", "OWNER", &[]).await;
    acme.owner.remove(&removed).await.succeeds();
    let left = acme.member_as("Lea", "ADMIN", &[]).await;
    left.leave(&acme.id).await.succeeds();
    // Gwen's script is Globex's, though Gwen herself belongs to Acme too.
    let gwen = globex.member_as("Gwen", "OWNER", &[]).await;
    acme.member("Gwen").await;
    let outside = [
        ("an outsider", outsider),
        ("somebody who is invited as an owner", invited.person),
        ("an owner who was removed", removed.person),
        ("an admin who has left", left.person),
        ("an owner of another organization", globex.owner.person.clone()),
        ("an admin of another organization", globex.member_as("Gus", "ADMIN", &[]).await.person),
        ("a member of another organization", globex.member("Gil").await.person),
        ("a script of another organization", globex.api_token_of(&gwen).await.person),
    ];
    let mut callers = Vec::new();
    for (who, person) in outside {
        // Everybody has signed in, so that nothing is new about them.
        person.query("{ viewer { emailVerified } }").await.data();
        callers.push(Caller::new(who, person, Stands::Outside));
    }
    callers
}

/// Who has access to Acme: the owner comes last.
pub(crate) async fn inside(acme: &Organization) -> Vec<Caller> {
    let mut callers = Vec::new();
    for permission in all() {
        let only = BTreeSet::from([permission.clone()]);
        callers.push(Caller::script(acme, &format!("a script with {permission}"), only).await);
        let others = all_but(&permission);
        callers.push(Caller::script(acme, &format!("a script without {permission}"), others).await);
        let group = acme.group(&permission, &[&permission]).await;
        let name = format!("Pia {}", permission.to_lowercase().replace('_', " "));
        let person = acme.member_as(&name, "MEMBER", &[&group]).await.person;
        let granted = role("MEMBER").into_iter().chain([permission.clone()]).collect();
        let who = format!("a member whose group grants {permission}");
        callers.push(Caller::new(&who, person, Stands::Inside(granted)));
    }
    let roles = [
        ("MEMBER", acme.member("Paul").await.person),
        ("ADMIN", acme.member_as("Ada", "ADMIN", &[]).await.person),
        ("OWNER", acme.owner.person.clone()),
    ];
    callers.extend(roles.map(|(name, person)| Caller::new(name, person, Stands::Inside(role(name)))));
    callers
}

/// For whom the invitation is.
pub(crate) fn recipient(person: &Person) -> Caller {
    Caller::new("the recipient of the invitation", person.clone(), Stands::Recipient)
}
