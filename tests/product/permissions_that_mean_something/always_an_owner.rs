//! Somebody who can manage roles always remains, in whatever order administrators get rid of each other.

use roster_tests::{Member, On, Organization, Roster};
use rstest::rstest;
use serde_json::json;

/// What somebody tries.
#[derive(Clone, Copy, Debug)]
enum Step {
    Remove(Who, Who),
    Demote(Who, Who),
    Leave(Who),
    /// The group by which Dora may do what owners may.
    EmptyDeputies(Who),
    DeleteDeputies(Who),
    Promote(Who, Who),
}

/// Two owners, an admin who may manage owners by a group, and an admin.
#[derive(Clone, Copy, Debug)]
enum Who {
    Olivia,
    Otto,
    Dora,
    Ada,
}

use Step::*;
use Who::*;

/// Each round begins with another one of these.
const STEPS: [Step; 14] = [
    Remove(Olivia, Otto),
    Demote(Dora, Olivia),
    Leave(Olivia),
    Remove(Dora, Otto),
    Demote(Otto, Dora),
    Remove(Ada, Olivia),
    EmptyDeputies(Otto),
    Remove(Otto, Olivia),
    Demote(Olivia, Otto),
    Leave(Otto),
    Promote(Dora, Ada),
    Remove(Ada, Otto),
    DeleteDeputies(Olivia),
    Remove(Dora, Olivia),
];

struct Cast {
    acme: Organization,
    members: [Member; 4],
    deputies: String,
    /// Sees what happens and takes no part.
    paul: Member,
}

impl Cast {
    async fn new(roster: &Roster, name: &str) -> Self {
        let acme = roster.organization(name).await;
        let deputies = acme.group("Deputies", &["OWNERS_MANAGE"]).await;
        let members = [
            acme.owner.clone(),
            acme.member_as("Otto", "OWNER", &[]).await,
            acme.member_as("Dora", "ADMIN", &[&deputies]).await,
            acme.member_as("Ada", "ADMIN", &[]).await,
        ];
        let paul = acme.member("Paul").await;
        Self { acme, members, deputies, paul }
    }

    /// Tries a step. Whether it is refused, and how, depends on what was before.
    async fn step(&self, step: Step) {
        let of = |who: Who| &self.members[who as usize];
        match step {
            Remove(who, whom) => of(who).remove(of(whom)).await,
            Demote(who, whom) => of(who).change_role(of(whom), "MEMBER").await,
            Promote(who, whom) => of(who).change_role(of(whom), "OWNER").await,
            Leave(who) => of(who).leave(&self.acme.id).await,
            EmptyDeputies(who) => of(who).take_out_of_group(&self.deputies, &[of(Dora)]).await,
            DeleteDeputies(who) => of(who).delete_group(&self.deputies).await,
        };
    }

    /// The owners, each of whom must be able to manage roles.
    async fn owners(&self) -> Vec<String> {
        let fields =
            "members(filter: { role: [OWNER], status: [ACTIVE] }) { nodes { permissions user { name } } }";
        let seen = self.acme.seen_by(&self.paul, fields).await;
        let owners = seen.at("/organization/members/nodes").as_array().unwrap().clone();
        for owner in &owners {
            let permissions = owner["permissions"].as_array().unwrap();
            assert!(
                ["ROLES_MANAGE", "OWNERS_MANAGE"].iter().all(|p| permissions.contains(&json!(p))),
                "{owner}"
            );
        }
        owners.iter().map(|owner| owner["user"]["name"].as_str().unwrap().to_owned()).collect()
    }
}

#[rstest]
#[tokio::test]
async fn however_administrators_get_rid_of_each_other_an_owner_remains(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    for (start, first) in STEPS.iter().enumerate() {
        let cast = Cast::new(&roster, &format!("Acme {start}")).await;
        for step in STEPS.iter().cycle().skip(start).take(STEPS.len()) {
            cast.step(*step).await;
            assert!(!cast.owners().await.is_empty(), "{step:?}, having begun with {first:?}");
        }
        // Then all who are left want to go, and the last one stays and can still do everything.
        let owners = cast.owners().await;
        let mut owners: Vec<_> = cast.members.iter().filter(|member| owners.contains(&member.name)).collect();
        let last = owners.pop().unwrap();
        for owner in owners {
            owner.leave(&cast.acme.id).await.succeeds();
        }
        last.leave(&cast.acme.id).await.fails_with("LAST_OWNER");
        last.change_role(&cast.paul, "OWNER").await.succeeds();
        assert!(cast.owners().await.contains(&"Paul".to_owned()));
    }
}
