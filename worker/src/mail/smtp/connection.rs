//! A connection to the mail server, and how several commands are said over it.

use std::fmt::Display;

use lettre::transport::smtp::{
    Error, client::AsyncSmtpConnection, commands::Ehlo, extension::ClientId, response::Response,
};
use roster_entity::CrashPoint;

/// A connection that has been greeted.
pub(super) struct Connection {
    smtp: AsyncSmtpConnection,
    /// Whether the server takes several commands before it has answered the first (RFC 2920).
    pipelining: bool,
}

impl Connection {
    /// Asks once more what the server can do: lettre does not say all that it was told.
    pub(super) async fn new(smtp: AsyncSmtpConnection, hello: &ClientId) -> Result<Self, Error> {
        let mut connection = Self { smtp, pipelining: false };
        let answer = connection.tell(Ehlo::new(hello.clone())).await?;
        connection.pipelining = answer.message().any(|line| line.eq_ignore_ascii_case("PIPELINING"));
        Ok(connection)
    }

    /// For what lettre does by itself.
    pub(super) fn smtp(&mut self) -> &mut AsyncSmtpConnection {
        &mut self.smtp
    }

    /// Says one command.
    pub(super) async fn tell(&mut self, command: impl Display) -> Result<Response, Error> {
        CrashPoint::SmtpCommand.reached();
        self.smtp.command(command).await
    }

    /// Says the first of these commands, and with it the others if the server can take that; the answer to the first.
    pub(super) async fn begin(&mut self, commands: &[String]) -> Result<Response, Error> {
        match commands {
            [_, others @ ..] if self.pipelining => {
                others.iter().for_each(|_| CrashPoint::SmtpCommand.reached());
                self.tell(commands.concat()).await
            }
            _ => self.tell(&commands[0]).await,
        }
    }

    /// Says the other commands, if that was not done with the first; an error if the server does not accept one.
    pub(super) async fn go_on(&mut self, commands: &[String]) -> Result<(), Error> {
        for command in &commands[1..] {
            match self.pipelining {
                true => self.smtp.read_response().await?,
                false => self.tell(command).await?,
            };
        }
        Ok(())
    }

    /// Says the email itself, after the commands that begin it.
    pub(super) async fn message(&mut self, message: &[u8]) -> Result<(), Error> {
        CrashPoint::SmtpCommand.reached();
        self.smtp.message(message).await.map(drop)
    }
}
