//! The activity log: exactly one entry for each thing that was done, with who, to whom, what was before and after, and
//! why.

use std::future::Future;

use chrono::TimeDelta;
use roster_tests::{On, Organization, Payload, Roster};
use rstest::rstest;
use serde_json::{Value, json};

const ENTRY: &str =
    "id action actor { name } apiTokenId member { id } invitationId groupId before after reason";

/// The log, newest first.
async fn log(acme: &Organization) -> Vec<Value> {
    let fields = format!("activities(first: 100) {{ nodes {{ {ENTRY} }} }}");
    let answer = acme.seen_by(&acme.owner, &fields).await;
    answer.at("/organization/activities/nodes").as_array().unwrap().clone()
}

/// Makes a call, which must leave this many entries on top of the log: those, newest first, without what is null and
/// without their ids.
async fn entries_of(acme: &Organization, count: usize, call: impl Future<Output = Payload>) -> Value {
    let before = log(acme).await;
    call.await.succeeds();
    let mut after = log(acme).await;
    assert_eq!(after.split_off(after.len() - before.len()), before, "the log is only ever added to");
    assert_eq!(after.len(), count, "{after:#?}");
    let slim = |entry: Value| {
        let Value::Object(fields) = entry else { panic!("{entry} is no entry") };
        fields.into_iter().filter(|(name, value)| name != "id" && !value.is_null()).collect::<Value>()
    };
    after.into_iter().map(slim).collect()
}

/// The same for exactly one entry.
async fn entry_of(acme: &Organization, call: impl Future<Output = Payload>) -> Value {
    entries_of(acme, 1, call).await[0].take()
}

#[rstest]
#[tokio::test]
async fn creating_an_organization_is_its_first_entry(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let mut log = log(&acme).await;
    assert_eq!(log.len(), 1);
    let entry = log.remove(0);
    assert_eq!(
        (&entry["action"], &entry["actor"]["name"]),
        (&json!("ORGANIZATION_CREATED"), &json!("Olivia"))
    );
    assert_eq!(entry["after"], json!({ "name": "Acme", "slug": "acme" }));
}

#[rstest]
#[tokio::test]
async fn invitations_leave_their_entries(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let owner = json!({ "name": "Olivia" });

    // One for each person.
    let people = json!([
        { "email": "bob@example.com", "role": "ADMIN", "groupIds": [design] },
        { "email": "carla@example.com" },
    ]);
    let invited = entries_of(&acme, 2, acme.invite_people(&acme.owner, people)).await;
    let found = log(&acme).await;
    let entry = |index: usize, after: Value| {
        json!({
            "action": "MEMBER_INVITED", "actor": owner, "after": after,
            "member": found[index]["member"], "invitationId": found[index]["invitationId"],
        })
    };
    let for_carla = entry(0, json!({ "role": "MEMBER", "groups": [] }));
    let for_bob = entry(1, json!({ "role": "ADMIN", "groups": [{ "id": design, "name": "Design" }] }));
    assert_eq!(invited, json!([for_carla, for_bob]));
    let (bob, carla) = (roster.person("Bob"), roster.person("Carla"));
    let about = |index: usize| {
        let text = |field: &Value| field.as_str().unwrap().to_owned();
        (text(&found[index]["member"]["id"]), text(&found[index]["invitationId"]))
    };
    let ((carlas_member, carlas_invitation), (bobs_member, bobs_invitation)) = (about(0), about(1));
    let token = roster.link_token(&bob.address).await;

    roster.pass(TimeDelta::days(1));
    let input = json!({ "invitationId": carlas_invitation });
    let resent = acme.owner.mutate("resendInvitation", input, "changed");
    assert_eq!(
        entry_of(&acme, resent).await,
        json!({
            "action": "INVITATION_RESENT", "actor": owner,
            "member": { "id": carlas_member }, "invitationId": carlas_invitation,
            "before": { "expiresAt": "2026-11-28T12:00:00Z" }, "after": { "expiresAt": "2026-11-29T12:00:00Z" },
        })
    );
    assert_eq!(
        entry_of(&acme, bob.accept(&token)).await,
        json!({
            "action": "INVITATION_ACCEPTED", "actor": { "name": "Bob" },
            "member": { "id": bobs_member }, "invitationId": bobs_invitation,
        })
    );
    let token = roster.link_token(&carla.address).await;
    assert_eq!(
        entry_of(&acme, carla.decline(&token)).await,
        json!({
            "action": "INVITATION_DECLINED", "actor": { "name": null },
            "member": { "id": carlas_member }, "invitationId": carlas_invitation,
            "before": { "role": "MEMBER", "groups": [] },
        })
    );
}

