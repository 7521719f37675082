//! A mail that the server has taken and does not answer yet, so that a test can do something meanwhile.

use tokio::sync::oneshot;

use super::ReceivedMail;

/// Somebody waits for the server's last word about this mail. It is given when this is dropped.
pub struct HeldMail {
    /// The mail.
    pub mail: ReceivedMail,
    /// The name that the client had greeted with.
    pub client: String,
    pub(super) release: oneshot::Sender<()>,
}

impl HeldMail {
    /// Lets the server answer.
    pub fn release(self) {
        // It fails when the session has ended.
        let _ = self.release.send(());
    }
}
