//! A real, small SMTP server inside the test process: the outside world for the worker's mailer.
//!
//! It speaks over real sockets on the loopback interface, with TLS and a login if asked for, keeps what it
//! receives, and misbehaves when it is told to.
//!
//! ```text
//! let server = SmtpServer::builder().tls(Security::StartTls).login("roster", "secret").start().await;
//! server.answer_next(Stage::Mail, "451 4.3.0 Try again later");
//! let mail = server.next_mail().await;
//! assert_eq!(mail.subject(), "You were removed from Acme");
//! ```

mod behaviour;
mod connection;
mod door;
mod hold;
mod mail;
mod mailbox;
mod receipt;
mod session;
mod tls;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::watch;

use self::behaviour::Behaviour;
pub use self::behaviour::Stage;
use self::door::Door;
pub use self::hold::HeldMail;
pub use self::mail::ReceivedMail;
use self::mailbox::Mailbox;
pub use self::receipt::{Receipt, TakenMail};
pub use self::tls::Security;
use self::tls::Tls;
pub(crate) use self::tls::certified;

/// A running SMTP server. Dropping it ends its connections and frees its port.
pub struct SmtpServer {
    address: SocketAddr,
    site: Arc<Site>,
    /// Nothing only while it is being shut.
    door: Mutex<Option<Door>>,
}

/// What all connections of one server share.
struct Site {
    tls: Option<Tls>,
    login: Option<Login>,
    /// In lower case.
    unknown: HashSet<String>,
    behaviour: Behaviour,
    mailbox: Mailbox,
    /// How many connections there have been.
    connections: watch::Sender<usize>,
    /// The commands of all clients, and a dot for the end of each mail.
    heard: watch::Sender<Vec<String>>,
    /// Whether of each mail the header only is kept.
    headers_only: bool,
}

impl Site {
    fn is_unknown(&self, recipient: &str) -> bool {
        self.unknown.contains(&recipient.to_lowercase())
    }
}

/// The only user name and password that the server takes.
struct Login {
    user: String,
    password: String,
}

/// What is decided before the server starts. The default: no TLS, no login.
#[derive(Default)]
pub struct SmtpServerBuilder {
    security: Security,
    login: Option<Login>,
    unknown: HashSet<String>,
    headers_only: bool,
}

impl SmtpServerBuilder {
    /// How connections are encrypted.
    pub fn tls(self, security: Security) -> Self {
        Self { security, ..self }
    }

    /// Takes mail only from who has logged in with this name and password.
    pub fn login(self, user: &str, password: &str) -> Self {
        Self { login: Some(Login { user: user.to_owned(), password: password.to_owned() }), ..self }
    }

    /// Has no mailbox for this address: each mail to it is refused for good, with `550 5.1.1 No such mailbox`.
    pub fn without_mailbox(mut self, address: &str) -> Self {
        self.unknown.insert(address.to_lowercase());
        self
    }

    /// Keeps no more of each mail than its header: for very many.
    pub fn headers_only(mut self) -> Self {
        self.headers_only = true;
        self
    }

    /// Starts the server on a port that the kernel gives it.
    pub async fn start(self) -> SmtpServer {
        let site = Arc::new(Site {
            tls: Tls::new(self.security),
            login: self.login,
            unknown: self.unknown,
            headers_only: self.headers_only,
            behaviour: Behaviour::default(),
            mailbox: Mailbox::default(),
            connections: watch::Sender::default(),
            heard: watch::Sender::default(),
        });
        let (door, address) = Door::open(None, site.clone());
        SmtpServer { address, site, door: Mutex::new(Some(door)) }
    }
}

impl SmtpServer {
    /// Starts a server without TLS and without a login.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A server with TLS or a login.
    pub fn builder() -> SmtpServerBuilder {
        SmtpServerBuilder::default()
    }

