//! The email of the preview: exactly the one that arrives after the removal.

use roster_tests::{Member, On, Organization, Person, Roster};
use rstest::rstest;
use serde_json::{Value, json};

/// The email that somebody would get, as it is shown to who reviews the removal.
async fn previewed(acme: &Organization, viewer: &Person, member: &Member, note: Option<&str>) -> Value {
    let query = "query ($organization: ID!, $member: ID!, $note: String) {
        organization(id: $organization) { member(id: $member) {
            removalPreview(note: $note) { email { to replyTo subject text html } } } } }";
    let variables = json!({ "organization": acme.id, "member": member.id, "note": note });
    let answer = viewer.graphql(query, variables).await;
    answer.at("/organization/member/removalPreview/email").clone()
}

/// Reviews, removes, and compares the email with the one that was shown.
async fn arrives_as_previewed(acme: &Organization, viewer: &Person, member: &Member, note: Option<&str>) {
    let shown = previewed(acme, viewer, member, note).await;
    viewer.remove_with(json!({ "memberId": member.id, "note": note })).await.succeeds();
    let mail = acme.owner.roster.last_mail_to(member).await;
    let unix = |text: String| text.replace("\r\n", "\n").trim_end().to_owned();
    let arrived = json!({
        "to": mail.to[0], "replyTo": mail.header("Reply-To"), "subject": mail.subject(),
        "text": unix(mail.text()), "html": unix(mail.html()),
    });
    let mut expected = shown;
    for part in ["text", "html"] {
        expected[part] = unix(expected[part].as_str().unwrap().to_owned()).into();
    }
    similar_asserts::assert_eq!(format!("{expected:#}"), format!("{arrived:#}"));
}

#[rstest]
#[tokio::test]
async fn the_email_arrives_as_it_was_shown(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (design, lab) = (acme.group("Design", &[]).await, acme.group("R&D <core>", &[]).await);
    let (bob, carla) = (acme.member("Bob").await, acme.member_as("Carla", "ADMIN", &[&design, &lab]).await);
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    arrives_as_previewed(&acme, &acme.owner, &bob, None).await;
    let note = "Thank you!\r\n\r\n- the keys\n> \"and\" <b>all</b>\n\n";
    arrives_as_previewed(&acme, &ada, &carla, Some(note)).await;
    let script = acme.api_token_of(&acme.owner).await;
    arrives_as_previewed(&acme, &script, &ada, Some("  ")).await;
}

#[rstest]
#[tokio::test]
async fn the_email_to_somebody_who_was_only_invited_arrives_as_it_was_shown(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    // Her name is no business of an organization that she has not joined.
    roster.organization_of("Dana", "Globex").await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let dana = acme.invited_as("Dana", "MEMBER", &[&design]).await;
    let shown = previewed(&acme, &acme.owner, &dana, None).await;
    assert_eq!(shown["subject"], "Your invitation to Acme was withdrawn");
    assert!(!shown["text"].as_str().unwrap().contains("Dana"), "{shown:#}");
    arrives_as_previewed(&acme, &acme.owner, &dana, Some("Sorry, wrong Dana.")).await;
}

#[rstest]
#[tokio::test]
async fn the_settings_of_the_organization_show_in_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, dana) = (acme.member("Bob").await, acme.invited("Dana").await);
    let settings = json!({
        "contactEmail": "people@acme.example", "replyToEmail": "desk@acme.example",
        "brandingLine": "Acme & Sons, <since> 1920",
    });
    acme.owner.update_organization(&acme, settings).await.succeeds();
    let shown = previewed(&acme, &acme.owner, &bob, None).await;
    assert_eq!(shown["replyTo"], "desk@acme.example");
    let text = shown["text"].as_str().unwrap();
    assert!(text.contains("people@acme.example") && text.contains("Acme & Sons, <since> 1920"), "{text}");
    arrives_as_previewed(&acme, &acme.owner, &bob, None).await;
    arrives_as_previewed(&acme, &acme.owner, &dana, None).await;
}

#[rstest]
#[tokio::test]
async fn there_is_no_email_to_show_where_none_is_sent(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, dana) = (acme.member("Bob").await, acme.invited("Dana").await);
    acme.owner.update_organization(&acme, json!({ "revocationEmail": false })).await.succeeds();
    let before = roster.mails_to(&dana).await.len();
    assert_eq!(previewed(&acme, &acme.owner, &dana, None).await, Value::Null);
    acme.owner.remove(&dana).await.succeeds();
    assert_eq!(roster.mails_to(&dana).await.len(), before);
    // Who has joined is told of the removal all the same.
    arrives_as_previewed(&acme, &acme.owner, &bob, None).await;
}

#[rstest]
#[tokio::test]
async fn a_note_that_is_too_long_is_refused_before_the_removal(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let query = |note: String| {
        let note = json!(note);
        format!("member(id: \"{}\") {{ role removalPreview(note: {note}) {{ fingerprint }} }}", bob.id)
    };
    acme.seen_by(&acme.owner, &query("x".repeat(1_000))).await.data();
    let refused = acme.seen_by(&acme.owner, &query("x".repeat(1_001))).await;
    assert_eq!(refused.error_code(), "NOTE_TOO_LONG");
    assert!(refused.error_message().contains("at most 1000 characters"), "{}", refused.error_message());
}