#[rstest]
#[tokio::test]
async fn ends_of_memberships_leave_their_entries(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let (bob, carla) = (acme.member_as("Bob", "ADMIN", &[&design]).await, acme.member("Carla").await);
    let (dana, emil) = (acme.invited_as("Dana", "MEMBER", &[&design]).await, acme.invited("Emil").await);
    let in_design = json!([{ "id": design, "name": "Design" }]);

    let removed = bob.remove_with(json!({ "memberId": carla.id, "note": "Moved abroad." }));
    assert_eq!(
        entry_of(&acme, removed).await,
        json!({
            "action": "MEMBER_REMOVED", "actor": { "name": "Bob" }, "member": { "id": carla.id },
            "before": { "role": "MEMBER", "groups": [] }, "reason": "Moved abroad.",
        })
    );
    let note = json!({ "invitationId": dana.invitation_id, "note": "Filled." });
    assert_eq!(
        entry_of(&acme, bob.mutate("revokeInvitation", note, "changed")).await,
        json!({
            "action": "INVITATION_REVOKED", "actor": { "name": "Bob" },
            "member": { "id": dana.id }, "invitationId": dana.invitation_id,
            "before": { "role": "MEMBER", "groups": in_design }, "reason": "Filled.",
        })
    );
    // Removing somebody who is only invited is a revocation, and one entry.
    let removed = entry_of(&acme, bob.remove(&emil)).await;
    assert_eq!(removed["action"], "INVITATION_REVOKED");
    assert_eq!(
        entry_of(&acme, bob.leave(&acme.id)).await,
        json!({
            "action": "MEMBER_LEFT", "actor": { "name": "Bob" }, "member": { "id": bob.id },
            "before": { "role": "ADMIN", "groups": in_design },
        })
    );
}

#[rstest]
#[tokio::test]
async fn a_removal_with_the_invitations_sent_leaves_an_entry_for_each(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    for address in ["dana@example.com", "emil@example.com"] {
        acme.invite_by(&ada, address, "MEMBER", &[]).await.succeeds();
    }
    let removed = acme.owner.remove_with(json!({ "memberId": ada.id, "revokeSentInvitations": true }));
    let entries = entries_of(&acme, 3, removed).await;
    let actions: Vec<_> = entries.as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["INVITATION_REVOKED", "INVITATION_REVOKED", "MEMBER_REMOVED"]);
}

#[rstest]
#[tokio::test]
async fn a_change_of_role_leaves_its_entry(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, dana) = (acme.member("Bob").await, acme.invited("Dana").await);
    for member in [&bob, &dana] {
        assert_eq!(
            entry_of(&acme, acme.owner.change_role(member, "ADMIN")).await,
            json!({
                "action": "MEMBER_ROLE_CHANGED", "actor": { "name": "Olivia" }, "member": { "id": member.id },
                "before": { "role": "MEMBER" }, "after": { "role": "ADMIN" },
            })
        );
    }
}

