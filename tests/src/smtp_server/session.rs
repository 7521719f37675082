//! The dialogue of one connection: the commands of RFC 5321, STARTTLS (RFC 3207) and AUTH (RFC 4954).

mod login;

use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::behaviour::Stage;
use super::connection::Connection;
use super::receipt::Handover;
use super::{HeldMail, ReceivedMail, Site};

pub(super) struct Session {
    site: Arc<Site>,
    connection: Connection,
    is_encrypted: bool,
    /// The name that the client has greeted with.
    client: Option<String>,
    has_logged_in: bool,
    envelope: Option<Envelope>,
    /// The last mail, until it is clear whether the client knows that it was taken.
    handover: Option<Handover>,
}

/// Whom the mail that is being sent is from and to.
struct Envelope {
    from: String,
    to: Vec<String>,
}

/// How the dialogue goes on after a command.
enum Next {
    Command,
    Encrypt,
    Close,
    Reset,
}

impl Session {
    /// Talks to a client until one of the two has had enough.
    pub(super) async fn serve(socket: TcpStream, site: Arc<Site>) -> io::Result<()> {
        socket.set_nodelay(true)?;
        let mut session = Self::new(site.clone(), Connection::new(socket), false);
        if site.tls.as_ref().is_some_and(|tls| tls.is_implicit) {
            session = session.encrypt().await?;
        }
        let mut next = session.greet().await?;
        loop {
            match next {
                Next::Command => {}
                Next::Encrypt => session = session.encrypt().await?,
                Next::Close => return Ok(()),
                Next::Reset => return session.connection.reset(),
            }
            let Some(line) = session.connection.read_line().await? else { return Ok(()) };
            if let Some(handover) = session.handover.take() {
                handover.heard();
            }
            next = session.obey(&String::from_utf8_lossy(&line)).await?;
        }
    }

    fn new(site: Arc<Site>, connection: Connection, is_encrypted: bool) -> Self {
        Self {
            site,
            connection,
            is_encrypted,
            client: None,
            has_logged_in: false,
            envelope: None,
            handover: None,
        }
    }

    /// Starts anew, as what was said in clear does not count.
    async fn encrypt(self) -> io::Result<Self> {
        let Some(tls) = &self.site.tls else { return Ok(self) };
        let connection = self.connection.encrypt(&tls.acceptor).await?;
        Ok(Self::new(self.site, connection, true))
    }

    async fn greet(&mut self) -> io::Result<Next> {
        let answer = self.answer_to(Stage::Connect, "220 localhost ESMTP");
        self.say(&answer).await?;
        Ok(if is_positive(&answer) { Next::Command } else { Next::Close })
    }

    async fn obey(&mut self, line: &str) -> io::Result<Next> {
        let (command, arguments) = line.split_once(' ').unwrap_or((line, ""));
        let command = command.to_ascii_uppercase();
        self.heard(&command);
        match command.as_str() {
            "EHLO" => self.ehlo(arguments).await,
            "HELO" => self.helo(arguments).await,
            "STARTTLS" if self.lacks_encryption() => self.starttls().await,
            "AUTH" if self.site.login.is_some() => self.auth(arguments).await,
            "MAIL" => self.mail(arguments).await,
            "RCPT" => self.rcpt(arguments).await,
            "DATA" => self.data().await,
            "RSET" => self.rset().await,
            "NOOP" => self.say("250 2.0.0 OK").await,
            "QUIT" => {
                self.say("221 2.0.0 Bye").await?;
                Ok(Next::Close)
            }
            _ => self.say("502 5.5.1 Command not implemented").await,
        }
    }

    async fn ehlo(&mut self, name: &str) -> io::Result<Next> {
        let mut extensions = vec!["PIPELINING", "8BITMIME"];
        if self.lacks_encryption() {
            extensions.push("STARTTLS");
        } else if self.site.login.is_some() {
            extensions.push("AUTH PLAIN LOGIN");
        }
        self.client = Some(name.to_owned());
        self.envelope = None;
        let extensions: String = extensions.iter().map(|extension| format!("250-{extension}\r\n")).collect();
        self.say(&format!("250-localhost\r\n{extensions}250 ENHANCEDSTATUSCODES")).await
    }

    async fn helo(&mut self, name: &str) -> io::Result<Next> {
        self.client = Some(name.to_owned());
        self.envelope = None;
        self.say("250 localhost").await
    }

    async fn starttls(&mut self) -> io::Result<Next> {
        self.say("220 2.0.0 Go ahead").await?;
        Ok(Next::Encrypt)
    }

