//! The mails that the server has taken, and waiting for the next one.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use super::{Receipt, ReceivedMail, TakenMail};

/// Longer than any mail takes, so that a test whose mail does not come fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    arrival: Notify,
}

#[derive(Default)]
struct State {
    mails: Vec<TakenMail>,
    /// How many of the mails, from the first, `next` has returned.
    returned: usize,
}

impl Mailbox {
    /// Returns the number of the mail.
    pub(super) fn add(&self, mail: TakenMail) -> usize {
        let mut state = self.state();
        state.mails.push(mail);
        self.arrival.notify_waiters();
        state.mails.len() - 1
    }

    /// Writes down what became of the answer to a mail.
    pub(super) fn turn(&self, number: usize, from: Receipt, to: Receipt) {
        let receipt = &mut self.state().mails[number].receipt;
        if *receipt == from {
            *receipt = to;
        }
    }

    pub(super) fn taken(&self) -> Vec<TakenMail> {
        self.state().mails.clone()
    }

    pub(super) fn mails(&self) -> Vec<ReceivedMail> {
        self.state().mails.iter().map(|taken| taken.mail.clone()).collect()
    }

    pub(super) async fn next(&self) -> ReceivedMail {
        match timeout(PATIENCE, self.arrived()).await {
            Ok(mail) => mail,
            Err(_) => panic!("no further mail within {PATIENCE:?}; all so far: {:#?}", self.mails()),
        }
    }

    async fn arrived(&self) -> ReceivedMail {
        loop {
            // Made before the look, so that no arrival falls between the look and the wait.
            let arrival = self.arrival.notified();
            if let Some(mail) = self.take() {
                return mail;
            }
            arrival.await;
        }
    }

    fn take(&self) -> Option<ReceivedMail> {
        let mut state = self.state();
        let mail = state.mails.get(state.returned)?.mail.clone();
        state.returned += 1;
        Some(mail)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
