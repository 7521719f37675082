//! Every kind of event, by the operation that causes it.

use chrono::TimeDelta;
use roster_tests::{Member, On, Organization, Over, Roster, Watcher};
use rstest::rstest;
use serde_json::{Value, json};

const FIELDS: &str =
    "at member { id status role groups { name } } invitation { id status } notification { id status }
    activity { id action actor { name } member { id } }";

async fn acme(on: On, over: Over) -> (Organization, Watcher) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let watcher = acme.watched_by(&acme.owner, over, FIELDS).await;
    (acme, watcher)
}

/// Somebody who has joined, with the events that tell of it heard.
async fn joined(acme: &Organization, watcher: &mut Watcher, name: &str) -> Member {
    let member = acme.member(name).await;
    for kind in ["MEMBER_INVITED", "NOTIFICATION_DELIVERED", "MEMBER_JOINED", "INVITATION_CHANGED"] {
        watcher.is_told(kind).await;
    }
    member
}

#[rstest]
#[tokio::test]
async fn from_an_invitation_to_a_removal_the_owner_is_told_everything(
    #[values(On::Sqlite, On::Postgres)] on: On,
    #[values(Over::Socket, Over::EventStream)] over: Over,
) {
    let (acme, mut owner) = acme(on, over).await;
    let bob = acme.invited("Bob").await;
    let told = owner.is_told("MEMBER_INVITED").await;
    assert_eq!(told["at"], "2026-11-21T12:00:00+00:00");
    assert_eq!(told["member"], json!({ "id": bob.id, "status": "INVITED", "role": "MEMBER", "groups": [] }));
    assert_eq!(told["invitation"], json!({ "id": bob.invitation_id, "status": "PENDING" }));
    let activity = &told["activity"];
    assert_eq!(
        (&activity["action"], &activity["actor"]["name"]),
        (&json!("MEMBER_INVITED"), &json!("Olivia"))
    );
    assert_eq!(told["notification"], Value::Null);

    let token = acme.owner.roster.link_token(&bob.address).await;
    let told = owner.is_told("NOTIFICATION_DELIVERED").await;
    assert_eq!(told["notification"]["status"], "SENT");
    assert_eq!(told["member"]["id"], bob.id);

    bob.accept(&token).await.succeeds();
    let told = owner.is_told("MEMBER_JOINED").await;
    assert_eq!((&told["member"]["status"], &told["member"]["id"]), (&json!("ACTIVE"), &json!(bob.id)));
    let told = owner.is_told("INVITATION_CHANGED").await;
    assert_eq!(told["invitation"], json!({ "id": bob.invitation_id, "status": "ACCEPTED" }));

    acme.owner.change_role(&bob, "ADMIN").await.succeeds();
    assert_eq!(owner.is_told("MEMBER_CHANGED").await["member"]["role"], "ADMIN");

    acme.owner.remove(&bob).await.succeeds();
    let told = owner.is_told("MEMBER_REMOVED").await;
    assert_eq!((&told["member"]["status"], &told["member"]["id"]), (&json!("REMOVED"), &json!(bob.id)));
    assert_eq!(told["activity"]["action"], "MEMBER_REMOVED");
}

#[rstest]
#[tokio::test]
async fn groups_and_restoring_change_members(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, mut owner) = acme(on, Over::Socket).await;
    let [bob, zoe] = [joined(&acme, &mut owner, "Bob").await, joined(&acme, &mut owner, "Zoe").await];
    // To create a group changes nobody.
    let design = acme.group("Design", &[]).await;
    acme.owner.add_to_group(&design, &[&bob, &zoe]).await.succeeds();
    for member in [&bob, &zoe] {
        let told = owner.is_told("MEMBER_CHANGED").await;
        assert_eq!(
            (&told["member"]["id"], &told["member"]["groups"]),
            (&json!(member.id), &json!([{ "name": "Design" }]))
        );
    }
    acme.owner.take_out_of_group(&design, &[&zoe]).await.succeeds();
    let told = owner.is_told("MEMBER_CHANGED").await;
    assert_eq!((&told["member"]["id"], &told["member"]["groups"]), (&json!(zoe.id), &json!([])));

    acme.owner.update_group(&design, json!({ "name": "Art" })).await.succeeds();
    let told = owner.is_told("MEMBER_CHANGED").await;
    assert_eq!((&told["member"], &told["activity"]["action"]), (&Value::Null, &json!("GROUP_UPDATED")));
    acme.owner.delete_group(&design).await.answer.data();
    let told = owner.is_told("MEMBER_CHANGED").await;
    assert_eq!((&told["member"], &told["activity"]["action"]), (&Value::Null, &json!("GROUP_DELETED")));

    acme.owner.remove(&bob).await.succeeds();
    owner.is_told("MEMBER_REMOVED").await;
    acme.owner.mutate("restoreMember", json!({ "memberId": bob.id }), "changed").await.succeeds();
    let told = owner.is_told("MEMBER_CHANGED").await;
    assert_eq!((&told["member"]["id"], &told["member"]["status"]), (&json!(bob.id), &json!("ACTIVE")));
    zoe.leave(&acme.id).await.succeeds();
    let told = owner.is_told("MEMBER_REMOVED").await;
    assert_eq!((&told["member"]["id"], &told["activity"]["action"]), (&json!(zoe.id), &json!("MEMBER_LEFT")));
}

