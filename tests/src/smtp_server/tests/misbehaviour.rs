//! What the server does when it is told to misbehave.

use std::time::Duration;

use tokio::time::timeout;

use super::super::{SmtpServer, Stage};
use super::client::Client;

#[tokio::test]
async fn refuses_a_recipient_until_healed() {
    let server = SmtpServer::start().await;
    server.refuse_recipient("Eve@example.com", "550 5.1.1 No such user");
    let mut client = Client::greeted(&server).await;
    client.say("MAIL FROM:<ann@example.com>").await;
    assert_eq!(client.say("RCPT TO:<eve@EXAMPLE.com>").await, "550 5.1.1 No such user");
    assert_eq!(client.say("RCPT TO:<bob@example.com>").await, "250 2.1.5 OK");
    client.say("DATA").await;
    client.say("\r\nHi\r\n.").await;
    assert_eq!(server.next_mail().await.to, ["bob@example.com"]);

    server.heal();
    client.say("MAIL FROM:<ann@example.com>").await;
    assert_eq!(client.say("RCPT TO:<eve@example.com>").await, "250 2.1.5 OK");
}

#[tokio::test]
async fn gives_each_answer_once_at_its_stage() {
    let server = SmtpServer::start().await;
    let mut client = Client::greeted(&server).await;
    server.answer_next(Stage::EndOfData, "452 4.3.1 Disk full");
    server.answer_next(Stage::EndOfData, "554 5.7.1 Spam");
    server.answer_next(Stage::Mail, "451 4.3.0 Busy");
    server.answer_next(Stage::Rcpt, "450 4.2.1 Grey");
    server.answer_next(Stage::Data, "451 4.3.0 Later");
    for answer in
        ["451 4.3.0 Busy", "450 4.2.1 Grey", "451 4.3.0 Later", "452 4.3.1 Disk full", "554 5.7.1 Spam"]
    {
        assert_eq!(client.send_mail("\r\nHi").await, answer);
        client.say("RSET").await;
    }
    assert_eq!(server.mails(), []);
    assert_eq!(client.send_mail("\r\nHi").await, "250 2.0.0 Taken");
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn hangs_up_after_421_and_after_a_refused_connection() {
    let server = SmtpServer::start().await;
    let mut client = Client::greeted(&server).await;
    server.answer_next(Stage::Mail, "421 4.3.2 Shutting down");
    assert_eq!(client.say("MAIL FROM:<ann@example.com>").await, "421 4.3.2 Shutting down");
    assert_eq!(client.answer().await, "");

    server.answer_next(Stage::Connect, "554 5.3.2 No service");
    let mut client = Client::connect(&server).await;
    assert_eq!(client.answer().await, "554 5.3.2 No service");
    assert_eq!(client.answer().await, "");
    Client::greeted(&server).await;
}

#[tokio::test]
async fn takes_a_mail_and_does_not_say_so() {
    let server = SmtpServer::start().await;
    server.close_after_data();
    let mut client = Client::greeted(&server).await;
    assert_eq!(client.send_mail("\r\nHi").await, "");
    assert_eq!(server.mails().len(), 1);

    server.heal();
    let mut client = Client::greeted(&server).await;
    assert_eq!(client.send_mail("\r\nHi").await, "250 2.0.0 Taken");
}

#[tokio::test]
async fn is_silent_until_healed() {
    let server = SmtpServer::start().await;
    let mut old = Client::greeted(&server).await;
    server.stay_silent();
    let mut new = Client::connect(&server).await;
    let moment = Duration::from_millis(50);
    assert!(timeout(moment, old.say("NOOP")).await.is_err());
    assert!(timeout(moment, new.answer()).await.is_err());

    server.heal();
    assert_eq!(old.answer().await, "250 2.0.0 OK");
    assert_eq!(new.answer().await, "220 localhost ESMTP");
}
