//! Doing again what is done: no error, `changed: false`, nothing in the log and no second email.

use chrono::TimeDelta;
use roster_tests::{Member, On, Organization, Payload, Person, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use crate::refusal::says;

/// Makes a call that changes nothing, and tells so in a sentence with these words.
async fn again(acme: &Organization, call: impl Future<Output = Payload>, words: &[&str]) -> Value {
    let answer = acme.unchanged_by(call).await;
    let payload = answer.changes_nothing().clone();
    says(answer.message(), words);
    payload
}

/// How many emails somebody has got.
async fn emails(person: &Person) -> usize {
    person.roster.mails_to(person).await.len()
}

async fn acme_and_bob(on: On) -> (Organization, Member) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.member("Bob").await;
    (acme, bob)
}

#[rstest]
#[tokio::test]
async fn settings_that_are_so_already_are_not_changed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, _) = acme_and_bob(on).await;
    let settings = json!({
        "name": "Acme Works", "slug": "acme-works", "contactEmail": "help@example.com", "replyToEmail": null,
        "brandingLine": "Made with care.", "revocationEmail": false, "invitationLifetimeDays": 3,
        "restoreWindowDays": 0, "allowedEmailDomains": ["example.com", "example.org"],
    });
    let change = async |settings: Value| acme.owner.update_organization(&acme, settings).await;
    change(settings.clone()).await.succeeds();
    again(&acme, change(settings), &["Acme Works has these settings already."]).await;
    again(&acme, change(json!({})), &["has these settings already"]).await;
    let in_other_words = json!({
        "name": "  Acme  Works ", "brandingLine": "Made with\ncare.",
        "allowedEmailDomains": ["Example.ORG", "example.com", "example.com"],
    });
    again(&acme, change(in_other_words), &["has these settings already"]).await;
}

#[rstest]
#[tokio::test]
async fn who_was_restored_is_not_restored_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, bob) = acme_and_bob(on).await;
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.restore(&bob).await.succeeds();
    let before = emails(&bob).await;
    let payload = again(&acme, acme.owner.restore(&bob), &["Bob was restored already."]).await;
    assert_eq!((&payload["member"]["id"], &payload["member"]["status"]), (&json!(bob.id), &json!("ACTIVE")));
    // After the window too: the removal is undone, whenever one asks.
    bob.roster.pass(TimeDelta::days(31));
    again(&acme, acme.owner.restore(&bob), &["Bob was restored already."]).await;
    assert_eq!(emails(&bob).await, before);
}

#[rstest]
#[tokio::test]
async fn a_token_that_was_revoked_by_somebody_or_with_its_owner_is_not_revoked_again(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (acme, _) = acme_and_bob(on).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let (one, other) = (acme.api_token_of(&ada).await, acme.api_token_of(&ada).await);
    acme.owner.revoke_token(&one).await.succeeds();
    let revoked_at =
        again(&acme, acme.owner.revoke_token(&one), &["The API token Ada's script was revoked before."])
            .await["apiToken"]["revokedAt"]
            .clone();
    acme.owner.roster.pass(TimeDelta::minutes(5));
    acme.owner.remove(&ada).await.succeeds();
    for token in [&one, &other] {
        let payload = again(&acme, acme.owner.revoke_token(token), &["was revoked before"]).await;
        assert_eq!(payload["apiToken"]["status"], "REVOKED");
        assert_eq!(payload["apiToken"]["revokedAt"] == revoked_at, token.id == one.id);
    }
}

#[rstest]
#[tokio::test]
async fn an_email_that_is_on_its_way_is_not_sent_a_second_time(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, bob) = acme_and_bob(on).await;
    let before = emails(&bob).await;
    acme.owner.remove(&bob).await.succeeds();
    let email = acme.last_notification().await["id"].as_str().unwrap().to_owned();
    let resend = || acme.owner.resend_notification(&email);
    again(&acme, resend(), &["The email to bob@example.com is on its way already."]).await;
    assert_eq!(emails(&bob).await, before + 1);
    bob.roster.pass(TimeDelta::minutes(1));
    resend().await.succeeds();
    let payload = again(&acme, resend(), &["on its way already"]).await;
    assert_eq!(
        (&payload["notification"]["status"], &payload["notification"]["resends"]),
        (&json!("QUEUED"), &json!(1))
    );
    assert_eq!(emails(&bob).await, before + 2);
}

#[rstest]
#[tokio::test]
async fn who_was_removed_or_has_left_is_not_removed_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, bob) = acme_and_bob(on).await;
    let (carol, dave) = (acme.invited("Carol").await, acme.member("Dave").await);
    acme.owner.remove_all(&acme, &[&bob, &carol]).await.succeeds();
    dave.leave(&acme.id).await.succeeds();
    let before = (emails(&bob).await, emails(&carol).await, emails(&dave).await);
    let all = [&bob, &carol, &dave];
    let words = ["Nobody was removed from Acme; 3 had been removed before."];
    let payload = again(&acme, acme.owner.remove_all(&acme, &all), &words).await;
    let sentences = [
        "Bob was removed from Acme before.",
        "The invitation of carol@example.com to Acme was revoked before.",
        "Dave has left Acme already.",
    ];
    for (result, sentence) in payload["results"].as_array().unwrap().iter().zip(sentences) {
        assert_eq!(result["changed"], false);
        assert_eq!((&result["error"], &result["revokedInvitation"]), (&Value::Null, &Value::Null));
        assert_eq!(result["member"]["status"], "REMOVED");
        assert_eq!(result["message"], sentence);
    }
    let all_or_none = json!({
        "members": all.map(|member| json!({ "memberId": member.id, "expectedFingerprint": "of another day" })),
        "mode": "ATOMIC", "note": "Goodbye.", "revokeSentInvitations": true,
    });
    again(&acme, acme.owner.remove_all_with(&acme, all_or_none), &words).await;
    assert_eq!((emails(&bob).await, emails(&carol).await, emails(&dave).await), before);
}
