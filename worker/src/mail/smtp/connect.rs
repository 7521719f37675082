//! A new connection to the mail server: TCP, TLS, greetings, login.

use std::{io, net::IpAddr, time::Duration};

use lettre::transport::smtp::{
    authentication::{Credentials, Mechanism},
    client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters},
    extension::ClientId,
};
use roster_entity::CrashPoint;
use secrecy::ExposeSecret;
use tokio::{net::TcpStream, time::timeout};

use super::{
    connection::Connection,
    corked::Corked,
    failure::{Stage, failure},
    tls::{Implicit, starttls},
};
use crate::{
    ConfigError,
    mail::{Security, SendError, SmtpConfig},
};

/// Makes connections.
pub(super) struct Connector {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    hello: ClientId,
    timeout: Duration,
}

/// When the connection turns to TLS.
enum Tls {
    Never,
    AfterGreetings(TlsParameters),
    AtOnce(Implicit),
}

impl Connector {
    pub(super) fn new(config: &SmtpConfig) -> Result<Self, ConfigError> {
        if config.host.is_empty() {
            let problem = "should be the name of your mail server, because mail.transport is smtp.";
            return Err(ConfigError::new("mail.smtp.host", problem));
        }
        if !config.hello.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ConfigError::new(
                "mail.smtp.hello",
                "should be a name like worker.example.com, or empty.",
            ));
        }
        Ok(Self {
            host: config.host.clone(),
            port: config.port,
            tls: match config.security {
                Security::None => Tls::Never,
                Security::StartTls => Tls::AfterGreetings(starttls(config)?),
                Security::Tls => Tls::AtOnce(Implicit::new(config)?),
            },
            credentials: credentials(config)?,
            hello: match config.hello.as_str() {
                "" => ClientId::default(),
                name => ClientId::Domain(name.to_owned()),
            },
            timeout: config.connect_timeout(),
        })
    }

    /// A connection that is ready for its first email.
    pub(super) async fn connect(&self) -> Result<Connection, SendError> {
        timeout(self.timeout, self.try_connect()).await.unwrap_or_else(|_| {
            let seconds = self.timeout.as_secs();
            Err(SendError::Unreachable(format!("No connection to the mail server within {seconds} seconds.")))
        })
    }

    async fn try_connect(&self) -> Result<Connection, SendError> {
        let stream = self
            .stream()
            .await
            .map_err(|error| SendError::Unreachable(format!("No connection to the mail server: {error}")))?;
        let during = |stage| move |error| failure(stage, &error);
        CrashPoint::SmtpCommand.reached();
        let mut smtp = AsyncSmtpConnection::connect_with_transport(stream, &self.hello)
            .await
            .map_err(during(Stage::Connect))?;
        if let Tls::AfterGreetings(parameters) = &self.tls {
            smtp.starttls(parameters.clone(), &self.hello).await.map_err(during(Stage::Connect))?;
        }
        let mut connection = Connection::new(smtp, &self.hello).await.map_err(during(Stage::Connect))?;
        if let Some(credentials) = &self.credentials {
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection.smtp().auth(&mechanisms, credentials).await.map_err(during(Stage::Login))?;
        }
        Ok(connection)
    }

    async fn stream(&self) -> io::Result<Box<dyn AsyncTokioStream>> {
        let tcp = TcpStream::connect((self.host.as_str(), self.port)).await?;
        // Whatever does not go out in one piece would wait 40 ms for the first one's receipt.
        tcp.set_nodelay(true)?;
        match &self.tls {
            Tls::Never | Tls::AfterGreetings(_) => Ok(Box::new(Corked::new(tcp))),
            Tls::AtOnce(tls) => Ok(Box::new(Corked::new(tls.connect(tcp).await?))),
        }
    }
}

fn credentials(config: &SmtpConfig) -> Result<Option<Credentials>, ConfigError> {
    let (user, password) = (config.user.as_str(), config.password.expose_secret());
    let wrong = |key, problem| Err(ConfigError::new(key, problem));
    match (user, password) {
        ("", "") => Ok(None),
        ("", _) => wrong("mail.smtp.user", "should be given, because mail.smtp.password is."),
        (_, "") => wrong("mail.smtp.password", "should be given, because mail.smtp.user is."),
        _ if config.security == Security::None && !is_this_machine(&config.host) => wrong(
            "mail.smtp.security",
            "should be starttls or tls: the password would go over the network in the clear.",
        ),
        _ => Ok(Some(Credentials::new(user.to_owned(), password.to_owned()))),
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::smtp_config;

    #[test]
    fn a_wrong_setting_is_named_and_the_password_is_not_shown() {
        let good = smtp_config("mail.example.com", 587);
        let secret = || "hunter2".into();
        for (bad, named) in [
            (SmtpConfig { host: String::new(), ..good.clone() }, "mail.smtp.host should"),
            (
                SmtpConfig { host: "two words".into(), security: Security::Tls, ..good.clone() },
                "mail.smtp.host should",
            ),
            (SmtpConfig { hello: "a\r\nQUIT".into(), ..good.clone() }, "mail.smtp.hello should"),
            (SmtpConfig { user: "roster".into(), ..good.clone() }, "mail.smtp.password should"),
            (SmtpConfig { password: secret(), ..good.clone() }, "mail.smtp.user should"),
            (
                SmtpConfig { user: "roster".into(), password: secret(), ..good.clone() },
                "mail.smtp.security should",
            ),
            (
                SmtpConfig { ca_file: "no/such/file.pem".into(), security: Security::Tls, ..good.clone() },
                "mail.smtp.ca_file should",
            ),
            (
                SmtpConfig { ca_file: "Cargo.toml".into(), security: Security::StartTls, ..good.clone() },
                "mail.smtp.ca_file should",
            ),
        ] {
            let error = Connector::new(&bad).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(named) && !error.contains("hunter2"), "{error}");
        }
        let local =
            SmtpConfig { host: "127.0.0.1".into(), user: "roster".into(), password: secret(), ..good };
        assert!(Connector::new(&local).is_ok());
    }
}
