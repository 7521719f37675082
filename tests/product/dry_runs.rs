//! Dry runs: the answer says what would be done, nothing is, and what is done then is what was said.

use roster_tests::{Member, On, Organization, Payload, Person, Roster};
use rstest::rstest;
use serde_json::{Value, json};

/// All rows of the database.
async fn stored(roster: &Roster) -> Vec<String> {
    let mut rows: Vec<_> = roster.everything_stored().await.lines().map(str::to_owned).collect();
    rows.sort();
    rows
}

/// Tries a call, which must leave nothing behind and send nothing, and then makes it.
async fn tried_and_done(
    acme: &Organization,
    caller: &Person,
    mutation: &str,
    input: Value,
    fields: &str,
) -> (Payload, Payload) {
    let roster = &acme.owner.roster;
    roster.deliver().await;
    let (before, mails) = (stored(roster).await, roster.smtp().mails().len());
    let mut dry = input.clone();
    dry["dryRun"] = true.into();
    let tried = acme.unchanged_by(caller.mutate(mutation, dry, fields)).await;
    roster.sweep().await;
    assert_eq!(roster.smtp().mails().len(), mails);
    similar_asserts::assert_eq!(stored(roster).await, before);
    let done = caller.mutate(mutation, input, fields).await;
    for field in ["changed", "errors", "warnings"] {
        assert_eq!(tried.payload()[field], done.payload()[field], "{field}");
    }
    (tried, done)
}

async fn acme_on(on: On) -> (Roster, Organization) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    (roster, acme)
}

const REMOVED: &str =
    "changed message member { status } revokedInvitation { status } revokedSentInvitations { email status }";

#[rstest]
#[tokio::test]
async fn of_removing_one_member(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (roster, acme) = acme_on(on).await;
    let ada = acme.member_as("Ada", "ADMIN", &[&acme.group("Design", &[]).await]).await;
    acme.api_token_of(&ada).await;
    acme.invite_by(&ada, "emil@example.com", "MEMBER", &[]).await.succeeds();
    let dana = acme.invited("Dana").await;
    let remove = async |member: &Member| {
        let input = json!({ "memberId": member.id, "note": "Bye.", "revokeSentInvitations": true });
        tried_and_done(&acme, &acme.owner, "removeMember", input, REMOVED).await
    };

    let (tried, done) = remove(&ada).await;
    assert_eq!(tried.message(), "Ada would be removed from Acme.");
    assert_eq!(done.message(), "Ada was removed from Acme.");
    let would_be = &tried.payload()["revokedSentInvitations"];
    assert_eq!(would_be, &json!([{ "email": "emil@example.com", "status": "PENDING" }]));
    assert_eq!(done.payload()["revokedSentInvitations"][0]["email"], "emil@example.com");
    let status = |payload: &Payload| payload.payload()["member"]["status"].clone();
    assert_eq!((status(&tried), status(&done)), (json!("ACTIVE"), json!("REMOVED")));

    let (tried, done) = remove(&dana).await;
    let sentence = |what: &str| format!("dana@example.com had not joined Acme yet. The invitation {what}.");
    assert_eq!(tried.message(), sentence("would be revoked, and its link would stop working"));
    assert_eq!(done.message(), sentence("was revoked, and its link no longer works"));
    let status = |payload: &Payload| payload.payload()["revokedInvitation"]["status"].clone();
    assert_eq!((status(&tried), status(&done)), (json!("PENDING"), json!("REVOKED")));
    assert_eq!(roster.mails_to(&dana).await.len(), 2);

    let (tried, done) = remove(&dana).await;
    tried.changes_nothing();
    assert_eq!(tried.message(), done.message());
    let (tried, _) = remove(&acme.owner).await;
    tried.fails_with("CANNOT_REMOVE_SELF");
}

#[rstest]
#[tokio::test]
async fn of_removing_a_list(
    #[values(On::Sqlite, On::Postgres)] on: On,
    #[values("PARTIAL", "ATOMIC")] mode: &str,
) {
    let (_roster, acme) = acme_on(on).await;
    let (bob, carla, dana) =
        (acme.member("Bob").await, acme.member("Carla").await, acme.invited("Dana").await);
    acme.owner.remove(&carla).await.succeeds();
    let members = [&bob, &carla, &acme.owner, &dana, &bob].map(|member| json!({ "memberId": member.id }));
    let input = json!({ "organizationId": acme.id, "members": members, "mode": mode });
    let fields = "changed message results { memberId changed message error { code message path } }";
    let (tried, done) = tried_and_done(&acme, &acme.owner, "removeMembers", input, fields).await;

    let changed = if mode == "PARTIAL" { "done" } else { "unchanged" };
    let outcomes = [changed, "unchanged", "CANNOT_REMOVE_SELF", changed, "DUPLICATE_IN_REQUEST"];
    assert_eq!((tried.outcomes(), done.outcomes()), (outcomes.to_vec(), outcomes.to_vec()));
    let (would, did) = match mode {
        "PARTIAL" => (
            "2 people would be removed from Acme; 1 had been removed before; 2 cannot be removed.",
            "2 people were removed from Acme; 1 had been removed before; 2 could not be removed.",
        ),
        _ => (
            "Nobody would be removed from Acme: 2 people cannot be removed.",
            "Nobody was removed from Acme: 2 people could not be removed.",
        ),
    };
    assert_eq!((tried.message(), done.message()), (would, did));
    if mode == "PARTIAL" {
        let sentence = |payload: &Payload| payload.payload()["results"][0]["message"].clone();
        assert_eq!(sentence(&tried), "Bob would be removed from Acme.");
        assert_eq!(sentence(&done), "Bob was removed from Acme.");
    }
}

