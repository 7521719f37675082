//! A server that cannot be reached, that loses connections, and that refuses some of what it is given.

use std::io::ErrorKind;

use tokio::net::TcpStream;

use super::super::{Receipt, SmtpServer, Stage};
use super::client::Client;

#[tokio::test]
async fn refuses_connections_until_healed_at_the_same_port() {
    let server = SmtpServer::start().await;
    let mut old = Client::greeted(&server).await;
    server.refuse_connections().await;
    assert_eq!(old.answer().await, "");
    for _ in 0..3 {
        let refused = TcpStream::connect(server.address()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    }
    server.heal();
    let mut new = Client::greeted(&server).await;
    assert_eq!(new.send_mail("\r\nHi").await, "250 2.0.0 Taken");
    server.refuse_connections().await;
    server.refuse_connections().await;
    server.heal();
    Client::greeted(&server).await;
}

#[tokio::test]
async fn answers_every_third_mail_otherwise() {
    let server = SmtpServer::start().await;
    server.answer_every(3, Stage::Mail, "451 4.3.0 Busy");
    let mut client = Client::greeted(&server).await;
    for round in 1..=6 {
        let expected = if round % 3 == 0 { "451 4.3.0 Busy" } else { "250 2.0.0 Taken" };
        assert_eq!(client.send_mail("\r\nHi").await, expected);
    }
    server.misbehaved(2).await;
    server.heal();
    for _ in 0..3 {
        assert_eq!(client.send_mail("\r\nHi").await, "250 2.0.0 Taken");
    }
}

#[tokio::test]
async fn resets_the_connection_in_the_middle_of_a_mail() {
    let server = SmtpServer::start().await;
    server.reset_in_body();
    let mut client = Client::greeted(&server).await;
    for command in ["MAIL FROM:<ann@example.com>", "RCPT TO:<bob@example.com>", "DATA"] {
        client.say(command).await;
    }
    client.send("Subject: Hi\r\n\r\nHi").await;
    assert_eq!(client.try_answer().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    server.misbehaved(1).await;
    assert_eq!(server.mails(), []);

    server.heal();
    let mut client = Client::greeted(&server).await;
    assert_eq!(client.send_mail("\r\nHi").await, "250 2.0.0 Taken");
}

#[tokio::test]
async fn has_no_mailbox_for_some_healed_or_not() {
    let server = SmtpServer::builder().without_mailbox("Eve@example.com").start().await;
    let mut client = Client::greeted(&server).await;
    server.heal();
    client.say("MAIL FROM:<ann@example.com>").await;
    assert_eq!(client.say("RCPT TO:<eve@EXAMPLE.com>").await, "550 5.1.1 No such mailbox");
    assert_eq!(client.say("RCPT TO:<bob@example.com>").await, "250 2.1.5 OK");
}

#[tokio::test]
async fn holds_one_mail_until_it_is_released() {
    let server = SmtpServer::start().await;
    let (mut one, mut other) = (Client::greeted(&server).await, Client::greeted(&server).await);
    let (answer, ()) = tokio::join!(one.send_mail("Subject: held\r\n\r\n"), async {
        let held = server.hold_next_mail().await;
        assert_eq!((held.mail.subject().as_str(), held.client.as_str()), ("held", "client"));
        assert_eq!(other.send_mail("\r\nHi").await, "250 2.0.0 Taken");
        assert_eq!(server.taken()[0].receipt, Receipt::Withheld);
        held.release();
    });
    assert_eq!(answer, "250 2.0.0 Taken");
}
