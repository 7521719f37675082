//! What the sender of a mail knows of it: whether the server's last word reached them.

use std::sync::Arc;

use super::{ReceivedMail, Site};

/// A mail that the server has taken over, and what became of its answer.
#[derive(Clone, Debug)]
pub struct TakenMail {
    /// The mail.
    pub mail: ReceivedMail,
    /// The name that the client had greeted with.
    pub client: String,
    /// Whether the client knows that the mail was taken.
    pub receipt: Receipt,
}

/// What became of the server's last answer to a mail that it had taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It was not given: the client cannot know.
    Withheld,
    /// It was given, and the connection is open still.
    Given,
    /// It was given, and the client has said something since: it knows.
    Heard,
    /// It was given, but the connection ended without another word: nobody can say whether the client knows.
    Lost,
}

impl Receipt {
    /// Whether the client may believe, for all that the server can tell, that the mail was not taken.
    pub fn is_doubtful(self) -> bool {
        matches!(self, Self::Withheld | Self::Lost)
    }
}

/// A mail from the moment when it is taken to the moment when it is clear what its sender knows.
pub(super) struct Handover {
    site: Arc<Site>,
    number: usize,
}

impl Handover {
    /// Takes a mail over.
    pub(super) fn begin(site: &Arc<Site>, client: &str, mail: ReceivedMail) -> Self {
        let mail = TakenMail { mail, client: client.to_owned(), receipt: Receipt::Withheld };
        Self { site: site.clone(), number: site.mailbox.add(mail) }
    }

    /// The answer was sent.
    pub(super) fn given(&self) {
        self.turn(Receipt::Withheld, Receipt::Given);
    }

    /// The client goes on.
    pub(super) fn heard(self) {
        self.turn(Receipt::Given, Receipt::Heard);
    }

    fn turn(&self, from: Receipt, to: Receipt) {
        self.site.mailbox.turn(self.number, from, to);
    }
}

/// The connection has ended, however that came.
impl Drop for Handover {
    fn drop(&mut self) {
        self.turn(Receipt::Given, Receipt::Lost);
    }
}
