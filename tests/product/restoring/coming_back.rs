//! Who was removed by mistake is back: as what they were, at once, and told so.

use chrono::TimeDelta;
use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::{Value, json};

#[rstest]
#[tokio::test]
async fn role_groups_and_access_are_as_before(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let hiring = acme.group("Hiring", &["MEMBERS_INVITE"]).await;
    let design = acme.group("Design", &[]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&hiring, &design]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let before = acme.member_seen_by(&acme.owner, &bob, "role joinedAt permissions groups { id }").await;
    ada.remove_with(json!({ "memberId": bob.id, "note": "Goodbye." })).await.succeeds();
    roster.pass(TimeDelta::hours(1));

    let restored = ada.restore(&bob).await;
    assert_eq!(
        restored.succeeds()["member"],
        json!({
            "id": bob.id, "status": "ACTIVE", "role": "MEMBER", "restoredAt": "2026-11-21T13:00:00+00:00",
            "groups": [{ "name": "Design" }, { "name": "Hiring" }],
        })
    );
    assert_eq!(
        (restored.message(), &restored.payload()["warnings"]),
        ("Bob is a member of Acme again.", &json!([]))
    );
    let after = acme.member_seen_by(&acme.owner, &bob, "role joinedAt permissions groups { id }").await;
    assert_eq!(after, before);
    let of_the_removal = "removedAt removedBy { id } removalReason removalNote removalNotification { id }";
    let gone = acme.member_seen_by(&acme.owner, &bob, of_the_removal).await;
    assert!(gone.as_object().unwrap().values().all(Value::is_null), "{gone:#}");
    assert_eq!(acme.rights_of(&bob).await, "MEMBERS_READ MEMBERS_INVITE");
    acme.invite_by(&bob, "dana@example.com", "MEMBER", &[]).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn an_email_says_so(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let bob = acme.member_as("Bob", "ADMIN", &[&design]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    acme.owner.remove(&bob).await.succeeds();
    ada.restore(&bob).await.succeeds();
    assert_eq!(
        acme.notifications().await[..2],
        ["RESTORED bob@example.com QUEUED", "REMOVED bob@example.com QUEUED"]
    );

    let mail = roster.last_mail_to(&bob).await;
    assert_eq!(mail.subject(), "You are a member of Acme again");
    let text = mail.text();
    assert!(text.contains("You have access again, as an admin."), "{text}");
    assert!(text.contains("Ada undid it on 21 November 2026 at 12:00 UTC."), "{text}");
    assert!(text.contains("You are in this group again:") && text.contains("- Design"), "{text}");
    assert_eq!(roster.mails_to(&bob).await.len(), 3, "the invitation, the removal and this one");
}

#[rstest]
#[tokio::test]
async fn an_email_of_the_removal_that_is_late_does_not_come_after_it(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    roster.smtp().refuse_recipient(&bob.address, "450 4.2.0 Try again later");
    acme.owner.remove(&bob).await.succeeds();
    roster.deliver().await;
    acme.owner.restore(&bob).await.succeeds();
    roster.smtp().heal();
    roster.deliver().await;
    roster.pass(TimeDelta::days(1));
    roster.sweep().await;

    let subjects: Vec<_> = roster.mails_to(&bob).await.iter().map(|mail| mail.subject().to_owned()).collect();
    assert_eq!(subjects, ["Olivia invited you to join Acme", "You are a member of Acme again"]);
    assert_eq!(
        acme.notifications().await[..2],
        ["RESTORED bob@example.com SENT", "REMOVED bob@example.com CANCELED"]
    );
    // Nor does one of the restoring come after that of another removal.
    roster.smtp().refuse_recipient(&bob.address, "450 4.2.0 Try again later");
    acme.owner.remove(&bob).await.succeeds();
    roster.deliver().await;
    acme.owner.restore(&bob).await.succeeds();
    roster.deliver().await;
    acme.owner.remove(&bob).await.succeeds();
    roster.smtp().heal();
    roster.deliver().await;
    roster.pass(TimeDelta::days(1));
    roster.sweep().await;
    assert_eq!(roster.last_mail_to(&bob).await.subject(), "You have been removed from Acme");
    assert_eq!(roster.mails_to(&bob).await.len(), 3);
}

#[rstest]
#[tokio::test]
async fn the_log_says_who_has_restored_whom_as_what(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (design, lab) = (acme.group("Design", &[]).await, acme.group("Lab", &[]).await);
    let bob = acme.member_as("Bob", "ADMIN", &[&design, &lab]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.delete_group(&lab).await.succeeds();
    ada.restore(&bob).await.succeeds();
    assert_eq!(
        acme.last_entry().await,
        json!({
            "action": "MEMBER_RESTORED",
            "actor": { "name": "Ada" },
            "member": { "id": bob.id },
            "after": {
                "role": "ADMIN",
                "groups": [{ "id": design, "name": "Design" }],
                "lostGroups": [{ "id": lab, "name": "Lab" }],
            },
        })
    );
}

#[rstest]
#[tokio::test]
async fn api_tokens_stay_revoked_and_a_warning_says_so(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let early = acme.api_token_of(&ada).await;
    acme.owner.revoke_token(&early).await.succeeds();
    roster.pass(TimeDelta::minutes(1));
    let warnings = async || {
        acme.owner.remove(&ada).await.succeeds();
        roster.pass(TimeDelta::minutes(1));
        let restored = acme.owner.restore(&ada).await;
        roster.pass(TimeDelta::minutes(1));
        restored.succeeds()["warnings"].clone()
    };

    let script = acme.api_token_of(&ada).await;
    let one = "Their API token was revoked with the removal and stays so.";
    assert_eq!(warnings().await, json!([one]), "not the one that was revoked before");
    assert_eq!(acme.rights_of(&script).await, "refused: UNAUTHENTICATED");
    assert_eq!(acme.rights_of(&ada).await.split(' ').count(), 10);

    let scripts = [acme.api_token_of(&ada).await, acme.api_token_of(&ada).await];
    let two = "Their 2 API tokens were revoked with the removal and stay so.";
    assert_eq!(warnings().await, json!([two]), "not the one of the removal before");
    for script in &scripts {
        assert_eq!(acme.rights_of(script).await, "refused: UNAUTHENTICATED");
    }
    assert_eq!(warnings().await, json!([]));
}

#[rstest]
#[tokio::test]
async fn invitations_of_theirs_that_were_revoked_stay_revoked(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    acme.invite_by(&ada, "dana@example.com", "MEMBER", &[]).await.succeeds();
    let token = roster.link_token("dana@example.com").await;
    let input = json!({ "memberId": ada.id, "revokeSentInvitations": true });
    acme.owner.remove_with(input).await.succeeds();

    acme.owner.restore(&ada).await.succeeds();
    assert_eq!(acme.invitations().await[0], "dana@example.com REVOKED");
    roster.person("Dana").accept(&token).await.fails_with("INVITATION_REVOKED");
    // She can be invited again, also by Ada.
    acme.invite_by(&ada, "dana@example.com", "MEMBER", &[]).await.succeeds();
}

/// What the removal has not ended goes on as it was: another organization, and who was invited meanwhile.
#[rstest]
#[tokio::test]
async fn an_owner_comes_back_as_an_owner(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let otto = acme.member_as("Otto", "OWNER", &[]).await;
    acme.owner.remove(&otto).await.succeeds();
    acme.owner.remove(&acme.owner).await.fails_with("CANNOT_REMOVE_SELF");
    acme.owner.leave(&acme.id).await.fails_with("LAST_OWNER");
    acme.owner.restore(&otto).await.succeeds();
    acme.owner.leave(&acme.id).await.succeeds();
    assert_eq!(acme.rights_of(&otto).await.split(' ').count(), 11);
}
