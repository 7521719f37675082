//! Putting many members into a group at once, and taking them out: some of them, or all or none.

use roster_tests::{Member, On, Organization, Payload, Roster};
use rstest::rstest;
use serde_json::json;

async fn change(
    acme: &Organization,
    mutation: &str,
    group: &str,
    members: &[&Member],
    mode: &str,
) -> Payload {
    let ids: Vec<_> = members.iter().map(|member| &member.id).collect();
    let input = json!({ "groupId": group, "memberIds": ids, "mode": mode });
    let fields = "changed message results { memberId changed error { code } }";
    acme.owner.mutate(mutation, input, fields).await
}

#[rstest]
#[tokio::test]
async fn all_or_none(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let (acme, globex) = (roster.organization("Acme").await, roster.organization_of("Gina", "Globex").await);
    let design = acme.group("Design", &[]).await;
    let (bob, dana) = (acme.member("Bob").await, acme.invited("Dana").await);
    let carla = acme.member_as("Carla", "MEMBER", &[&design]).await;
    let fay = acme.member("Fay").await;
    acme.owner.remove(&fay).await.succeeds();

    let list = [&bob, &carla, &fay, &globex.owner, &dana];
    let call = change(&acme, "addGroupMembers", &design, &list, "ATOMIC");
    let refused = acme.unchanged_by(call).await;
    let outcomes = ["unchanged", "unchanged", "ALREADY_REMOVED", "MEMBER_NOT_FOUND", "unchanged"];
    assert_eq!(refused.outcomes(), outcomes);
    assert_eq!(refused.message(), "Nobody was added to the group Design; 2 could not be added.");
    let list = [&carla, &globex.owner];
    let call = change(&acme, "removeGroupMembers", &design, &list, "ATOMIC");
    let refused = acme.unchanged_by(call).await;
    assert_eq!(refused.outcomes(), ["unchanged", "MEMBER_NOT_FOUND"]);

    let done = change(&acme, "addGroupMembers", &design, &[&bob, &carla, &dana], "ATOMIC").await;
    done.succeeds();
    assert_eq!(done.outcomes(), ["done", "unchanged", "done"]);
    let done = change(&acme, "removeGroupMembers", &design, &[&dana, &bob, &fay], "ATOMIC").await;
    assert_eq!(done.outcomes(), ["done", "done", "unchanged"]);
    assert_eq!(acme.members(json!({ "groupIds": [design] })).await, ["Carla: ACTIVE"]);
}

#[rstest]
#[tokio::test]
async fn a_thousand(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let (active, invited) = (acme.crowd("Bob", 500).await, acme.invited_crowd("Dana", 490).await);
    let former = acme.crowd("Fay", 10).await;
    acme.owner.remove_all(&acme, &former.iter().collect::<Vec<_>>()).await.succeeds();
    let list: Vec<_> = active.iter().chain(&former).chain(&invited).collect();

    for (mutation, of_the_former, message, action) in [
        (
            "addGroupMembers",
            "ALREADY_REMOVED",
            "990 members were added to the group Design; 10 could not be added.",
            "GROUP_MEMBER_ADDED",
        ),
        (
            "removeGroupMembers",
            "unchanged",
            "990 members were taken out of the group Design.",
            "GROUP_MEMBER_REMOVED",
        ),
    ] {
        let answer = change(&acme, mutation, &design, &list, "PARTIAL").await;
        assert_eq!(
            answer.outcomes(),
            [vec!["done"; 500], vec![of_the_former; 10], vec!["done"; 490]].concat()
        );
        assert_eq!(answer.message(), message);
        let log = acme.all("activities", &format!("filter: {{ actions: [{action}] }}"), "groupId").await;
        assert_eq!(log, vec![json!({ "groupId": design }); 990]);
        let inside = acme.all("members", &format!("filter: {{ groupIds: [\"{design}\"] }}"), "id").await;
        assert_eq!(inside.len(), if mutation == "addGroupMembers" { 990 } else { 0 });
    }
}
