//! The server against lettre's own transports.

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::super::{Security, SmtpServer};

type Transport = AsyncSmtpTransport<Tokio1Executor>;

fn message() -> Message {
    let message = Message::builder()
        .from("Ann <ann@example.com>".parse().unwrap())
        .to("Bob <bob@example.com>".parse().unwrap())
        .subject("Grüße");
    message.body("See\n.\n..\nhttps://example.com/ä\n".to_owned()).unwrap()
}

fn transport(server: &SmtpServer, tls: Tls, mechanism: Mechanism, password: &str) -> Transport {
    Transport::builder_dangerous(server.host())
        .port(server.port())
        .tls(tls)
        .authentication(vec![mechanism])
        .credentials(Credentials::new("roster".to_owned(), password.to_owned()))
        .build()
}

/// The client's side of the server's encryption, with the only authority that it trusts.
fn tls(security: Security, authority: &SmtpServer) -> Tls {
    if security == Security::None {
        return Tls::None;
    }
    let certificate = Certificate::from_pem(authority.ca_pem().as_bytes()).unwrap();
    let parameters = TlsParameters::builder("localhost".to_owned()).add_root_certificate(certificate).build();
    match security {
        Security::StartTls => Tls::Required(parameters.unwrap()),
        _ => Tls::Wrapper(parameters.unwrap()),
    }
}

async fn server(security: Security) -> SmtpServer {
    SmtpServer::builder().tls(security).login("roster", "secret").start().await
}

#[tokio::test]
async fn takes_a_mail_from_lettre_in_every_way() {
    for mechanism in [Mechanism::Plain, Mechanism::Login] {
        for security in [Security::None, Security::StartTls, Security::ImplicitTls] {
            let server = server(security).await;
            let tls = tls(security, &server);
            let message = message();
            transport(&server, tls, mechanism, "secret").send(message.clone()).await.unwrap();
            let mail = server.next_mail().await;
            assert_eq!(mail.from, "ann@example.com");
            assert_eq!(mail.to, ["bob@example.com"]);
            // lettre ends each mail with one more empty line.
            assert_eq!(mail.raw.trim_ascii_end(), message.formatted().trim_ascii_end());
            assert_eq!(mail.subject(), "Grüße");
        }
    }
}

#[tokio::test]
async fn sends_several_mails_over_one_connection() {
    let server = SmtpServer::start().await;
    let transport = Transport::builder_dangerous(server.host()).port(server.port()).build();
    for _ in 0..3 {
        transport.send(message()).await.unwrap();
    }
    assert_eq!(server.mails_to("bob@example.com").len(), 3);
}

#[tokio::test]
async fn refuses_a_wrong_password() {
    let server = server(Security::StartTls).await;
    let tls = tls(Security::StartTls, &server);
    let error = transport(&server, tls, Mechanism::Plain, "guess").send(message()).await.unwrap_err();
    assert_eq!(error.status().unwrap().to_string(), "535");
}

#[tokio::test]
async fn is_trusted_by_its_own_authority_only() {
    for security in [Security::StartTls, Security::ImplicitTls] {
        let (server, other) = (server(security).await, server(security).await);
        let tls = tls(security, &other);
        let error = transport(&server, tls, Mechanism::Plain, "secret").send(message()).await.unwrap_err();
        assert!(error.status().is_none(), "{error}");
        assert_eq!(server.mails(), []);
    }
}
