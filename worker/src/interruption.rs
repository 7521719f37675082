//! What keeps a worker from beginning with an email: it is stopped, or the mail server is away.

use tokio_util::sync::CancellationToken;

use crate::outage::Outage;

/// Clones know the same.
#[derive(Clone)]
pub(crate) struct Interruption {
    pub(crate) stop: CancellationToken,
    pub(crate) outage: Outage,
}

impl Interruption {
    /// None, until there is one.
    pub(crate) fn none() -> Self {
        Self { stop: CancellationToken::new(), outage: Outage::over() }
    }

    /// Waits until there is one.
    pub(crate) async fn begins(&self) {
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = self.outage.begins() => {}
        }
    }
}
