//! The mutations.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::world::large;

#[tokio::test]
async fn a_change_in_a_large_organization_reads_little_more_than_it_changes() {
    let (world, acme) = large().await;
    let roster = world.roster.clone();
    let owner = &acme.owner;
    let groups = [acme.group("Design", &[]).await, acme.group("Sales", &["ACTIVITIES_READ"]).await];
    let groups: Vec<_> = groups.iter().map(String::as_str).collect();
    let [bob, rita, ruth, leo] = [
        acme.member_as("Bob", "MEMBER", &groups).await,
        acme.member_as("Rita", "ADMIN", &groups).await,
        acme.member("Ruth").await,
        acme.member("Leo").await,
    ];
    let [ann, ben, cat, dan] = [
        acme.invited("Ann").await,
        acme.invited("Ben").await,
        acme.invited("Cat").await,
        acme.invited("Dan").await,
    ];
    let [to_ann, to_ben] = [roster.link_token(&ann.address).await, roster.link_token(&ben.address).await];
    let active = acme.crowd("Active", 100).await;
    let invited = acme.invited_crowd("Invited", 100).await;
    let token = acme.api_token_of(owner).await;
    let ids = |members: &[roster_tests::Member]| -> Vec<Value> {
        members.iter().map(|member| member.id.clone().into()).collect()
    };
    let people = |name: &str, count: usize| -> Value {
        (0..count)
            .map(|n| json!({ "email": format!("{name}.{n}@example.com"), "groupIds": groups }))
            .collect()
    };
    let fingerprint = owner.review(&acme, &bob).await;
    roster.pass(TimeDelta::hours(2));

    let mut findings = world.analyzed().await;
    findings.of("inviteMembers, one", acme.invite_people(owner, people("new", 1))).await.succeeds();
    findings.of("inviteMembers, many", acme.invite_people(owner, people("newer", 100))).await.succeeds();
    findings.of("resendInvitation", owner.resend_invitation_of(&cat)).await.succeeds();
    findings.of("revokeInvitation", owner.revoke_invitation_of(&cat)).await.succeeds();
    findings.of("acceptInvitation", ann.accept(&to_ann)).await.succeeds();
    findings.of("declineInvitation", ben.decline(&to_ben)).await.succeeds();
    findings.of("changeMemberRole", owner.change_role(&ruth, "OWNER")).await.succeeds();
    findings.of("changeMemberRole, of an owner", owner.change_role(&ruth, "ADMIN")).await.succeeds();
    let to_remove = json!({ "memberId": bob.id, "expectedFingerprint": fingerprint });
    findings.of("removeMember, reviewed", owner.remove_with(to_remove)).await.succeeds();
    findings.of("removeMember, by a script", token.person.remove(&rita)).await.succeeds();
    findings.of("removeMember, who is invited", owner.remove(&dan)).await.succeeds();
    findings.of("restoreMember", owner.restore(&rita)).await.succeeds();
    findings.of("leaveOrganization", leo.leave(&acme.id)).await.succeeds();
    let group_members = json!({ "groupId": groups[0], "memberIds": ids(&active) });
    let fields = "message results { changed member { id } }";
    let added = owner.mutate("addGroupMembers", group_members.clone(), fields);
    findings.of("addGroupMembers", added).await.succeeds();
    let taken_out = owner.mutate("removeGroupMembers", group_members, fields);
    findings.of("removeGroupMembers", taken_out).await.succeeds();
    findings.of("updateGroup", owner.update_group(groups[0], json!({ "name": "Shapes" }))).await.succeeds();
    findings.of("deleteGroup", owner.delete_group(groups[1])).await.succeeds();
    let members: Vec<_> =
        ids(&active).into_iter().chain(ids(&invited)).map(|id| json!({ "memberId": id })).collect();
    let all = json!({ "members": members, "revokeSentInvitations": true, "idempotencyKey": "all" });
    findings.of("removeMembers", owner.remove_all_with(&acme, all)).await.succeeds();
    findings
        .of("updateOrganization", owner.update_organization(&acme, json!({ "name": "Ajax" })))
        .await
        .succeeds();
    findings.of("createOrganization", roster.organization("Initech")).await;
    findings.of("createApiToken", acme.api_token_of(owner)).await;
    findings.of("revokeApiToken", owner.revoke_token(&token)).await.succeeds();
    findings.are_none();
}
