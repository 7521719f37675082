//! What the worker does while the mail server is away: it waits. No email is tried meanwhile and no attempt counted, so
//! that all of them go out, the oldest first, as soon as the server is back, however long that took.

use std::time::Duration;

use tokio::{sync::watch, time::sleep};

use crate::mail::Mailer;

/// The pauses between two looks whether the server is back.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Whether the mail server is away. Clones know the same.
#[derive(Clone)]
pub(crate) struct Outage(watch::Sender<bool>);

impl Outage {
    /// Until the first look has shown that the server is there, it is away.
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(true))
    }

    /// One that is over until it begins.
    pub(crate) fn over() -> Self {
        Self(watch::Sender::new(false))
    }

    /// An email could not be sent, and no other could.
    pub(crate) fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Waits until the server is away.
    pub(crate) async fn begins(&self) {
        self.wait_for(true).await;
    }

    /// Waits until the server is there.
    pub(crate) async fn end(&self) {
        self.wait_for(false).await;
    }

    /// Looks after the server whenever it is away, and says when it is back. Never ends.
    pub(crate) async fn watch(&self, mailer: &Mailer) {
        loop {
            self.begins().await;
            let mut pause = FIRST_PAUSE;
            while let Err(error) = mailer.check().await {
                if pause == FIRST_PAUSE {
                    let problem = error.words();
                    tracing::warn!(problem, "emails cannot be sent now; they wait until they can");
                }
                sleep(pause).await;
                pause = LONGEST_PAUSE.min(pause * 2);
            }
            if pause > FIRST_PAUSE {
                tracing::info!("emails can be sent again");
            }
            self.0.send_replace(false);
        }
    }

    async fn wait_for(&self, away: bool) {
        // It fails when all senders are gone, and this is one.
        let _ = self.0.subscribe().wait_for(|is_away| *is_away == away).await;
    }
}
