//! What the well-behaved server says, byte by byte.

use tokio::net::TcpStream;

use super::super::{Security, SmtpServer};
use super::client::Client;

#[tokio::test]
async fn takes_a_mail_and_removes_the_dots_that_escape_others() {
    let server = SmtpServer::start().await;
    let mut client = Client::connect(&server).await;
    assert_eq!(client.answer().await, "220 localhost ESMTP");
    let ehlo = client.say("EHLO client").await;
    assert_eq!(ehlo, "250-localhost\n250-PIPELINING\n250-8BITMIME\n250 ENHANCEDSTATUSCODES");
    assert_eq!(client.say("mail from:<ann@example.com> BODY=8BITMIME SIZE=9").await, "250 2.1.0 OK");
    assert_eq!(client.say("RCPT TO:<Bob@example.com>").await, "250 2.1.5 OK");
    assert_eq!(client.say("RCPT TO:<eve@example.com>").await, "250 2.1.5 OK");
    assert_eq!(client.say("DATA").await, "354 End with a single dot");
    client.send("Subject: Hé\r\n\r\n..\r\n..one\r\nbare\n.\r\nlf\n.\n\r\n").await;
    assert_eq!(client.say(".").await, "250 2.0.0 Taken");
    assert_eq!(client.say("QUIT").await, "221 2.0.0 Bye");
    assert_eq!(client.answer().await, "");

    let mail = server.next_mail().await;
    assert_eq!(mail.from, "ann@example.com");
    assert_eq!(mail.to, ["Bob@example.com", "eve@example.com"]);
    let raw = String::from_utf8(mail.raw).unwrap();
    assert_eq!(raw, "Subject: Hé\r\n\r\n.\r\n.one\r\nbare\n.\r\nlf\n.\n\r\n");
}

#[tokio::test]
async fn answers_pipelined_commands_one_by_one() {
    let server = SmtpServer::start().await;
    let mut client = Client::connect(&server).await;
    client
        .send("EHLO client\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n\r\nHi\r\n.\r\nNOOP\r\nQU")
        .await;
    client.send("IT\r\n").await;
    let mut codes = Vec::new();
    loop {
        match client.answer().await {
            end if end.is_empty() => break,
            answer => codes.push(answer[..3].to_owned()),
        }
    }
    assert_eq!(codes, ["220", "250", "250", "250", "354", "250", "250", "221"]);
    assert_eq!(server.mails()[0].from, "");
}

#[tokio::test]
async fn refuses_what_is_out_of_order_or_unknown() {
    let server = SmtpServer::start().await;
    let mut client = Client::connect(&server).await;
    client.answer().await;
    for (command, code) in [
        ("MAIL FROM:<ann@example.com>", "503"),
        ("HELO client", "250"),
        ("RCPT TO:<bob@example.com>", "503"),
        ("MAIL ann@example.com", "501"),
        ("MAIL FROM:<ann@example.com>", "250"),
        ("MAIL FROM:<ann@example.com>", "503"),
        ("DATA", "503"),
        ("RCPT FOR:<bob@example.com>", "501"),
        ("RCPT TO:<bob@example.com>", "250"),
        ("RSET", "250"),
        ("DATA", "503"),
        ("NOOP", "250"),
        ("VRFY bob", "502"),
        ("STARTTLS", "502"),
        ("AUTH PLAIN", "502"),
    ] {
        let answer = client.say(command).await;
        assert!(answer.starts_with(code), "{command}: {answer}");
    }
}

#[tokio::test]
async fn asks_for_encryption_then_for_a_login() {
    let server = SmtpServer::builder().tls(Security::StartTls).login("roster", "secret").start().await;
    let mut client = Client::connect(&server).await;
    client.answer().await;
    let ehlo = client.say("EHLO client").await;
    assert!(ehlo.contains("STARTTLS") && !ehlo.contains("AUTH"), "{ehlo}");
    assert_eq!(client.say("MAIL FROM:<ann@example.com>").await, "530 5.7.0 STARTTLS first");
    assert_eq!(client.say("AUTH PLAIN").await, "538 5.7.11 Encryption required");

    let server = SmtpServer::builder().login("roster", "secret").start().await;
    let mut client = Client::greeted(&server).await;
    assert_eq!(client.say("MAIL FROM:<ann@example.com>").await, "530 5.7.0 Authentication required");
    assert_eq!(client.say("AUTH CRAM-MD5").await, "504 5.5.4 Unknown mechanism");
    assert_eq!(client.say("AUTH PLAIN").await, "334 ");
    assert_eq!(client.say("AHJvc3RlcgBndWVzcw==").await, "535 5.7.8 Wrong user or password");
    assert_eq!(client.say("AUTH LOGIN").await, "334 VXNlcm5hbWU6");
    assert_eq!(client.say("cm9zdGVy").await, "334 UGFzc3dvcmQ6");
    assert_eq!(client.say("c2VjcmV0").await, "235 2.7.0 Welcome");
    assert_eq!(client.send_mail("\r\nHi").await, "250 2.0.0 Taken");
}

#[tokio::test]
async fn serves_several_connections_at_once() {
    let server = SmtpServer::start().await;
    let (mut one, mut two) = (Client::greeted(&server).await, Client::greeted(&server).await);
    one.say("MAIL FROM:<one@example.com>").await;
    two.send_mail("\r\nTwo").await;
    one.say("RCPT TO:<bob@example.com>").await;
    one.say("DATA").await;
    one.say("\r\nOne\r\n.").await;
    let senders: Vec<_> = server.mails().into_iter().map(|mail| mail.from).collect();
    assert_eq!(senders, ["ann@example.com", "one@example.com"]);
}

#[tokio::test]
async fn stops_when_dropped() {
    let server = SmtpServer::start().await;
    let address = server.address();
    let mut client = Client::greeted(&server).await;
    drop(server);
    assert_eq!(client.answer().await, "");
    TcpStream::connect(address).await.unwrap_err();
}
