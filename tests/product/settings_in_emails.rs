//! Settings that people see in their emails: the name, whom they can ask, the organization's own line, and whether there
//! is an email at all.

use roster_tests::{Member, On, Organization, Roster, smtp_server::ReceivedMail};
use rstest::rstest;
use serde_json::{Value, json};

async fn set(acme: &Organization, settings: Value) {
    acme.owner.update_organization(acme, settings).await.succeeds();
}

/// The email that somebody gets of a change that the owner makes now.
async fn mail_of_a_change(acme: &Organization, member: &Member) -> ReceivedMail {
    let role = acme.member_seen_by(&acme.owner, member, "role").await;
    let other = if role["role"] == "MEMBER" { "ADMIN" } else { "MEMBER" };
    acme.owner.change_role(member, other).await.succeeds();
    acme.owner.roster.last_mail_to(member).await
}

#[rstest]
#[tokio::test]
async fn a_new_name_stands_in_later_emails_and_not_in_those_of_before(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, carla) = (acme.member("Bob").await, acme.member("Carla").await);

    // What happened in Acme is told of Acme, also if the email leaves later.
    acme.owner.remove(&bob).await.succeeds();
    set(&acme, json!({ "name": "Anvils" })).await;
    let removed = acme.owner.remove(&carla).await;
    assert_eq!(removed.message(), "Carla was removed from Anvils.");

    assert_eq!(roster.last_mail_to(&bob).await.subject(), "You have been removed from Acme");
    let mail = roster.last_mail_to(&carla).await;
    assert_eq!(mail.subject(), "You have been removed from Anvils");
    assert!(!mail.text().contains("Acme") && !mail.html().contains("Acme"), "{}", mail.text());
}

#[rstest]
#[tokio::test]
async fn emails_name_the_contact_and_answers_go_where_the_organization_wants_them(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let (olivia, office, help) = ("olivia@example.com", "office@acme.example", "help@acme.example");

    for (settings, contact, reply_to) in [
        (json!({}), olivia, olivia),
        (json!({ "contactEmail": office }), office, office),
        (json!({ "replyToEmail": help }), office, help),
        (json!({ "contactEmail": null }), olivia, help),
        (json!({ "replyToEmail": null }), olivia, olivia),
    ] {
        acme.owner.update_organization(&acme, settings.clone()).await.payload();
        let mail = mail_of_a_change(&acme, &bob).await;
        assert_eq!(mail.header("Reply-To").unwrap(), reply_to, "{settings}");
        let questions = format!("Questions? Write to {contact}, or just reply to this email.");
        assert!(mail.text().contains(&questions), "{settings}: {}", mail.text());
        assert!(mail.html().contains(&format!("href=\"mailto:{contact}\"")), "{settings}: {}", mail.html());
        // The sender is Roster's own address, whatever the organization says: another would be taken for a forgery.
        assert_eq!(mail.from, roster_address(&roster), "{settings}");
        assert!(mail.header("From").unwrap().contains(&mail.from), "{settings}");
    }
}

/// The address in `Roster <roster@example.com>`.
fn roster_address(roster: &Roster) -> String {
    let from = &roster.parts().config.mail.from;
    from.rsplit_once('<').map_or(from.as_str(), |(_, address)| address.trim_end_matches('>')).to_owned()
}

#[rstest]
#[tokio::test]
async fn the_line_of_the_organization_stands_under_every_kind_of_email(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let line = "Acme · Anvils since 1949";
    set(&acme, json!({ "brandingLine": line })).await;
    let bob = acme.member("Bob").await;
    acme.owner.change_role(&bob, "ADMIN").await.succeeds();
    acme.owner.remove(&bob).await.succeeds();
    roster.deliver().await;
    acme.owner.restore(&bob).await.succeeds();
    let carla = acme.invited("Carla").await;
    roster.deliver().await;
    acme.owner.revoke_invitation_of(&carla).await.succeeds();

    let mut mails = roster.mails_to(&bob).await;
    mails.extend(roster.mails_to(&carla).await);
    assert_eq!(mails.len(), 6);
    for mail in mails {
        let (_, signature) =
            mail.text().split_once("\n--").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        assert!(signature.contains(line), "{}", mail.text());
        assert_eq!(mail.html().matches(line).count(), 1, "{}", mail.html());
    }

    set(&acme, json!({ "brandingLine": null })).await;
    let mail = mail_of_a_change(&acme, &bob).await;
    assert!(!mail.text().contains("1949") && !mail.html().contains("<bdi></bdi>"), "{}", mail.html());
}

#[rstest]
#[case::markup(
    "<b>Acme</b> & \"Co\" {{ 7 * 7 }}",
    "<b>Acme</b> & \"Co\" {{ 7 * 7 }}",
    "&lt;b&gt;Acme&lt;&#x2f;b&gt; &amp; &quot;Co&quot; {{ 7 * 7 }}"
)]
// Isolated, so that it does not turn around what stands beside it.
#[case::right_to_left("שלום מאקמה!", "\u{2068}שלום מאקמה!\u{2069}", "<bdi>שלום מאקמה!</bdi>")]
#[case::what_would_forge_a_mail(
    "Acme\r\nBcc: eve@example.com\u{202e}",
    "Acme Bcc: eve@example.com",
    "<bdi>Acme Bcc: eve@example.com</bdi>"
)]
#[case::a_hundred_of_four_bytes(&"𝕏".repeat(100), &"𝕏".repeat(100), &"𝕏".repeat(100))]
#[tokio::test]
async fn the_line_is_text_whatever_stands_in_it(
    #[case] line: &str,
    #[case] in_text: &str,
    #[case] in_html: &str,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    set(&acme, json!({ "brandingLine": line })).await;

    let mail = mail_of_a_change(&acme, &bob).await;
    assert!(mail.text().lines().any(|line| line == in_text), "{}", mail.text());
    assert!(mail.html().contains(in_html), "{}", mail.html());
    assert_eq!((mail.header("Bcc"), mail.to), (None, vec![bob.address.clone()]));
}

#[rstest]
#[tokio::test]
async fn an_organization_can_do_without_the_email_of_a_revocation(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, carla, dana) =
        (acme.invited("Bob").await, acme.invited("Carla").await, acme.invited("Dana").await);
    roster.deliver().await;

    set(&acme, json!({ "revocationEmail": false })).await;
    let before = acme.notifications().await;
    acme.owner.revoke_invitation_of(&bob).await.succeeds();
    acme.owner.remove(&carla).await.succeeds();
    assert_eq!(acme.notifications().await, before);
    for invited in [&bob, &carla] {
        let mails = roster.mails_to(invited).await;
        assert_eq!(mails.len(), 1, "only the invitation: {mails:#?}");
    }
    // Members who are removed are told all the same.
    let eve = acme.member("Eve").await;
    acme.owner.remove(&eve).await.succeeds();
    assert_eq!(roster.last_mail_to(&eve).await.subject(), "You have been removed from Acme");

    set(&acme, json!({ "revocationEmail": true })).await;
    acme.owner.revoke_invitation_of(&dana).await.succeeds();
    assert_eq!(roster.last_mail_to(&dana).await.subject(), "Your invitation to Acme was withdrawn");
}
