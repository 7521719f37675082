//! What there is to see, line by line: as the model has it, and as the API shows it to an owner.

use roster_tests::noon;
use serde_json::{Value, json};

use super::{
    operation::{Caller, GroupNo, InvitationNo, MemberOf, TokenNo},
    outcome::Outcome,
    stage::{Stage, key_of, text, time},
    state::{Org, Person, Time, World},
};

const ORGANIZATION: &str = "query ($id: ID!) { organization(id: $id) {
    revocationEmail invitationLifetimeDays restoreWindowDays
    members(first: 20, filter: { status: [INVITED, ACTIVE, REMOVED] }) { nodes {
        id role status removalReason removedAt restoredAt groups { id } permissions viewerCanRemove viewerCannotRemoveBecause { code }
    } }
    invitations(first: 100) { nodes { id status expiresAt member { id } } }
    groups(first: 20) { nodes { id name permissions } }
    apiTokens(first: 50) { nodes { id status permissions } }
} }";

const MINE: &str = "{ viewer { organizations(first: 9) { nodes { id viewerPermissions
    members(first: 20, filter: { status: [INVITED, ACTIVE, REMOVED] }) { nodes {
        id viewerCanRemove viewerCannotRemoveBecause { code }
    } }
} } } }";

impl World {
    /// All of an organization, as an owner sees it.
    pub(super) fn shown(&self, org: Org, owner: Person) -> Vec<String> {
        let here = self.of(org);
        let Ok(access) = self.enter(Caller::Signed(owner), org) else { unreachable!("an owner has access") };
        let mut lines = vec![format!("{:?}", here.settings)];
        for (person, member) in &here.members {
            let has = if here.is_active(*person) { self.granted(MemberOf(org, *person)) } else { [].into() };
            let reason =
                member.end.as_ref().map_or(String::new(), |end| format!("{} {}", end.reason, clock(end.at)));
            let restored = member.restored_at.map(clock);
            lines.push(format!(
                "{person:?}: {} {:?} {reason} restored {restored:?} {:?} {has:?} removable: {}",
                member.role.name(),
                member.status,
                member.groups.iter().collect::<Vec<_>>(),
                self.removable(&access, *person)
            ));
        }
        for (no, it) in here.invitations.iter().enumerate() {
            let status = it.answer.unwrap_or(if it.expires_at <= self.now { "EXPIRED" } else { "PENDING" });
            lines.push(format!(
                "{:?} of {:?}: {status} {}",
                InvitationNo(org, no),
                it.to,
                clock(it.expires_at)
            ));
        }
        for (no, it) in here.groups.iter().enumerate().filter(|(_, it)| !it.is_deleted) {
            lines.push(format!("{:?}: {} {:?}", GroupNo(org, no), it.name, it.permissions));
        }
        for (no, it) in here.tokens.iter().enumerate() {
            let status = if it.is_revoked { "REVOKED" } else { "ACTIVE" };
            lines.push(format!("{:?}: {status} {:?}", TokenNo(org, no), it.permissions));
        }
        lines.extend(sorted(here.log.iter().map(|it| {
            let script = it.token.map(|no| TokenNo(org, no));
            (it.at, format!("{} by {:?} with {script:?} about {:?}", it.action, it.by, it.about))
        })));
        let emails = self.emails.iter().filter(|it| it.org == org);
        lines.extend(sorted(
            emails.map(|it| (it.at, format!("{} to {:?} {}", it.says.kind(), it.to, it.status))),
        ));
        lines
    }
}