    async fn mail(&mut self, arguments: &str) -> io::Result<Next> {
        if self.client.is_none() {
            return self.say("503 5.5.1 EHLO first").await;
        }
        if self.lacks_encryption() {
            return self.say("530 5.7.0 STARTTLS first").await;
        }
        if self.site.login.is_some() && !self.has_logged_in {
            return self.say("530 5.7.0 Authentication required").await;
        }
        if self.envelope.is_some() {
            return self.say("503 5.5.1 One mail after the other").await;
        }
        let Some(from) = address(arguments, "FROM:") else {
            return self.say("501 5.5.4 MAIL FROM:<address>").await;
        };
        let answer = self.answer_to(Stage::Mail, "250 2.1.0 OK");
        if is_positive(&answer) {
            self.envelope = Some(Envelope { from, to: Vec::new() });
        }
        self.say(&answer).await
    }

    async fn rcpt(&mut self, arguments: &str) -> io::Result<Next> {
        let Some(envelope) = &mut self.envelope else {
            return self.say("503 5.5.1 MAIL first").await;
        };
        let Some(to) = address(arguments, "TO:") else {
            return self.say("501 5.5.4 RCPT TO:<address>").await;
        };
        let refusal = self.site.behaviour.refusal_of(&to);
        let unknown = self.site.is_unknown(&to).then_some("550 5.1.1 No such mailbox");
        let usual = refusal.as_deref().or(unknown).unwrap_or("250 2.1.5 OK");
        let answer = self.site.behaviour.take_answer(Stage::Rcpt).unwrap_or_else(|| usual.to_owned());
        if is_positive(&answer) {
            envelope.to.push(to);
        }
        self.say(&answer).await
    }

    async fn data(&mut self) -> io::Result<Next> {
        if self.envelope.as_ref().is_none_or(|envelope| envelope.to.is_empty()) {
            return self.say("503 5.5.1 RCPT first").await;
        }
        let answer = self.answer_to(Stage::Data, "354 End with a single dot");
        if !is_positive(&answer) {
            return self.say(&answer).await;
        }
        self.say(&answer).await?;
        if self.site.behaviour.resets_in_body() {
            self.connection.read_line().await?;
            return Ok(Next::Reset);
        }
        let mail = self.connection.read_mail().await?;
        let (Some(mut raw), Some(Envelope { from, to })) = (mail, self.envelope.take()) else {
            return Ok(Next::Close);
        };
        self.heard(".");
        if self.site.headers_only {
            let header = raw.windows(4).position(|end| end == b"\r\n\r\n").map_or(raw.len(), |at| at + 4);
            raw.truncate(header);
            raw.shrink_to_fit();
        }
        let answer = self.answer_to(Stage::EndOfData, "250 2.0.0 Taken");
        // Before the answer, so that who has heard it finds the mail.
        if is_positive(&answer) {
            self.take_over(ReceivedMail { from, to, raw }).await;
        }
        if self.site.behaviour.closes_after_data() {
            return Ok(Next::Close);
        }
        let next = self.say(&answer).await?;
        if let Some(handover) = &self.handover {
            handover.given();
        }
        Ok(next)
    }

    /// Keeps a mail, and waits if a test wants it to be held.
    async fn take_over(&mut self, mail: ReceivedMail) {
        let client = self.client.clone().unwrap_or_default();
        self.handover = Some(Handover::begin(&self.site, &client, mail.clone()));
        if let Some(hold) = self.site.behaviour.take_hold() {
            let (release, released) = oneshot::channel();
            // Both fail when the test does not wait any more.
            let _ = hold.send(HeldMail { mail, client, release });
            let _ = released.await;
        }
    }

    async fn rset(&mut self) -> io::Result<Next> {
        self.envelope = None;
        self.say("250 2.0.0 OK").await
    }

    fn heard(&self, command: &str) {
        self.site.heard.send_modify(|heard| heard.push(command.to_owned()));
    }

    /// Whether `STARTTLS` is on offer, and so required.
    fn lacks_encryption(&self) -> bool {
        self.site.tls.is_some() && !self.is_encrypted
    }

    /// The answer that a test has asked for, or else the usual one.
    fn answer_to(&self, stage: Stage, usual: &str) -> String {
        self.site.behaviour.take_answer(stage).unwrap_or_else(|| usual.to_owned())
    }

    /// Gives an answer, once the server is not silent any more.
    async fn say(&mut self, answer: &str) -> io::Result<Next> {
        self.site.behaviour.silence_over().await;
        self.connection.write_line(answer).await?;
        Ok(if answer.starts_with("421") { Next::Close } else { Next::Command })
    }
}

fn is_positive(answer: &str) -> bool {
    answer.starts_with(['2', '3'])
}

/// The address in `FROM:<address> PARAMETERS`.
fn address(arguments: &str, keyword: &str) -> Option<String> {
    let (before, rest) = arguments.split_once('<')?;
    let (address, _) = rest.split_once('>')?;
    before.trim().eq_ignore_ascii_case(keyword).then(|| address.to_owned())
}
