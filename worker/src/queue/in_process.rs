//! The queue of a single process that is both API and worker: a list in memory.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

use roster_entity::NotificationId;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The list, and a bell that rings when something comes in.
#[derive(Clone, Default)]
pub(super) struct InProcess {
    ids: Arc<Mutex<VecDeque<NotificationId>>>,
    bell: Arc<Notify>,
}

impl InProcess {
    pub(super) fn push(&self, ids: &[NotificationId], capacity: usize) -> usize {
        let mut list = self.list();
        let taken = ids.len().min(capacity.saturating_sub(list.len()));
        list.extend(&ids[..taken]);
        self.bell.notify_one();
        taken
    }

    pub(super) fn pop(&self, max: usize) -> Vec<NotificationId> {
        let mut list = self.list();
        let count = max.min(list.len());
        list.drain(..count).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.list().len()
    }

    pub(super) async fn wait(&self, max: usize, stop: &CancellationToken) -> Vec<NotificationId> {
        loop {
            let ids = self.pop(max);
            if !ids.is_empty() || stop.is_cancelled() {
                return ids;
            }
            // A ring between the look above and the wait below is kept.
            tokio::select! {
                () = self.bell.notified() => {}
                () = stop.cancelled() => {}
            }
        }
    }

    pub(super) fn give_back(&self, ids: Vec<NotificationId>) {
        let mut list = self.list();
        for id in ids.into_iter().rev() {
            list.push_front(id);
        }
        self.bell.notify_one();
    }

    fn list(&self) -> MutexGuard<'_, VecDeque<NotificationId>> {
        self.ids.lock().expect("nothing panics while it holds the list")
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::ids, *};

    #[test]
    fn first_in_first_out_up_to_the_capacity() {
        let (list, ids) = (InProcess::default(), ids(5));
        assert_eq!(list.push(&ids[..2], 3), 2);
        assert_eq!(list.push(&ids[2..], 3), 1);
        assert_eq!(list.len(), 3);
        assert_eq!(list.pop(2), ids[..2]);
        assert_eq!(list.pop(2), ids[2..3]);
        assert_eq!(list.pop(2), []);
    }

    #[test]
    fn what_is_given_back_is_the_first_again() {
        let (list, ids) = (InProcess::default(), ids(3));
        list.push(&ids, 3);
        list.give_back(list.pop(2));
        assert_eq!(list.pop(3), ids);
    }

    #[tokio::test]
    async fn waiting_ends_with_an_id_or_when_stopped() {
        let (list, ids, stop) = (InProcess::default(), ids(1), CancellationToken::new());
        let (waited, ()) = tokio::join!(list.wait(9, &stop), async {
            list.push(&ids, 3);
        });
        assert_eq!(waited, ids);
        let (waited, ()) = tokio::join!(list.wait(9, &stop), async { stop.cancel() });
        assert_eq!(waited, []);
    }
}
