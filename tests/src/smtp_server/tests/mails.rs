//! Finding mails, and reading them.

use super::super::{ReceivedMail, SmtpServer};
use super::client::Client;

fn mail(raw: &str) -> ReceivedMail {
    ReceivedMail { from: String::new(), to: Vec::new(), raw: raw.replace('\n', "\r\n").into_bytes() }
}

#[tokio::test]
async fn next_mail_waits_and_returns_each_mail_once() {
    let server = SmtpServer::start().await;
    let mut client = Client::greeted(&server).await;
    let (first, _) = tokio::join!(server.next_mail(), client.send_mail("Subject: 1\r\n\r\n"));
    client.send_mail("Subject: 2\r\n\r\n").await;
    client.send_mail("Subject: 3\r\n\r\n").await;
    let (second, third) = (server.next_mail().await, server.next_mail().await);
    assert_eq!([&first, &second, &third].map(ReceivedMail::subject), ["1", "2", "3"]);
    assert_eq!(server.mails(), [first, second, third]);
}

#[tokio::test]
async fn finds_mails_by_recipient() {
    let server = SmtpServer::start().await;
    let mut client = Client::greeted(&server).await;
    client.send_mail("\r\n").await;
    assert_eq!(server.mails_to("BOB@example.com").len(), 1);
    assert_eq!(server.mails_to("ann@example.com"), []);
}

#[test]
fn decodes_what_a_person_reads() {
    let mail = mail(
        "Message-ID: <42@roster>\n\
         Subject: =?utf-8?q?Gr=C3=BC?=\n =?utf-8?q?=C3=9Fe?=\n\
         To: \"Bob\"\n <bob@example.com>\n\
         Auto-Submitted: auto-generated\n\
         MIME-Version: 1.0\n\
         Content-Type: multipart/alternative; boundary=x\n\n\
         --x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n\
         Hall=C3=B6, see https://example.com/invitations?token=3Dab=\ncd.\n\
         --x\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n\
         PGI+SGFsbMO2PC9iPg==\n\
         --x--\n",
    );
    assert_eq!(mail.subject(), "Grüße");
    assert_eq!(mail.message_id(), "42@roster");
    assert_eq!(mail.header("to").as_deref(), Some("\"Bob\" <bob@example.com>"));
    assert_eq!(mail.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(mail.header("X-Other"), None);
    assert_eq!(mail.text().trim_end(), "Hallö, see https://example.com/invitations?token=abcd.");
    assert_eq!(mail.html(), "<b>Hallö</b>");
    assert_eq!(mail.first_link(), "https://example.com/invitations?token=abcd");
}

#[test]
fn finds_the_first_link() {
    for text in
        ["at http://a.example/b, or https://c.example", "(http://a.example/b)", "<http://a.example/b>"]
    {
        assert_eq!(mail(&format!("Subject: A\n\n{text}\n")).first_link(), "http://a.example/b");
    }
}

#[test]
#[should_panic(expected = "no plain text in mail from <>")]
fn says_what_is_missing() {
    mail("Content-Type: text/html\n\n<p>Hi\n").text();
}
