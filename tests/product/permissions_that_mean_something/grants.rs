//! What groups and tokens grant: every operation that gives or takes it, by everybody who might try.

use roster_tests::{On, Organization};
use rstest::rstest;
use serde_json::json;

use super::{Call, World, permissions};

/// What is granted, and who of the callers has that: the member with a group, the script, the admin, the owner.
const GRANTS: [(&str, [bool; 4]); 4] = [
    ("MEMBERS_READ", [true, true, true, true]),
    ("MEMBERS_INVITE", [true, true, true, true]),
    ("ACTIVITIES_READ", [false, false, true, true]),
    ("OWNERS_MANAGE", [false, false, false, true]),
];

#[derive(Clone, Copy, Debug)]
enum Operation {
    InviteInto,
    CreateGroup,
    WidenGroup,
    NarrowGroup,
    RenameGroup,
    DeleteGroup,
    Add,
    TakeOut,
    CreateToken,
    RevokeToken,
    Remove,
    RemoveInvited,
    RemoveInList,
    RevokeInvitation,
    Restore,
}

use Operation::*;

impl Operation {
    /// What it does with something new that grants a permission.
    async fn call(self, acme: &Organization, grants: &str, name: &str) -> Call {
        let group = acme.group(name, &[grants]).await;
        let other_name = format!("Other {name}");
        let groups = [group.as_str()];
        let member = || acme.member_as(name, "MEMBER", &groups);
        let invited = || acme.invited_as(name, "MEMBER", &groups);
        match self {
            InviteInto => {
                let people = json!([{ "email": format!("{name}@example.com"), "groupIds": [group] }]);
                ("inviteMembers", json!({ "organizationId": acme.id, "people": people }))
            }
            CreateGroup => {
                let input = json!({ "organizationId": acme.id, "name": other_name, "permissions": [grants] });
                ("createGroup", input)
            }
            WidenGroup => {
                let empty = acme.group(&other_name, &[]).await;
                ("updateGroup", json!({ "groupId": empty, "permissions": [grants] }))
            }
            NarrowGroup => ("updateGroup", json!({ "groupId": group, "permissions": [] })),
            RenameGroup => ("updateGroup", json!({ "groupId": group, "name": other_name })),
            DeleteGroup => ("deleteGroup", json!({ "groupId": group })),
            Add => {
                let member = acme.member(name).await;
                ("addGroupMembers", json!({ "groupId": group, "memberIds": [member.id] }))
            }
            TakeOut => ("removeGroupMembers", json!({ "groupId": group, "memberIds": [member().await.id] })),
            CreateToken => {
                let input = json!({ "organizationId": acme.id, "name": name, "permissions": [grants] });
                ("createApiToken", input)
            }
            RevokeToken => {
                let token = acme.api_token_with(&acme.owner, Some(permissions(&[grants]))).await;
                ("revokeApiToken", json!({ "apiTokenId": token.id }))
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

    fn refusal(self) -> &'static str {
        match self {
            Remove | RemoveInvited | RemoveInList | RevokeInvitation | Restore => "ROLE_ABOVE_YOURS",
            _ => "PERMISSION_ABOVE_YOURS",
        }
    }
}

#[rstest]
#[tokio::test]
async fn nobody_gives_takes_or_removes_what_a_group_or_token_grants_beyond_their_own(
    #[values(
        InviteInto,
        CreateGroup,
        WidenGroup,
        NarrowGroup,
        RenameGroup,
        DeleteGroup,
        Add,
        TakeOut,
        CreateToken,
        RevokeToken,
        Remove,
        RemoveInvited,
        RemoveInList,
        RevokeInvitation,
        Restore
    )]
    operation: Operation,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    for (number, (grants, who_has_it)) in GRANTS.into_iter().enumerate() {
        for ((who, caller), has_it) in world.callers.iter().zip(who_has_it) {
            // A script creates no tokens, whatever they grant.
            if matches!(operation, CreateToken) && *who == "a script" {
                continue;
            }
            let name = format!("{}{number}", who.replace(' ', "."));
            let call = operation.call(&world.acme, grants, &name).await;
            let refusal = (!has_it).then(|| operation.refusal());
            world.tries(caller, call, refusal, &format!("{operation:?} with {grants} by {who}")).await;
        }
    }
}
