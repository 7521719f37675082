//! The pool against a mail server that behaves well and badly.

use std::{future, sync::Arc, time::Duration};

use lettre::message::Mailbox;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::time;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use super::*;
use crate::{
    mail::Security,
    testing::{
        smtp_config,
        smtp_server::{Answer, Script, SmtpServer, polite},
    },
};

/// Said twice: once by lettre, and once to hear what it does not tell.
const HELLO: &str = "EHLO worker.example.com";

fn email(text: &str) -> Message {
    let mailbox = |address: &str| address.parse::<Mailbox>().unwrap();
    Message::builder()
        .from(mailbox("roster@example.com"))
        .to(mailbox("bob@example.com"))
        .body(text.to_owned())
        .unwrap()
}

async fn send(smtp: &Smtp, text: &str) -> Result<(), SendError> {
    smtp.send(&email(text), future::pending()).await
}

fn sender() -> Address {
    "roster@example.com".parse().unwrap()
}

async fn server(script: Script) -> (SmtpServer, Arc<Smtp>) {
    let server = SmtpServer::start(script).await;
    let smtp = Smtp::new(&smtp_config("127.0.0.1", server.port)).unwrap();
    (server, Arc::new(smtp))
}

/// Lets time pass, when nothing but a timeout can happen next.
async fn pass(seconds: u64) {
    time::pause();
    time::advance(Duration::from_secs(seconds)).await;
    time::resume();
}

#[tokio::test]
async fn emails_go_one_after_the_other_over_one_connection() {
    let (server, smtp) = server(polite).await;
    smtp.check(sender()).await.unwrap();
    send(&smtp, "first").await.unwrap();
    send(&smtp, "second").await.unwrap();
    let [heard] = &server.heard()[..] else { panic!("{:?}", server.heard()) };
    let (mail, rcpt) = ("MAIL FROM:<roster@example.com>", "RCPT TO:<bob@example.com>");
    assert_eq!(heard[..7], [HELLO, HELLO, mail, "RSET", mail, rcpt, "DATA"]);
    assert!(heard.contains(&"first".to_owned()) && heard.contains(&"second".to_owned()));
}

fn pipelining(connection: usize, line: &str) -> Answer {
    match line {
        HELLO => Answer::Say("250-mail.example.com\r\n250-Pipelining\r\n250 8BITMIME"),
        _ => polite(connection, line),
    }
}

#[tokio::test]
async fn a_server_that_takes_several_commands_at_once_gets_them_so() {
    let (server, smtp) = server(|n, line| match line {
        "RCPT TO:<bob@example.com>" => Answer::Say("550 5.1.1 no such user"),
        "DATA" => Answer::Say("503 nobody to send it to"),
        _ => pipelining(n, line),
    })
    .await;
    let error = send(&smtp, "lost").await.unwrap_err();
    assert_eq!(error, SendError::Permanent("550 5.1.1 no such user".to_owned()));
    // The last one was sent before it was known that it is in vain.
    server.heard_last(1, "DATA").await;
    assert_eq!(smtp.idle().len(), 0, "its connection is not used again");
}

#[tokio::test]
async fn emails_go_over_one_connection_also_to_a_server_that_takes_several_commands_at_once() {
    let (server, smtp) = server(pipelining).await;
    smtp.check(sender()).await.unwrap();
    send(&smtp, "first\r\n.\r\n.hidden").await.unwrap();
    send(&smtp, "second").await.unwrap();
    let [heard] = &server.heard()[..] else { panic!("{:?}", server.heard()) };
    for line in ["first", "..", "..hidden", "second"] {
        assert_eq!(heard.iter().filter(|heard| *heard == line).count(), 1, "{line} in {heard:?}");
    }
}

#[tokio::test]
async fn an_idle_connection_to_such_a_server_that_it_has_closed_is_replaced() {
    let (server, smtp) = server(|n, line| match (n, line) {
        (1, "RSET") => Answer::SayAndClose("250 ok"),
        _ => pipelining(n, line),
    })
    .await;
    smtp.check(sender()).await.unwrap();
    send(&smtp, "arrives").await.unwrap();
    let heard = server.heard();
    assert!(heard.len() == 2 && heard[1].contains(&"arrives".to_owned()), "{heard:?}");
}

#[tokio::test]
async fn what_gets_no_connection_in_time_is_not_begun() {
    let (server, smtp) = server(|n, line| match line {
        "." => Answer::Hold("250 ok"),
        _ => polite(n, line),
    })
    .await;
    let sending = tokio::spawn({
        let smtp = smtp.clone();
        async move { send(&smtp, "first").await }
    });
    server.rung(1).await;
    let late = smtp.send(&email("late"), future::ready(())).await;
    assert_eq!(late, Err(SendError::NotBegun));
    server.release(1);
    sending.await.unwrap().unwrap();
    assert!(!server.heard().concat().contains(&"late".to_owned()));
}

#[tokio::test]
async fn a_final_no_to_a_recipient_is_final_and_told_in_the_servers_words() {
    let (_server, smtp) = server(|n, line| match line {
        "RCPT TO:<bob@example.com>" => Answer::Say("550-5.1.1 no such\r\n550 5.1.1 user"),
        // A server that does not even say goodbye must not change that.
        "QUIT" => Answer::Silence,
        _ => polite(n, line),
    })
    .await;
    let error = send(&smtp, "lost").await.unwrap_err();
    assert_eq!(error, SendError::Permanent("550 5.1.1 no such user".to_owned()));
}

