//! What people read: every kind of email as it arrives, whole and decoded. The snapshots are the same on both databases.

use insta::{Settings, assert_snapshot};
use roster_tests::{Member, On, Organization, Roster, smtp_server::ReceivedMail};
use rstest::rstest;
use serde_json::json;

/// The headers that somebody sees or a mail program acts on, the plain text and the HTML.
fn whole(mail: &ReceivedMail) -> String {
    let names = ["From", "To", "Cc", "Bcc", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted"];
    let headers: String = names
        .iter()
        .filter_map(|name| Some(format!("{name}: {}\n", mail.header(name)?)))
        .chain([format!("MIME types: {}\n", mail.mime_types().join(", "))])
        .collect();
    let rule = "-".repeat(72);
    format!("{headers}{rule}\n{}\n{rule}\n{}", unix(&mail.text()), unix(&mail.html()))
}

fn unix(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Compares a mail with the file in `snapshots` that has this name.
fn is_as_in(name: &str, mail: &ReceivedMail) {
    assert!(mail.raw.is_ascii(), "a server may know nothing else: {mail:?}");
    let mut settings = Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter("notification_[0-9a-z]{26}", "[notification]");
    settings.add_filter("#token=[0-9A-Za-z_-]+", "#token=[token]");
    settings.bind(|| assert_snapshot!(name, whole(mail)));
}

/// A member who was in these groups and is removed with this note; the email.
async fn removed_from(acme: &Organization, groups: &[&str], note: Option<&str>) -> ReceivedMail {
    let mut ids = Vec::new();
    for group in groups {
        ids.push(acme.group(group, &[]).await);
    }
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let bob = acme.member_as("Bob", "MEMBER", &ids).await;
    acme.owner.remove_with(json!({ "memberId": bob.id, "note": note })).await.succeeds();
    acme.owner.roster.last_mail_to(&bob).await
}

#[rstest]
#[tokio::test]
async fn an_invitation(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    is_as_in("invitation", &roster.last_mail_to(&bob).await);
}

/// The name is no business of an organization that the person has not joined.
#[rstest]
#[tokio::test]
async fn an_invitation_as_admin_into_two_groups_of_somebody_whose_name_another_organization_knows(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    roster.organization_of("Bob", "Globex").await;
    let acme = roster.organization("Acme").await;
    let (design, sales) = (acme.group("Design", &[]).await, acme.group("R&D", &[]).await);
    let bob = acme.invited_as("Bob", "ADMIN", &[&design, &sales]).await;
    is_as_in("invitation_into_groups", &roster.last_mail_to(&bob).await);
}

#[rstest]
#[tokio::test]
async fn a_revoked_invitation(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    acme.owner.revoke_invitation_of(&bob).await.succeeds();
    is_as_in("invitation_revoked", &roster.last_mail_to(&bob).await);
}

#[rstest]
#[tokio::test]
async fn a_revoked_invitation_with_a_note(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    acme.owner.remove_with(json!({ "memberId": bob.id, "note": "Sorry, wrong Bob." })).await.succeeds();
    is_as_in("invitation_revoked_with_a_note", &roster.last_mail_to(&bob).await);
}

#[rstest]
#[tokio::test]
async fn a_removal_from_no_group(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    is_as_in("removed", &removed_from(&acme, &[], None).await);
}

#[rstest]
#[tokio::test]
async fn a_removal_from_three_groups_with_a_note_of_three_paragraphs(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let note = "Thank you for everything.\r\n\r\nYour last day is Friday:\n - return the keys\n - say goodbye\n\n> and don't cry";
    let mail = removed_from(&acme, &["Design", "On-call", "R&D <core>"], Some(note)).await;
    is_as_in("removed_from_three_groups_with_a_note", &mail);
}

#[rstest]
#[tokio::test]
async fn another_role(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.change_role(&bob, "ADMIN").await.succeeds();
    is_as_in("role_changed", &roster.last_mail_to(&bob).await);
}

#[rstest]
#[tokio::test]
async fn who_has_questions_writes_to_the_contact_of_the_organization(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let input = json!({ "name": "Acme", "contactEmail": "people@acme.example" });
    let acme = Organization::create_with(roster.person("Olivia"), input).await;
    is_as_in("removed_with_a_contact", &removed_from(&acme, &[], None).await);
}

/// In an organization with a line of its own, whose mail goes to somebody else than the one to ask.
#[rstest]
#[tokio::test]
async fn a_removal_with_a_line_of_the_organizations_own_and_another_address_for_answers(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let input = json!({
        "name": "Acme", "contactEmail": "people@acme.example", "replyToEmail": "desk@acme.example",
        "brandingLine": "Acme & Sons, makers of <fine> anvils",
    });
    let acme = Organization::create_with(roster.person("Olivia"), input).await;
    is_as_in("removed_with_a_branding_line", &removed_from(&acme, &[], None).await);
}

#[rstest]
#[tokio::test]
async fn a_removal_that_was_undone(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.restore(&bob).await.succeeds();
    is_as_in("restored", &roster.last_mail_to(&bob).await);
}

#[rstest]
#[tokio::test]
async fn a_removal_that_was_undone_of_an_admin_in_two_groups_and_one_that_is_gone(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (design, core) = (acme.group("Design", &[]).await, acme.group("R&D <core>", &[]).await);
    let lab = acme.group("Lab", &[]).await;
    let bob = acme.member_as("Bob", "ADMIN", &[&design, &core, &lab]).await;
    acme.owner.remove(&bob).await.succeeds();
    acme.owner.delete_group(&lab).await.succeeds();
    acme.owner.restore(&bob).await.succeeds();
    is_as_in("restored_with_groups", &roster.last_mail_to(&bob).await);
}

/// The invitation, and the email after a removal, where everybody is called like this.
async fn named(on: On, owner: &str, organization: &str, group: &str, name: &str) -> [ReceivedMail; 2] {
    let roster = Roster::start(on).await;
    let owner = roster.person_with_address(owner, "olivia@example.com");
    let acme = Organization::create_with(owner, json!({ "name": organization, "slug": "acme" })).await;
    let group = acme.group(group, &[]).await;
    let person = roster.person_with_address(name, "bob@example.com");
    let invited = acme.invite_by(&acme.owner, &person.address, "MEMBER", &[&group]).await;
    let id = invited.succeeds()["results"][0]["member"]["id"].as_str().unwrap().to_owned();
    let invitation = roster.last_mail_to(&person).await;
    let token = roster.link_token(&person.address).await;
    person.accept(&token).await.succeeds();
    acme.owner.remove(&Member { person: person.clone(), id, invitation_id: String::new() }).await.succeeds();
    [invitation, roster.last_mail_to(&person).await]
}

#[rstest]
#[tokio::test]
async fn names_from_right_to_left(#[values(On::Sqlite, On::Postgres)] on: On) {
    let [invitation, removed] = named(on, "מרים כהן", "אקמי (2026)", "עיצוב", "יוסי לוי").await;
    is_as_in("invitation_from_right_to_left", &invitation);
    is_as_in("removed_from_right_to_left", &removed);
}

#[rstest]
#[tokio::test]
async fn names_with_emoji(#[values(On::Sqlite, On::Postgres)] on: On) {
    let [invitation, removed] = named(on, "Zoë 👩‍💻", "Acme 🚀", "🏳️‍🌈 Pride", "Bob 🎷").await;
    is_as_in("invitation_with_emoji", &invitation);
    is_as_in("removed_with_emoji", &removed);
}

#[rstest]
#[tokio::test]
async fn very_long_names(#[values(On::Sqlite, On::Postgres)] on: On) {
    let long = |word: &str| format!("{word} {}", "x".repeat(99 - word.len()));
    let [invitation, removed] = named(on, &long("Olivia"), &long("Acme"), &long("Group"), &long("Bob")).await;
    is_as_in("invitation_with_long_names", &invitation);
    is_as_in("removed_with_long_names", &removed);
}

/// No header that was not there, and no HTML but ours.
#[rstest]
#[tokio::test]
async fn names_that_would_like_to_be_more_than_names(#[values(On::Sqlite, On::Postgres)] on: On) {
    let evil = |name: &str| format!("{name}\r\nBcc: eve@example.com\r\n\r\n<script>alert(1)</script>&\"'");
    let [invitation, removed] = named(on, &evil("Olivia"), &evil("Acme"), &evil("Group"), &evil("Bob")).await;
    for mail in [&invitation, &removed] {
        assert_eq!(mail.to, ["bob@example.com"], "{mail:?}");
        assert_eq!(mail.header("Bcc"), None, "{mail:?}");
        assert!(!mail.html().contains("<script"), "{mail:?}");
    }
    is_as_in("invitation_with_evil_names", &invitation);
    is_as_in("removed_with_evil_names", &removed);
}
