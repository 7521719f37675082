//! Hands the messages that this process hears to the subscribers of each organization. Nobody waits for a slow one: what it
//! does not take in time is lost to it, and it is told so.

use std::{
    collections::HashMap,
    future,
    sync::{Arc, Mutex, MutexGuard},
};

use roster_entity::OrganizationId;
use tokio::sync::broadcast::{self, error::RecvError};

use super::Message;

/// What a subscriber hears.
#[derive(Clone, Debug)]
pub enum Heard {
    /// Something has happened.
    Message(Arc<Message>),
    /// Something may have happened that this subscriber was not told.
    Missed,
}

/// The subscribers, by organization.
pub(super) struct Hub {
    organizations: Mutex<HashMap<OrganizationId, broadcast::Sender<Heard>>>,
    buffer: usize,
}

impl Hub {
    pub(super) fn new(buffer: usize) -> Self {
        Self { organizations: Mutex::default(), buffer }
    }

    pub(super) fn subscribe(hub: &Arc<Self>, organization: OrganizationId) -> Subscription {
        let mut organizations = hub.organizations();
        let sender = organizations.entry(organization).or_insert_with(|| broadcast::Sender::new(hub.buffer));
        Subscription { receiver: sender.subscribe(), hub: hub.clone(), organization }
    }

    pub(super) fn tell(&self, message: Message) {
        if let Some(sender) = self.organizations().get(&message.organization) {
            // An error means that nobody listens.
            let _ = sender.send(Heard::Message(Arc::new(message)));
        }
    }

    /// Tells everybody that something may have been missed.
    pub(super) fn tell_missed(&self) {
        for sender in self.organizations().values() {
            let _ = sender.send(Heard::Missed);
        }
    }

    fn organizations(&self) -> MutexGuard<'_, HashMap<OrganizationId, broadcast::Sender<Heard>>> {
        self.organizations.lock().expect("nothing panics while it holds the subscribers")
    }
}

/// What happens in one organization, as long as it is held.
pub struct Subscription {
    receiver: broadcast::Receiver<Heard>,
    hub: Arc<Hub>,
    organization: OrganizationId,
}

impl Subscription {
    /// Waits for the next thing to hear. To drop the future loses nothing.
    pub async fn next(&mut self) -> Heard {
        match self.receiver.recv().await {
            Ok(heard) => heard,
            Err(RecvError::Lagged(_)) => {
                // Who reads everything again needs nothing of what still waits.
                self.receiver = self.receiver.resubscribe();
                Heard::Missed
            }
            // The hub keeps the sender as long as somebody listens.
            Err(RecvError::Closed) => future::pending().await,
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut organizations = self.hub.organizations();
        // This one still counts.
        if organizations.get(&self.organization).is_some_and(|sender| sender.receiver_count() <= 1) {
            organizations.remove(&self.organization);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use roster_entity::Clock;

    use super::*;

    fn organization() -> OrganizationId {
        OrganizationId::generate(Clock::system().now())
    }

    fn message(organization: OrganizationId) -> Message {
        Message::all(organization, Clock::system().now(), Vec::new()).remove(0)
    }

    fn heard(subscription: &mut Subscription) -> Option<&'static str> {
        subscription.next().now_or_never().map(|heard| match heard {
            Heard::Message(_) => "message",
            Heard::Missed => "missed",
        })
    }

    #[test]
    fn a_message_reaches_the_subscribers_of_its_organization_and_nobody_else() {
        let (hub, acme) = (Arc::new(Hub::new(4)), organization());
        let [mut one, mut two, mut other] = [acme, acme, organization()].map(|id| Hub::subscribe(&hub, id));
        hub.tell(message(acme));
        assert_eq!([&mut one, &mut two, &mut other].map(heard), [Some("message"), Some("message"), None]);
        assert_eq!([&mut one, &mut two].map(heard), [None, None]);
    }

    #[test]
    fn who_is_slow_is_told_so_once_and_does_not_hold_up_others() {
        let (hub, acme) = (Arc::new(Hub::new(2)), organization());
        let [mut slow, mut quick] = [acme, acme].map(|id| Hub::subscribe(&hub, id));
        for _ in 0..9 {
            hub.tell(message(acme));
            assert_eq!(heard(&mut quick), Some("message"));
        }
        assert_eq!((heard(&mut slow), heard(&mut slow)), (Some("missed"), None));
        hub.tell(message(acme));
        assert_eq!([&mut slow, &mut quick].map(heard), [Some("message"); 2]);
    }

    #[test]
    fn everybody_is_told_of_what_was_missed() {
        let hub = Arc::new(Hub::new(2));
        let mut all = [organization(), organization()].map(|id| Hub::subscribe(&hub, id));
        hub.tell_missed();
        assert_eq!(all.each_mut().map(heard), [Some("missed"); 2]);
    }

    #[test]
    fn nothing_is_kept_of_those_who_have_gone() {
        let (hub, acme) = (Arc::new(Hub::new(2)), organization());
        let (one, two) = (Hub::subscribe(&hub, acme), Hub::subscribe(&hub, acme));
        drop(one);
        assert_eq!(hub.organizations().len(), 1);
        drop(two);
        assert_eq!(hub.organizations().len(), 0);
    }
}