#[tokio::test]
async fn a_sender_that_the_server_refuses_is_our_fault_and_not_the_emails() {
    let (_server, smtp) = server(|n, line| match line {
        "MAIL FROM:<roster@example.com>" => Answer::Say("553 not your address"),
        _ => polite(n, line),
    })
    .await;
    let error = send(&smtp, "kept").await.unwrap_err();
    assert_eq!(error, SendError::Refused("553 not your address".to_owned()));
}

#[tokio::test]
async fn a_wrong_password_is_our_fault_too() {
    let server = SmtpServer::start(|n, line| match line {
        line if line.starts_with("AUTH") => Answer::Say("535 5.7.8 wrong"),
        _ => polite(n, line),
    })
    .await;
    let config = SmtpConfig {
        user: "roster".into(),
        password: "hunter2".into(),
        ..smtp_config("127.0.0.1", server.port)
    };
    let error = Smtp::new(&config).unwrap().check(sender()).await.unwrap_err();
    assert_eq!(error, SendError::Refused("535 5.7.8 wrong".to_owned()));
}

#[tokio::test]
async fn an_idle_connection_that_the_server_has_closed_is_replaced() {
    let (server, smtp) = server(|n, line| match (n, line) {
        (1, "RSET") => Answer::SayAndClose("250 ok"),
        _ => polite(n, line),
    })
    .await;
    smtp.check(sender()).await.unwrap();
    send(&smtp, "arrives").await.unwrap();
    let heard = server.heard();
    assert_eq!(heard.len(), 2);
    assert!(heard[1].contains(&"arrives".to_owned()));
}

#[tokio::test]
async fn a_connection_that_was_idle_for_long_is_closed_with_a_goodbye() {
    let (server, smtp) = server(|n, line| match line {
        "QUIT" => Answer::Silence,
        _ => polite(n, line),
    })
    .await;
    smtp.check(sender()).await.unwrap();
    smtp.close_idle();
    assert_eq!(smtp.idle().len(), 1);
    pass(21).await;
    smtp.close_idle();
    assert_eq!(smtp.idle().len(), 0);
    server.rung(1).await;
    assert_eq!(server.heard()[0], [HELLO, HELLO, "MAIL FROM:<roster@example.com>", "RSET", "QUIT"]);
}

#[tokio::test]
async fn a_silent_server_does_not_hold_an_email_for_ever() {
    let (server, smtp) = server(|n, line| match line {
        "." => Answer::Silence,
        _ => polite(n, line),
    })
    .await;
    let sending = tokio::spawn({
        let smtp = smtp.clone();
        async move { send(&smtp, "unknown fate").await }
    });
    server.rung(1).await;
    pass(61).await;
    let error = sending.await.unwrap().unwrap_err();
    assert!(matches!(&error, SendError::Transient(words) if words.contains("60 seconds")), "{error}");
    assert_eq!(smtp.idle().len(), 0, "its connection is not used again");
}

#[tokio::test]
async fn a_send_that_was_dropped_half_way_leaves_nothing_behind() {
    let (server, smtp) = server(|n, line| match (n, line) {
        (1, ".") => Answer::Silence,
        _ => polite(n, line),
    })
    .await;
    tokio::select! {
        result = send(&smtp, "dropped") => panic!("{result:?}"),
        () = server.rung(1) => {}
    }
    // There is one permit: it came back too.
    send(&smtp, "whole").await.unwrap();
    assert!(server.heard()[1].contains(&"whole".to_owned()));
}

/// A server with a certificate of its own, and a client that trusts it.
async fn with_tls(security: Security, trusted: bool) -> (SmtpServer, Result<(), SendError>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, cert.pem()).unwrap();
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let server = SmtpServer::start_with(polite, Some(acceptor), security == Security::Tls).await;
    let mut config = SmtpConfig {
        security,
        user: "roster".into(),
        password: "hunter2".into(),
        ..smtp_config("localhost", server.port)
    };
    if trusted {
        config.ca_file = ca_file;
    }
    let result = send(&Smtp::new(&config).unwrap(), "secret").await;
    (server, result)
}

#[tokio::test]
async fn tls_from_the_first_byte_and_by_starttls() {
    for security in [Security::Tls, Security::StartTls] {
        let (server, result) = with_tls(security, true).await;
        result.unwrap();
        let heard = &server.heard()[0];
        assert_eq!(heard.contains(&"STARTTLS".to_owned()), security == Security::StartTls);
        assert!(heard.contains(&"secret".to_owned()));
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_trusted_with_the_password() {
    for security in [Security::Tls, Security::StartTls] {
        let (server, result) = with_tls(security, false).await;
        assert!(matches!(result, Err(SendError::Unreachable(_))), "{result:?}");
        assert!(!server.heard()[0].iter().any(|line| line.starts_with("AUTH")));
    }
}

#[tokio::test]
async fn without_starttls_at_the_server_nothing_is_sent_in_the_clear() {
    let server = SmtpServer::start(|n, line| match line {
        line if line.starts_with("EHLO") => Answer::Say("250 mail.example.com"),
        _ => polite(n, line),
    })
    .await;
    let config = SmtpConfig { security: Security::StartTls, ..smtp_config("localhost", server.port) };
    let result = send(&Smtp::new(&config).unwrap(), "secret").await;
    assert!(
        matches!(&result, Err(SendError::Unreachable(words)) if words.contains("STARTTLS")),
        "{result:?}"
    );
    assert!(!server.heard()[0].contains(&"secret".to_owned()));
}