#[rstest]
#[tokio::test]
async fn of_inviting(#[values(On::Sqlite, On::Postgres)] on: On, #[values("PARTIAL", "ATOMIC")] mode: &str) {
    let (roster, acme) = acme_on(on).await;
    let design = acme.group("Design", &[]).await;
    let former = acme.member("Fay").await;
    acme.owner.remove(&former).await.succeeds();
    let invitee = |email: &str| json!({ "email": email, "groupIds": [design] });
    let people = ["bob@example.com", "fay@example.com", "olivia@example.com", "bob@", "BOB@example.com"];
    let input = json!({ "organizationId": acme.id, "people": people.map(invitee), "mode": mode });
    let fields = "changed message results { email changed member { status } invitation { status } error { code message path } }";
    let (tried, done) = tried_and_done(&acme, &acme.owner, "inviteMembers", input, fields).await;

    let changed = if mode == "PARTIAL" { "done" } else { "unchanged" };
    let outcomes = [changed, changed, "ALREADY_MEMBER", "INVALID_EMAIL", "DUPLICATE_IN_REQUEST"];
    assert_eq!((tried.outcomes(), done.outcomes()), (outcomes.to_vec(), outcomes.to_vec()));
    assert_eq!(tried.payload()["results"][0]["member"], Value::Null, "there is none");
    let (would, did) = match mode {
        "PARTIAL" => (
            "2 people would be invited to Acme; 3 cannot be invited.",
            "2 people were invited to Acme; 3 could not be invited.",
        ),
        _ => (
            "Nobody would be invited to Acme: 3 people cannot be invited.",
            "Nobody was invited to Acme: 3 people could not be invited.",
        ),
    };
    assert_eq!((tried.message(), done.message()), (would, did));
    let mails = roster.mails_to_address("bob@example.com").await;
    assert_eq!(mails.len(), usize::from(mode == "PARTIAL"));
}

#[rstest]
#[tokio::test]
async fn of_putting_members_into_a_group_and_taking_them_out(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (_roster, acme) = acme_on(on).await;
    let design = acme.group("Design", &[]).await;
    let (bob, carla, dana) = (
        acme.member("Bob").await,
        acme.member_as("Carla", "MEMBER", &[&design]).await,
        acme.invited("Dana").await,
    );
    let former = acme.member("Fay").await;
    acme.owner.remove(&former).await.succeeds();
    let members = [&bob, &carla, &former, &dana, &bob].map(|member| &member.id);
    let input = json!({ "groupId": design, "memberIds": members });
    let fields = "changed message results { memberId changed error { code message path } }";
    let call = async |mutation| tried_and_done(&acme, &acme.owner, mutation, input.clone(), fields).await;

    let (tried, done) = call("addGroupMembers").await;
    let outcomes = vec!["done", "unchanged", "ALREADY_REMOVED", "done", "DUPLICATE_IN_REQUEST"];
    assert_eq!((tried.outcomes(), done.outcomes()), (outcomes.clone(), outcomes));
    assert_eq!(tried.message(), "2 members would be added to the group Design; 2 cannot be added.");
    assert_eq!(done.message(), "2 members were added to the group Design; 2 could not be added.");

    let (tried, done) = call("removeGroupMembers").await;
    let outcomes = vec!["done", "done", "unchanged", "done", "DUPLICATE_IN_REQUEST"];
    assert_eq!((tried.outcomes(), done.outcomes()), (outcomes.clone(), outcomes));
    assert_eq!(tried.message(), "3 members would be taken out of the group Design; 1 cannot be taken out.");
    assert_eq!(done.message(), "3 members were taken out of the group Design; 1 could not be taken out.");
}

#[rstest]
#[tokio::test]
async fn of_restoring(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (roster, acme) = acme_on(on).await;
    let (design, lab) = (acme.group("Design", &[]).await, acme.group("Lab", &[]).await);
    let ada = acme.member_as("Ada", "ADMIN", &[&design, &lab]).await;
    acme.api_token_of(&ada).await;
    acme.owner.remove(&ada).await.succeeds();
    acme.owner.delete_group(&lab).await.succeeds();
    let input = json!({ "memberId": ada.id });
    let fields = "changed message warnings member { status groups { name } }";
    let (tried, done) = tried_and_done(&acme, &acme.owner, "restoreMember", input, fields).await;

    assert_eq!(tried.message(), "Ada would be a member of Acme again.");
    assert_eq!(done.message(), "Ada is a member of Acme again.");
    assert_eq!(tried.succeeds()["warnings"].as_array().unwrap().len(), 2);
    assert_eq!(tried.payload()["member"], json!({ "status": "REMOVED", "groups": [] }));
    assert_eq!(done.payload()["member"], json!({ "status": "ACTIVE", "groups": [{ "name": "Design" }] }));
    assert_eq!(roster.last_mail_to(&ada).await.subject(), "You are a member of Acme again");
}

/// A script that tries first uses the key for what it does then.
#[rstest]
#[tokio::test]
async fn do_not_use_up_an_idempotency_key(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (_roster, acme) = acme_on(on).await;
    let bob = acme.member("Bob").await;
    let members = json!([{ "memberId": bob.id }]);
    let mut input = json!({ "organizationId": acme.id, "members": members, "idempotencyKey": "tuesday" });
    let (tried, done) =
        tried_and_done(&acme, &acme.owner, "removeMembers", input.clone(), "changed replayed message").await;
    assert_eq!((&tried.payload()["replayed"], &done.payload()["replayed"]), (&json!(false), &json!(false)));
    // Trying again tells what would be done now, and not what was done.
    input["dryRun"] = true.into();
    let again = acme.unchanged_by(acme.owner.remove_all_with(&acme, input)).await;
    assert_eq!(again.message(), "Nobody would be removed from Acme; 1 had been removed before.");
}