#[rstest]
#[tokio::test]
async fn groups_leave_their_entries(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, carla) = (acme.member("Bob").await, acme.member("Carla").await);
    let owner = json!({ "name": "Olivia" });
    let input = json!({ "organizationId": acme.id, "name": "Design", "permissions": ["MEMBERS_INVITE"] });
    let created = entry_of(&acme, acme.owner.mutate("createGroup", input, "message")).await;
    let group = created["groupId"].as_str().unwrap();
    let (old, new) = (
        json!({ "name": "Design", "description": "", "permissions": ["MEMBERS_INVITE"] }),
        json!({ "name": "Brand", "description": "", "permissions": [] }),
    );
    let expected = json!({ "action": "GROUP_CREATED", "actor": owner, "groupId": group, "after": old });
    assert_eq!(created, expected);

    let changed = acme.owner.update_group(group, json!({ "name": "Brand", "permissions": [] }));
    assert_eq!(
        entry_of(&acme, changed).await,
        json!({ "action": "GROUP_UPDATED", "actor": owner, "groupId": group, "before": old, "after": new })
    );

    // One for each member who was not in it before.
    acme.owner.add_to_group(group, &[&bob]).await.succeeds();
    assert_eq!(
        entry_of(&acme, acme.owner.add_to_group(group, &[&bob, &carla])).await,
        json!({
            "action": "GROUP_MEMBER_ADDED", "actor": owner, "groupId": group,
            "member": { "id": carla.id }, "after": { "group": "Brand" },
        })
    );
    let taken_out = |member: &str| {
        json!({
            "action": "GROUP_MEMBER_REMOVED", "actor": owner, "groupId": group,
            "member": { "id": member }, "before": { "group": "Brand" },
        })
    };
    assert_eq!(
        entries_of(&acme, 2, acme.owner.take_out_of_group(group, &[&bob, &carla])).await,
        json!([taken_out(&carla.id), taken_out(&bob.id)])
    );

    acme.owner.add_to_group(group, &[&bob]).await.succeeds();
    let mut gone = new;
    gone["members"] = 1.into();
    assert_eq!(
        entry_of(&acme, acme.owner.delete_group(group)).await,
        json!({ "action": "GROUP_DELETED", "actor": owner, "groupId": group, "before": gone })
    );
}

#[rstest]
#[tokio::test]
async fn an_entry_says_by_which_api_token(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, carla) = (acme.member("Bob").await, acme.member("Carla").await);
    let (first, second) = (acme.api_token_of(&acme.owner).await, acme.api_token_of(&acme.owner).await);
    assert_eq!(acme.activities().await[..2], ["API_TOKEN_CREATED Olivia → Olivia"; 2]);

    let by_hand = entry_of(&acme, acme.owner.change_role(&bob, "ADMIN")).await;
    let by_script = entry_of(&acme, second.change_role(&bob, "MEMBER")).await;
    let by_other = entry_of(&acme, first.remove(&carla)).await;

    assert_eq!(by_hand.get("apiTokenId"), None);
    assert_eq!(by_script["apiTokenId"], second.id);
    assert_eq!(by_other["apiTokenId"], first.id);
    for entry in [by_hand, by_script, by_other] {
        assert_eq!(entry["actor"]["name"], "Olivia");
    }
}

#[rstest]
#[tokio::test]
async fn the_log_is_read_newest_first_page_by_page(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    for role in ["ADMIN", "MEMBER", "OWNER", "ADMIN"] {
        roster.pass(TimeDelta::minutes(1));
        acme.owner.change_role(&bob, role).await.succeeds();
    }
    let whole: Vec<_> = log(&acme).await.iter().map(|entry| entry["id"].clone()).collect();
    let mut pages = Vec::new();
    let mut arguments = "first: 3".to_owned();
    loop {
        let fields = format!(
            "activities({arguments}) {{ nodes {{ id createdAt }} pageInfo {{ hasNextPage endCursor }} }}"
        );
        let answer = acme.seen_by(&acme.owner, &fields).await;
        pages.extend(answer.at("/organization/activities/nodes").as_array().unwrap().clone());
        if answer.at("/organization/activities/pageInfo/hasNextPage") == false {
            break;
        }
        let cursor = answer.text("/organization/activities/pageInfo/endCursor");
        arguments = format!("first: 3, after: \"{cursor}\"");
        // What is done while somebody reads does not shift their pages.
        acme.group(&format!("Group {}", pages.len()), &[]).await;
    }
    assert_eq!(pages.iter().map(|entry| entry["id"].clone()).collect::<Vec<_>>(), whole);
    let times: Vec<_> = pages[..4].iter().map(|entry| entry["createdAt"].as_str().unwrap()).collect();
    assert_eq!(times, ["04", "03", "02", "01"].map(|m| format!("2026-11-21T12:{m}:00+00:00")));
}

#[rstest]
#[tokio::test]
async fn the_log_outlives_what_it_tells_about(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.member("Bob").await;
    let script = acme.api_token_of(&ada).await;
    script.add_to_group(&design, &[&bob]).await.succeeds();
    let before = log(&acme).await;

    acme.owner.delete_group(&design).await.succeeds();
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.remove(&ada).await.succeeds();

    assert_eq!(log(&acme).await[3..], before);
}