#[rstest]
#[tokio::test]
async fn an_invitation_is_resent_revoked_and_declined(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, mut owner) = acme(on, Over::Socket).await;
    let bob = acme.invited("Bob").await;
    owner.is_told("MEMBER_INVITED").await;
    acme.owner.roster.pass(TimeDelta::minutes(5));
    acme.owner.resend_invitation_of(&bob).await.succeeds();
    let told = owner.is_told("INVITATION_CHANGED").await;
    assert_eq!(
        (&told["invitation"]["status"], &told["activity"]["action"]),
        (&json!("PENDING"), &json!("INVITATION_RESENT"))
    );
    let token = acme.owner.roster.link_token(&bob.address).await;
    owner.is_told("NOTIFICATION_DELIVERED").await;
    bob.decline(&token).await.succeeds();
    assert_eq!(owner.is_told("MEMBER_REMOVED").await["member"]["id"], bob.id);
    assert_eq!(owner.is_told("INVITATION_CHANGED").await["invitation"]["status"], "DECLINED");

    let zoe = acme.invited("Zoe").await;
    owner.is_told("MEMBER_INVITED").await;
    acme.owner.revoke_invitation_of(&zoe).await.succeeds();
    assert_eq!(owner.is_told("MEMBER_REMOVED").await["member"]["status"], "REMOVED");
    assert_eq!(owner.is_told("INVITATION_CHANGED").await["invitation"]["status"], "REVOKED");
}

#[rstest]
#[tokio::test]
async fn an_email_that_is_given_up_is_told(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, mut owner) = acme(on, Over::EventStream).await;
    let roster = &acme.owner.roster;
    roster.smtp().refuse_recipient("bob@example.com", "550 5.1.1 No such user");
    let bob = acme.invited("Bob").await;
    roster.deliver().await;
    owner.is_told("MEMBER_INVITED").await;
    let told = owner.is_told("NOTIFICATION_FAILED").await;
    assert_eq!((&told["notification"]["status"], &told["member"]["id"]), (&json!("FAILED"), &json!(bob.id)));
}

/// A list is one commit, and more events than go into one message.
#[rstest]
#[tokio::test]
async fn each_of_a_long_list_is_told_in_its_order(
    #[values(On::Sqlite, On::Postgres)] on: On,
    #[values(Over::Socket, Over::EventStream)] over: Over,
) {
    let (acme, mut owner) = acme(on, over).await;
    let people: Vec<_> =
        (0..250).map(|n| json!({ "email": format!("p{n}@example.com"), "role": "MEMBER" })).collect();
    let invited = acme.invite_people(&acme.owner, json!(people)).await;
    let results = invited.succeeds()["results"].as_array().unwrap();
    for result in results {
        let told = owner.is_told("MEMBER_INVITED").await;
        assert_eq!(told["member"]["id"], result["member"]["id"]);
        assert_eq!(told["invitation"]["id"], result["invitation"]["id"]);
    }
}

/// Neither what is tried only, nor what is so already, nor what is refused; nor anything of another organization.
#[rstest]
#[tokio::test]
async fn what_changes_nothing_is_not_told(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, mut owner) = acme(on, Over::Socket).await;
    let bob = joined(&acme, &mut owner, "Bob").await;
    acme.owner.remove_with(json!({ "memberId": bob.id, "dryRun": true })).await.answer.data();
    acme.owner.change_role(&bob, "MEMBER").await.changes_nothing();
    acme.owner.remove(&acme.owner).await.fails_with("CANNOT_REMOVE_SELF");
    acme.group("Design", &[]).await;
    let globex = acme.owner.roster.organization("Globex").await;
    globex.member("Gwen").await;
    let zoe = acme.invited("Zoe").await;
    assert_eq!(owner.is_told("MEMBER_INVITED").await["member"]["id"], zoe.id);
}
