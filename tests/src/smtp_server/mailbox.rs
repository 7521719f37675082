//! The mails that the server has taken, and waiting for the next one.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use super::ReceivedMail;

/// Longer than any mail takes, so that a test whose mail does not come fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    arrival: Notify,
}

#[derive(Default)]
struct State {
    mails: Vec<ReceivedMail>,
    /// How many of the mails, from the first, `next` has returned.
    returned: usize,
}

impl Mailbox {
    pub(super) fn add(&self, mail: ReceivedMail) {
        self.state().mails.push(mail);
        self.arrival.notify_waiters();
    }

    pub(super) fn mails(&self) -> Vec<ReceivedMail> {
        self.state().mails.clone()
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
        let mail = state.mails.get(state.returned).cloned()?;
        state.returned += 1;
        Some(mail)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
