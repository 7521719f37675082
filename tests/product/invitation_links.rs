//! The link of an invitation: a secret that only the email holds, and that resending replaces.

use chrono::TimeDelta;
use roster_tests::{On, Organization, Roster};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn opening_the_link_changes_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;
    let token = roster.link_token(&dana.address).await;
    dana.query("{ viewer { user { id } } }").await.data();
    let before = roster.everything_stored().await;

    // A mail scanner opens it, and the person, twice.
    for visitor in [&roster.anonymous(), &dana.person, &dana.person] {
        assert_eq!(visitor.offer(&token).await.text("/invitation/status"), "PENDING");
    }
    assert_eq!(roster.everything_stored().await, before);
}

#[rstest]
#[tokio::test]
async fn resending_makes_the_older_link_invalid_and_sets_a_new_date(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;
    let old = roster.link_token(&dana.address).await;

    roster.pass(TimeDelta::days(2));
    let resent = acme.owner.resend_invitation_of(&dana).await;
    assert_eq!(
        resent.succeeds()["invitation"],
        json!({
            "id": dana.invitation_id,
            "status": "PENDING",
            "expiresAt": "2026-11-30T12:00:00+00:00",
            "sentAt": "2026-11-23T12:00:00+00:00",
        })
    );
    // From this moment on, before the new email is there.
    dana.accept(&old).await.fails_with("INVITATION_NOT_FOUND");
    dana.decline(&old).await.fails_with("INVITATION_NOT_FOUND");
    assert_eq!(dana.offer(&old).await.error_code(), "INVITATION_NOT_FOUND");

    let new = roster.link_token(&dana.address).await;
    roster.pass(TimeDelta::days(6));
    dana.accept(&new).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn an_invitation_is_not_resent_a_moment_after_it_was_sent(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;

    roster.pass(TimeDelta::seconds(59));
    acme.unchanged_by(acme.owner.resend_invitation_of(&dana)).await.fails_with("RESEND_TOO_SOON");
    roster.pass(TimeDelta::seconds(1));
    acme.owner.resend_invitation_of(&dana).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn an_expired_invitation_is_seen_as_such_and_cannot_be_accepted(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = expiring(&roster).await;
    let dana = acme.invited("Dana").await;
    let token = roster.link_token(&dana.address).await;

    // It holds until the very moment.
    roster.pass(TimeDelta::days(3) - TimeDelta::microseconds(1));
    assert_eq!(acme.invitations().await, ["dana@example.com PENDING"]);
    roster.pass(TimeDelta::microseconds(1));
    assert_eq!(acme.invitations().await, ["dana@example.com EXPIRED"]);

    let expired = dana.accept(&token).await;
    let sentence = "The invitation to Acme expired on 24 November 2026. Ask Olivia to send it again.";
    assert_eq!(expired.fails_with("INVITATION_EXPIRED"), sentence);
    assert_eq!(dana.offer(&token).await.text("/invitation/status"), "EXPIRED");
    assert_eq!(acme.rights_of(&dana).await, "refused: NOT_FOUND");

    // It is found as expired, and the person is still listed as invited, with it.
    for (status, found) in [("EXPIRED", 1), ("PENDING", 0)] {
        let list = format!("invitations(first: 9, status: [{status}]) {{ nodes {{ id }} }}");
        let nodes = acme.seen_by(&acme.owner, &list).await;
        assert_eq!(nodes.at("/organization/invitations/nodes").as_array().unwrap().len(), found, "{status}");
    }
    let listed = acme.member_seen_by(&acme.owner, &dana, "status invitation { status }").await;
    assert_eq!(listed, json!({ "status": "INVITED", "invitation": { "status": "EXPIRED" } }));
}

#[rstest]
#[tokio::test]
async fn an_expired_invitation_is_renewed_by_one_call(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = expiring(&roster).await;
    let design = acme.group("Design", &[]).await;
    let dana = acme.invited_as("Dana", "ADMIN", &[&design]).await;
    let old = roster.link_token(&dana.address).await;
    roster.pass(TimeDelta::days(40));
    // Inviting once more says what to do instead.
    acme.invite_by(&acme.owner, &dana.address, "MEMBER", &[]).await.fails_with("ALREADY_INVITED");

    let renewed = acme.owner.resend_invitation_of(&dana).await;
    assert_eq!(renewed.succeeds()["invitation"]["status"], "PENDING");
    let new = roster.link_token(&dana.address).await;
    dana.accept(&old).await.fails_with("INVITATION_NOT_FOUND");
    dana.accept(&new).await.succeeds();
    let joined = acme.member_seen_by(&acme.owner, &dana, "role groups { name }").await;
    assert_eq!(joined, json!({ "role": "ADMIN", "groups": [{ "name": "Design" }] }));
}

#[rstest]
#[tokio::test]
async fn an_expired_invitation_can_be_declined_or_revoked(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = expiring(&roster).await;
    let (dana, emil) = (acme.invited("Dana").await, acme.invited("Emil").await);
    let token = roster.link_token(&dana.address).await;
    roster.pass(TimeDelta::days(40));

    dana.decline(&token).await.succeeds();
    acme.owner.revoke_invitation_of(&emil).await.succeeds();
    assert_eq!(acme.invitations().await, ["emil@example.com REVOKED", "dana@example.com DECLINED"]);
}

/// An organization whose invitations hold for three days.
async fn expiring(roster: &Roster) -> Organization {
    let input = json!({ "name": "Acme", "invitationLifetimeDays": 3 });
    Organization::create_with(roster.person("Olivia"), input).await
}

#[rstest]
#[tokio::test]
async fn an_email_that_was_overtaken_by_a_newer_one_is_not_sent(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;
    roster.pass(TimeDelta::minutes(5));
    acme.owner.resend_invitation_of(&dana).await.succeeds();

    let emails = ["INVITATION dana@example.com QUEUED", "INVITATION dana@example.com CANCELED"];
    assert_eq!(acme.notifications().await, emails);
    assert_eq!(roster.mails_to(&dana).await.len(), 1);
    dana.accept(&roster.link_token(&dana.address).await).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn an_email_whose_invitation_was_revoked_is_not_sent(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let input = json!({ "name": "Acme", "revocationEmail": false });
    let acme = Organization::create_with(roster.person("Olivia"), input).await;
    let (dana, emil) = (acme.invited("Dana").await, acme.invited("Emil").await);

    acme.owner.revoke_invitation_of(&dana).await.succeeds();
    acme.owner.remove(&emil).await.succeeds();

    let emails = ["INVITATION emil@example.com CANCELED", "INVITATION dana@example.com CANCELED"];
    assert_eq!(acme.notifications().await, emails);
    roster.pass(TimeDelta::hours(1));
    roster.sweep().await;
    assert_eq!(roster.smtp().mails(), []);
}

#[rstest]
#[tokio::test]
async fn an_email_whose_invitation_was_answered_is_not_sent_once_more(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    // The mail server takes the mails and does not say so: as far as Roster knows, they are still to be sent.
    roster.smtp().close_after_data();
    let (dana, emil) = (acme.invited("Dana").await, acme.invited("Emil").await);
    let (token, other) = (roster.link_token(&dana.address).await, roster.link_token(&emil.address).await);
    assert_eq!(acme.last_notification().await["status"], "QUEUED");

    dana.accept(&token).await.succeeds();
    emil.decline(&other).await.succeeds();

    roster.smtp().heal();
    roster.pass(TimeDelta::hours(1));
    roster.sweep().await;
    for member in [&dana, &emil] {
        assert_eq!(roster.mails_to(member).await.len(), 1);
    }
    let emails = ["INVITATION emil@example.com CANCELED", "INVITATION dana@example.com CANCELED"];
    assert_eq!(acme.notifications().await, emails);
}

#[rstest]
#[tokio::test]
async fn the_secret_of_the_link_is_kept_nowhere(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (dana, emil) = (acme.invited("Dana").await, acme.invited("Emil").await);
    let frida = acme.invited("Frida").await;
    let script = acme.api_token_of(&acme.owner).await;
    let mut secrets = Vec::new();
    for member in [&dana, &emil, &frida] {
        secrets.extend(secret_parts(&roster.link_token(&member.address).await));
    }
    // Whatever happens to an invitation, nothing writes the secret down; neither does a wrong guess.
    roster.pass(TimeDelta::hours(1));
    dana.accept(&roster.link_token(&dana.address).await).await.succeeds();
    roster.anonymous().offer(&roster.link_token(&emil.address).await).await;
    script.resend_invitation_of(&emil).await.succeeds();
    secrets.extend(secret_parts(&roster.link_token(&emil.address).await));
    acme.owner.revoke_invitation_of(&frida).await.succeeds();

    let stored = roster.everything_stored().await;
    // The search sees text and bytes: it finds an address, and the hash of the API token.
    assert!(stored.contains("dana@example.com"));
    let api_token = script.token.clone().unwrap();
    let hash = hex(&roster_api::identity::api_token::hash(&api_token.as_str().into()));
    assert!(stored.to_lowercase().contains(&hash), "the hash of an API token is kept");
    secrets.push(api_token);
    let shown = lists(&acme).await;
    assert!(shown.contains("INVITATION_RESENT") && shown.contains("emil@example.com"));
    for secret in &secrets {
        assert!(!stored.contains(secret) && !stored.to_lowercase().contains(secret), "stored: {secret}");
        assert!(!shown.contains(secret), "shown: {secret}");
    }
}

/// What must not be found: the token, and its last 256 bits, the MAC, in base64 and in hexadecimal digits.
fn secret_parts(token: &str) -> [String; 3] {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).unwrap();
    let mac = &bytes[bytes.len() - 32..];
    [token.to_owned(), BASE64_URL_SAFE_NO_PAD.encode(mac), hex(mac)]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Everything that an owner can see of the organization, in one text.
async fn lists(acme: &Organization) -> String {
    let fields = "
        activities(first: 99) { nodes { id action before after reason invitationId } }
        invitations(first: 99) { nodes { id email status invitedBy { email } } }
        members(first: 99) { nodes { id user { email } invitation { id } } }
        notifications(first: 99) { nodes { id kind recipient status lastError } }";
    acme.seen_by(&acme.owner, fields).await.data().to_string()
}

/// PostgreSQL's companion: in the in-process queue there is room for ids only, by its type.
#[tokio::test]
async fn redis_gets_ids_only() {
    let roster = Roster::start(On::Postgres).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;
    let bob = acme.invited("Bob").await;
    roster.deliver().await;
    roster.pass(TimeDelta::hours(1));
    acme.owner.resend_invitation_of(&dana).await.succeeds();
    acme.owner.revoke_invitation_of(&bob).await.succeeds();

    let queue = roster.redis_queue().await;
    let entries: Vec<_> = queue.lines().filter(|line| line.contains('_')).collect();
    assert_eq!(entries, ids_of_emails(&acme, 2).await);
}

/// The ids of the newest emails, oldest first.
async fn ids_of_emails(acme: &Organization, count: usize) -> Vec<String> {
    let list = format!("notifications(first: {count}) {{ nodes {{ id }} }}");
    let answer = acme.seen_by(&acme.owner, &list).await;
    let nodes = answer.at("/organization/notifications/nodes").as_array().unwrap();
    nodes.iter().rev().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
}