impl Stage {
    /// The same, as the API says it.
    pub(super) async fn shown(&self, org: Org, owner: Person) -> Vec<String> {
        let answer = self
            .caller(Caller::Signed(owner))
            .graphql(ORGANIZATION, json!({ "id": self.organizations[&org] }))
            .await;
        let it = answer.at("/organization");
        let mut lines = vec![format!(
            "revocation email {}, invitations {} d, restoring {} d",
            it["revocationEmail"], it["invitationLifetimeDays"], it["restoreWindowDays"]
        )];
        lines.extend(in_order(&it["members"], |it| {
            let person = self.member_with(&it["id"]);
            let (status, reason) = (capitalized(&it["status"]), it["removalReason"].as_str());
            let reason =
                reason.map_or(String::new(), |reason| format!("{reason} {}", clock(time(&it["removedAt"]))));
            let restored = Some(&it["restoredAt"]).filter(|at| !at.is_null()).map(|at| clock(time(at)));
            let mut groups: Vec<_> = it["groups"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| key_of(&self.groups, &it["id"]).unwrap())
                .collect();
            groups.sort();
            let has = permissions(&it["permissions"]);
            let line = format!(
                "{} {status} {reason} restored {restored:?} {groups:?} {has:?} removable: {}",
                text(&it["role"]),
                removable(it)
            );
            (person, format!("{:?}: {line}", person.unwrap()))
        }));
        lines.extend(in_order(&it["invitations"], |it| {
            let (no, person) = (key_of(&self.invitations, &it["id"]), self.member_with(&it["member"]["id"]));
            (
                no,
                format!(
                    "{:?} of {:?}: {} {}",
                    no.unwrap(),
                    person.unwrap(),
                    text(&it["status"]),
                    clock(time(&it["expiresAt"]))
                ),
            )
        }));
        lines.extend(in_order(&it["groups"], |it| {
            let no = key_of(&self.groups, &it["id"]);
            (no, format!("{:?}: {} {:?}", no.unwrap(), text(&it["name"]), permissions(&it["permissions"])))
        }));
        lines.extend(in_order(&it["apiTokens"], |it| {
            let no = key_of(&self.tokens, &it["id"]);
            (no, format!("{:?}: {} {:?}", no.unwrap(), text(&it["status"]), permissions(&it["permissions"])))
        }));
        let log = self
            .all(org, owner, "activities", "action createdAt actor { email } apiTokenId member { id }")
            .await;
        lines.extend(sorted(log.iter().map(|it| {
            let (by, script) =
                (self.person_at(&it["actor"]["email"]).unwrap(), key_of(&self.tokens, &it["apiTokenId"]));
            let about = self.member_with(&it["member"]["id"]);
            (
                time(&it["createdAt"]),
                format!("{} by {by:?} with {script:?} about {about:?}", text(&it["action"])),
            )
        })));
        let emails = self.all(org, owner, "notifications", "kind recipient status createdAt").await;
        lines.extend(sorted(emails.iter().map(|it| {
            let to = self.person_at(&it["recipient"]).unwrap();
            (time(&it["createdAt"]), format!("{} to {to:?} {}", text(&it["kind"]), text(&it["status"])))
        })));
        lines
    }

    /// What somebody sees of their organizations.
    pub(super) async fn look(&self, caller: Caller) -> Outcome {
        let answer = self.caller(caller).query(MINE).await;
        if answer.0.get("errors").is_some() {
            return Outcome::Refused(answer.error_code().to_owned());
        }
        let mine = answer.at("/viewer/organizations");
        let lines = in_order(mine, |it| {
            let org = key_of(&self.organizations, &it["id"]).expect("an organization of this story");
            let header = format!("{org:?}: {:?}", permissions(&it["viewerPermissions"]));
            let members = in_order(&it["members"], |it| {
                let person = self.member_with(&it["id"]).unwrap();
                (person, format!("{person:?} of {org:?}: {}", removable(it)))
            });
            (org, [vec![header], members].concat())
        });
        Outcome::Seen(lines.concat())
    }
}

/// What there is to say of each node of a list, in the order of the model.
fn in_order<K: Ord, L>(connection: &Value, line: impl Fn(&Value) -> (K, L)) -> Vec<L> {
    let mut lines: Vec<_> = connection["nodes"].as_array().unwrap().iter().map(line).collect();
    lines.sort_by(|one, other| one.0.cmp(&other.0));
    lines.into_iter().map(|(_, line)| line).collect()
}

/// By time; what happened at once is in no order.
fn sorted(lines: impl Iterator<Item = (Time, String)>) -> Vec<String> {
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    lines.into_iter().map(|(at, line)| format!("{} {line}", clock(at))).collect()
}

/// When it is, for people.
fn clock(at: Time) -> String {
    let at = noon() + at;
    at.format("%-d %B %H:%M:%S").to_string()
}

fn permissions(value: &Value) -> std::collections::BTreeSet<&str> {
    value.as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

fn removable(member: &Value) -> &str {
    match member["viewerCannotRemoveBecause"]["code"].as_str() {
        Some(code) => code,
        None if member["viewerCanRemove"] == true => "yes",
        None => "no",
    }
}

/// `Active`, of `ACTIVE`.
fn capitalized(value: &Value) -> String {
    let text = text(value);
    format!("{}{}", &text[..1], text[1..].to_lowercase())
}
