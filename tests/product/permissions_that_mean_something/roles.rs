//! What roles permit: every operation that gives or takes a role, by everybody who might try.

use roster_tests::{On, Organization};
use rstest::rstest;
use serde_json::json;

use super::{Call, World};

/// A role, and who of the callers has all that it permits: the member with a group, the script, the admin, the owner.
const ROLES: [(&str, [bool; 4]); 3] = [
    ("MEMBER", [true, true, true, true]),
    ("ADMIN", [false, false, true, true]),
    ("OWNER", [false, false, false, true]),
];

#[derive(Clone, Copy, Debug)]
enum Operation {
    Invite,
    Remove,
    RemoveInvited,
    RemoveInList,
    RevokeInvitation,
    Restore,
}

use Operation::*;

impl Operation {
    /// What it does with somebody new who has a role.
    async fn call(self, acme: &Organization, role: &str, name: &str) -> Call {
        let member = || acme.member_as(name, role, &[]);
        let invited = || acme.invited_as(name, role, &[]);
        match self {
            Invite => {
                let people = json!([{ "email": format!("{name}@example.com"), "role": role }]);
                ("inviteMembers", json!({ "organizationId": acme.id, "people": people }))
            }
            Remove => ("removeMember", json!({ "memberId": member().await.id })),
            RemoveInvited => ("removeMember", json!({ "memberId": invited().await.id })),
            RemoveInList => {
                let members = json!([{ "memberId": member().await.id }]);
                ("removeMembers", json!({ "organizationId": acme.id, "members": members }))
            }
            RevokeInvitation => {
                ("revokeInvitation", json!({ "invitationId": invited().await.invitation_id }))
            }
            Restore => {
                let member = member().await;
                acme.owner.remove(&member).await.succeeds();
                ("restoreMember", json!({ "memberId": member.id }))
            }
        }
    }
}

#[rstest]
#[tokio::test]
async fn nobody_gives_or_removes_a_role_that_permits_more_than_they_have(
    #[values(Invite, Remove, RemoveInvited, RemoveInList, RevokeInvitation, Restore)] operation: Operation,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    for (role, who_has_it) in ROLES {
        for ((who, caller), has_it) in world.callers.iter().zip(who_has_it) {
            let name = format!("{}.{role}", who.replace(' ', "."));
            let call = operation.call(&world.acme, role, &name).await;
            let refusal = (!has_it).then_some("ROLE_ABOVE_YOURS");
            world.tries(caller, call, refusal, &format!("{operation:?} of {role} by {who}")).await;
        }
    }
}

/// Up, down and sideways, of members and of people who are only invited: one needs all of the role before and after.
#[rstest]
#[tokio::test]
async fn nobody_changes_a_role_from_or_to_one_that_permits_more_than_they_have(
    #[values(On::Sqlite, On::Postgres)] on: On,
    #[values(true, false)] has_accepted: bool,
) {
    let world = World::new(on).await;
    for (before, who_has_before) in ROLES {
        for (after, who_has_after) in ROLES.into_iter().filter(|(after, _)| *after != before) {
            for (index, (who, caller)) in world.callers.iter().enumerate() {
                let name = format!("{}.{before}.{after}", who.replace(' ', "."));
                let somebody = match has_accepted {
                    true => world.acme.member_as(&name, before, &[]).await,
                    false => world.acme.invited_as(&name, before, &[]).await,
                };
                let call = ("changeMemberRole", json!({ "memberId": somebody.id, "role": after }));
                let allowed = who_has_before[index] && who_has_after[index];
                let refusal = (!allowed).then_some("ROLE_ABOVE_YOURS");
                world.tries(caller, call, refusal, &format!("{before} to {after} by {who}")).await;
            }
        }
    }
}

/// What somebody has beside the role counts, too.
#[rstest]
#[tokio::test]
async fn nobody_changes_the_role_of_somebody_whose_groups_grant_more_than_they_have(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let keys = world.acme.group("Keys", &["OWNERS_MANAGE"]).await;
    for ((who, caller), has_it) in world.callers.iter().zip([false, false, false, true]) {
        let somebody = world.acme.member_as(&format!("With {who}"), "ADMIN", &[&keys]).await;
        let call = ("changeMemberRole", json!({ "memberId": somebody.id, "role": "MEMBER" }));
        world.tries(caller, call, (!has_it).then_some("ROLE_ABOVE_YOURS"), who).await;
    }
}
