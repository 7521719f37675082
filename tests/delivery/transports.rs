//! The ways an email can take: encrypted or not, with a login or without, or into a file. Nothing of this depends on the
//! database.

use std::path::Path;

use roster_api::config::Config;
use roster_tests::{
    On, Organization, Roster,
    smtp_server::{ReceivedMail, Security, SmtpServer},
};
use roster_worker::mail;
use rstest::rstest;
use tempfile::NamedTempFile;

/// A Roster whose emails go to this server, encrypted as the server wants it; what is changed after that.
async fn roster_with(server: &SmtpServer, security: Security, change: impl FnOnce(&mut Config)) -> Roster {
    Roster::start_with(On::Sqlite, |config| {
        config.mail.smtp.port = server.port();
        config.mail.smtp.security = match security {
            Security::None => mail::Security::None,
            Security::StartTls => mail::Security::StartTls,
            Security::ImplicitTls => mail::Security::Tls,
        };
        change(config);
    })
    .await
}

/// An organization that has just invited Bob, after the attempt to send the email.
async fn invited_bob(roster: &Roster) -> Organization {
    let acme = roster.organization("Acme").await;
    acme.invited("Bob").await;
    roster.deliver().await;
    acme
}

/// Why the email waits: that a setting is wrong is no reason to give it up.
async fn reason(acme: &Organization) -> String {
    let email = acme.last_notification().await;
    assert_eq!(email["status"], "QUEUED", "{email:#}");
    email["lastError"].as_str().unwrap_or_else(|| panic!("no reason: {email:#}")).to_owned()
}

fn file(text: &str) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(&file, text).unwrap();
    file
}

#[rstest]
#[tokio::test]
async fn an_email_reaches_a_server_with_encryption_and_a_login(
    #[values(Security::None, Security::StartTls, Security::ImplicitTls)] security: Security,
    #[values(false, true)] login: bool,
) {
    let mut server = SmtpServer::builder().tls(security);
    if login {
        server = server.login("roster", "p@ss: wörd");
    }
    let server = server.start().await;
    let ca = file(if security == Security::None { "" } else { server.ca_pem() });
    let roster = roster_with(&server, security, |config| {
        if security != Security::None {
            config.mail.smtp.ca_file = ca.path().to_owned();
        }
        if login {
            config.mail.smtp.user = "roster".to_owned();
            config.mail.smtp.password = "p@ss: wörd".into();
        }
    })
    .await;
    let acme = invited_bob(&roster).await;
    assert_eq!(acme.notifications().await, ["INVITATION bob@example.com SENT"]);
    let mail = server.next_mail().await;
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("roster@example.com", &["bob@example.com".to_owned()][..])
    );
    assert_eq!(mail.subject(), "Olivia invited you to join Acme");
}

#[tokio::test]
async fn a_wrong_password_is_said_and_the_email_waits_for_the_right_one() {
    let server = SmtpServer::builder().tls(Security::StartTls).login("roster", "right").start().await;
    let ca = file(server.ca_pem());
    let roster = roster_with(&server, Security::StartTls, |config| {
        config.mail.smtp.ca_file = ca.path().to_owned();
        config.mail.smtp.user = "roster".to_owned();
        config.mail.smtp.password = "wrong".into();
    })
    .await;
    let acme = invited_bob(&roster).await;
    assert_eq!(reason(&acme).await, "535 5.7.8 Wrong user or password");
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn a_missing_login_is_said_and_the_email_waits_for_it() {
    let server = SmtpServer::builder().login("roster", "secret").start().await;
    let roster = roster_with(&server, Security::None, |_| {}).await;
    let acme = invited_bob(&roster).await;
    assert_eq!(reason(&acme).await, "530 5.7.0 Authentication required");
}

#[rstest]
#[tokio::test]
async fn a_server_whose_certificate_nobody_vouches_for_gets_no_email(
    #[values(Security::StartTls, Security::ImplicitTls)] security: Security,
) {
    let server = SmtpServer::builder().tls(security).start().await;
    let roster = roster_with(&server, security, |_| {}).await;
    let acme = invited_bob(&roster).await;
    let reason = reason(&acme).await;
    assert!(reason.contains("certificate"), "{reason}");
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn a_server_without_encryption_gets_no_email_where_encryption_is_set() {
    let server = SmtpServer::start().await;
    let roster = roster_with(&server, Security::StartTls, |_| {}).await;
    let acme = invited_bob(&roster).await;
    let reason = reason(&acme).await;
    assert!(reason.contains("STARTTLS"), "{reason}");
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn the_transport_files_keeps_each_email_in_a_file_with_the_id_of_its_notification() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("mail");
    let roster = Roster::start_with(On::Sqlite, |config| {
        config.mail.transport = mail::TransportKind::Files;
        config.mail.directory = directory.clone();
    })
    .await;
    let acme = invited_bob(&roster).await;
    assert_eq!(acme.notifications().await, ["INVITATION bob@example.com SENT"]);

    let name = format!("{}.eml", acme.last_notification().await["id"].as_str().unwrap());
    assert_eq!(names_in(&directory), [name.as_str()]);
    let raw = std::fs::read(directory.join(name)).unwrap();
    let mail = ReceivedMail { from: String::new(), to: Vec::new(), raw };
    assert_eq!(mail.header("To").as_deref(), Some("bob@example.com"));
    let link = mail.first_link();
    let token = link.strip_prefix("https://app.example.com/invitation#token=").unwrap();
    roster.person("Bob").accept(token).await.succeeds();
    assert!(roster.smtp().mails().is_empty());
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