    /// The address it listens at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The host name that its certificate is made out to.
    pub fn host(&self) -> &'static str {
        tls::HOST
    }

    /// The port it listens at.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The certificate, in PEM, of the authority that vouches for this server.
    ///
    /// # Panics
    /// If the server has no TLS.
    pub fn ca_pem(&self) -> &str {
        &self.site.tls.as_ref().expect("a server with TLS").ca_pem
    }

    /// All mails it has taken, in the order of their arrival.
    pub fn mails(&self) -> Vec<ReceivedMail> {
        self.site.mailbox.mails()
    }

    /// The same, with what their senders know.
    pub fn taken(&self) -> Vec<TakenMail> {
        self.site.mailbox.taken()
    }

    /// All mails it has taken for this recipient.
    pub fn mails_to(&self, address: &str) -> Vec<ReceivedMail> {
        let is_recipient = |to: &String| to.eq_ignore_ascii_case(address);
        self.mails().into_iter().filter(|mail| mail.to.iter().any(is_recipient)).collect()
    }

    /// The oldest mail that was not returned by this method yet, as soon as there is one.
    ///
    /// # Panics
    /// If none comes within a minute.
    pub async fn next_mail(&self) -> ReceivedMail {
        self.site.mailbox.next().await
    }

    /// Waits until somebody has connected.
    pub async fn connected(&self) {
        // It fails when the sender is gone, which is in `self`.
        let _ = self.site.connections.subscribe().wait_for(|count| *count > 0).await;
    }

    /// The commands that it was given so far, without what stands behind them: `EHLO`, `MAIL`, …; and a dot for the end of
    /// each mail.
    pub fn commands(&self) -> Vec<String> {
        self.site.heard.borrow().clone()
    }

    /// Refuses this recipient with an answer such as `550 5.1.1 No such user`.
    pub fn refuse_recipient(&self, address: &str, answer: &str) {
        self.site.behaviour.refuse_recipient(address, answer);
    }

    /// Gives this answer the next time it comes to this stage, after those asked for earlier. If the answer is
    /// negative, the command does nothing; `421` also ends the connection, as does any refusal to connect.
    pub fn answer_next(&self, stage: Stage, answer: &str) {
        self.site.behaviour.answer_next(stage, answer);
    }

    /// Gives this answer every so many times that it comes to this stage.
    pub fn answer_every(&self, times: usize, stage: Stage, answer: &str) {
        self.site.behaviour.answer_every(times, stage, answer);
    }

    /// Takes the next mail and does not say so before it is released. Waits until there is one.
    pub async fn hold_next_mail(&self) -> HeldMail {
        self.site.behaviour.hold_next().await.expect("nobody heals a server that should hold a mail")
    }

    /// From now on it ends each connection in the middle of a mail, with a reset.
    pub fn reset_in_body(&self) {
        self.site.behaviour.reset_in_body();
    }

    /// Ends all connections, and from now on refuses others, as if it had been stopped.
    pub async fn refuse_connections(&self) {
        let door = self.door().take().expect("it is shut by one at a time");
        let shut = door.shut(self.address).await;
        *self.door() = Some(shut);
    }

    /// From now on it takes each mail and closes the connection instead of saying so: the sender cannot know.
    pub fn close_after_data(&self) {
        self.site.behaviour.close_after_data();
    }

    /// From now on it accepts connections, listens, and does not answer.
    pub fn stay_silent(&self) {
        self.site.behaviour.stay_silent();
    }

    /// Waits until it has misbehaved so many times since it was healed: given an answer that was asked for, closed or reset a
    /// connection.
    pub async fn misbehaved(&self, times: usize) {
        self.site.behaviour.misbehaved(times).await;
    }

    /// Ends all misbehaviour. Answers that silence has held back are given.
    pub fn heal(&self) {
        self.site.behaviour.heal();
        let mut door = self.door();
        if let Some(Door::Shut { .. }) = *door {
            *door = None; // frees the port
            *door = Some(Door::open(Some(self.address.port()), self.site.clone()).0);
        }
    }

    fn door(&self) -> MutexGuard<'_, Option<Door>> {
        self.door.lock().expect("nothing panics while it holds the door")
    }
}
