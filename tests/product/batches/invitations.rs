//! Inviting many people at once: all or none, and people who were members before.

use roster_tests::{Member, On, Organization, Payload, Roster};
use rstest::rstest;
use serde_json::{Value, json};

async fn invite(acme: &Organization, addresses: &[&str], mode: &str) -> Payload {
    let people: Vec<_> = addresses.iter().map(|address| json!({ "email": address })).collect();
    let input = json!({ "organizationId": acme.id, "people": people, "mode": mode });
    let fields =
        "changed message results { email changed member { id status } invitation { status } error { code } }";
    acme.owner.mutate("inviteMembers", input, fields).await
}

#[rstest]
#[tokio::test]
async fn all_or_none(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.invited("Dana").await;
    let mut list = vec!["bob@example.com", "dana@example.com", "carla@example.com", "nobody"];
    let refused = acme.unchanged_by(invite(&acme, &list, "ATOMIC")).await;
    assert_eq!(refused.outcomes(), ["unchanged", "ALREADY_INVITED", "unchanged", "INVALID_EMAIL"]);
    assert_eq!(refused.message(), "Nobody was invited to Acme: 2 people could not be invited.");
    for result in refused.payload()["results"].as_array().unwrap() {
        assert_eq!((&result["member"], &result["invitation"]), (&Value::Null, &Value::Null));
    }
    assert!(roster.mails_to_address("bob@example.com").await.is_empty());

    list.retain(|address| ["bob@example.com", "carla@example.com"].contains(address));
    let done = invite(&acme, &list, "ATOMIC").await;
    done.succeeds();
    assert_eq!(done.outcomes(), ["done", "done"]);
    assert_eq!(done.message(), "2 people were invited to Acme.");
    assert_eq!(roster.mails_to_address("bob@example.com").await.len(), 1);
}

/// Five hundred who were removed come back in one call, as who they were and with nothing of what they had.
#[rstest]
#[tokio::test]
async fn five_hundred_former_members_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &["MEMBERS_INVITE"]).await;
    let crowd = acme.crowd("Bob", 500).await;
    let all: Vec<&Member> = crowd.iter().collect();
    acme.owner.add_to_group(&design, &all).await.succeeds();
    acme.owner.remove_all(&acme, &all).await.succeeds();

    let addresses: Vec<_> = crowd.iter().map(|member| member.address.as_str()).collect();
    let answer = invite(&acme, &addresses, "ATOMIC").await;
    answer.succeeds();
    assert_eq!(answer.message(), "500 people were invited to Acme.");
    let results = answer.payload()["results"].as_array().unwrap();
    let ids: Vec<_> = results.iter().map(|result| result["member"]["id"].as_str().unwrap()).collect();
    assert_eq!(ids, crowd.iter().map(|member| member.id.as_str()).collect::<Vec<_>>());

    let fields = "status removedAt groups { name }";
    let invited = acme.all("members", "filter: { status: [INVITED] }", fields).await;
    assert_eq!(invited.len(), 500);
    let nothing_of_old = json!({ "status": "INVITED", "removedAt": null, "groups": [] });
    assert!(invited.iter().all(|member| *member == nothing_of_old));
    let log = acme.all("activities", "filter: { actions: [MEMBER_INVITED] }", "member { id }").await;
    assert_eq!(log.len(), 1_000, "each was invited twice");

    let last = &crowd[499];
    last.accept(&roster.link_token(&last.address).await).await.succeeds();
    assert_eq!(acme.rights_of(last).await, "MEMBERS_READ");
}
