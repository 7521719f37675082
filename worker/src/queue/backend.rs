//! What makes the queue a source of tasks for apalis.
//!
//! No error ever reaches the apalis worker, because it would end with it: the queue is asked again after a pause.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use apalis_core::{
    backend::{Backend, BackendConfig, finalize::Ephemeral, future::BoxSyncFuture},
    layers::Identity,
    task::{Task, builder::TaskBuilder},
    worker::context::WorkerContext,
};
use futures_util::FutureExt;
use roster_entity::NotificationId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::Queue;
use crate::delivery::batch::Batch;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The queue as a source of tasks. A task is a batch of ids: as many as there are, and can be worked on at once.
pub(crate) struct QueueBackend {
    queue: Queue,
    /// One permit for each email that may be worked on at one time.
    slots: Arc<Semaphore>,
    stop: CancellationToken,
    state: State,
}

enum State {
    Idle,
    Fetch(BoxSyncFuture<Option<Batch>>),
    GiveBack(BoxSyncFuture<()>),
    Closed,
}

impl QueueBackend {
    pub(crate) fn new(queue: Queue, concurrency: usize) -> Self {
        let slots = Arc::new(Semaphore::new(concurrency.min(Semaphore::MAX_PERMITS)));
        Self { queue, slots, stop: CancellationToken::new(), state: State::Idle }
    }
}

impl Backend for QueueBackend {
    type Task = Task<Batch>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Infallible>>> {
        loop {
            self.state = match &mut self.state {
                State::Idle => {
                    let fetch = fetch(self.queue.clone(), self.slots.clone(), self.stop.clone());
                    State::Fetch(fetch.boxed().into())
                }
                State::Fetch(fetch) => {
                    let batch = ready!(fetch.poll_unpin(cx));
                    self.state = State::Idle;
                    return Poll::Ready(batch.map(|batch| Ok(TaskBuilder::new(batch).build())));
                }
                State::GiveBack(_) | State::Closed => return Poll::Ready(None),
            }
        }
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        self.stop.cancel();
        loop {
            self.state = match &mut self.state {
                // Waited for, not dropped: the ids may be on their way already.
                State::Fetch(fetch) => match ready!(fetch.poll_unpin(cx)) {
                    Some(Batch { ids, .. }) => {
                        let queue = self.queue.clone();
                        State::GiveBack(async move { queue.give_back_in_time(ids).await }.boxed().into())
                    }
                    None => State::Closed,
                },
                State::GiveBack(give_back) => {
                    ready!(give_back.poll_unpin(cx));
                    State::Closed
                }
                State::Idle => State::Closed,
                State::Closed => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl BackendConfig for QueueBackend {
    type Args = Batch;
    type Id = NotificationId;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}

/// The next ids, with a slot for each; none only when stopped.
async fn fetch(queue: Queue, slots: Arc<Semaphore>, stop: CancellationToken) -> Option<Batch> {
    let mut slots = stop.run_until_cancelled(all_free(slots)).await?;
    let mut pause = FIRST_PAUSE;
    while !stop.is_cancelled() {
        match queue.wait(slots.num_permits(), &stop).await {
            Ok(ids) if ids.is_empty() => pause = FIRST_PAUSE,
            Ok(ids) => {
                let slots = slots.split(ids.len()).expect("no more were asked for");
                return Some(Batch { ids, slots });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot take from the queue; trying again in {pause:?}");
                tokio::select! {
                    () = sleep(pause) => {}
                    () = stop.cancelled() => {}
                }
                pause = LONGEST_PAUSE.min(pause * 2);
            }
        }
    }
    None
}

/// All slots that are free, at least one. Emails end in groups (those that were marked together), so these are many.
async fn all_free(slots: Arc<Semaphore>) -> OwnedSemaphorePermit {
    let mut first = slots.clone().acquire_owned().await.expect("the semaphore is never closed");
    let more = slots.available_permits().try_into().unwrap_or(u32::MAX);
    // Nobody else takes any.
    if let Ok(more) = slots.try_acquire_many_owned(more) {
        first.merge(more);
    }
    first
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::{
        super::tests::{config, ids},
        *,
    };

    async fn next(backend: &mut QueueBackend) -> Option<Batch> {
        let context = WorkerContext::new("test");
        let task = poll_fn(|cx| backend.poll_next(cx, &context)).await?;
        Some(task.unwrap().args)
    }

    async fn close(backend: &mut QueueBackend) {
        let context = WorkerContext::new("test");
        poll_fn(|cx| backend.poll_close(cx, &context)).await.unwrap();
    }

    #[tokio::test]
    async fn batches_come_in_order_and_the_backend_waits_for_more() {
        let (queue, ids) = (Queue::connect(&config("in-process")).unwrap(), ids(3));
        let mut backend = QueueBackend::new(queue.clone(), 2);
        let (first, pushed) = tokio::join!(next(&mut backend), queue.push(&ids));
        assert_eq!((first.unwrap().ids, pushed.unwrap()), (ids[..2].to_vec(), 3));
        assert_eq!(next(&mut backend).await.unwrap().ids, ids[2..]);
    }

    #[tokio::test]
    async fn no_more_is_taken_than_can_be_worked_on() {
        let (queue, ids) = (Queue::connect(&config("in-process")).unwrap(), ids(3));
        let mut backend = QueueBackend::new(queue.clone(), 2);
        queue.push(&ids[..1]).await.unwrap();
        let one = next(&mut backend).await.unwrap();
        assert_eq!((one.ids, one.slots.num_permits()), (ids[..1].to_vec(), 1));

        queue.push(&ids[1..]).await.unwrap();
        let another = next(&mut backend).await.unwrap();
        assert_eq!(another.ids, ids[1..2]);
        assert!(next(&mut backend).now_or_never().is_none());
        assert_eq!(queue.len().await.unwrap(), 1);

        drop(another.slots);
        assert_eq!(next(&mut backend).await.unwrap().ids, ids[2..]);
    }

    #[tokio::test]
    async fn closing_gives_back_what_was_taken_meanwhile() {
        let (queue, ids) = (Queue::connect(&config("in-process")).unwrap(), ids(3));
        let mut backend = QueueBackend::new(queue.clone(), 3);
        assert!(next(&mut backend).now_or_never().is_none());
        queue.push(&ids).await.unwrap();
        close(&mut backend).await;
        assert_eq!(queue.pop(9).await.unwrap(), ids);
        assert!(next(&mut backend).await.is_none());
    }

    #[tokio::test]
    async fn closing_does_not_wait_for_ids_that_may_never_come_nor_for_a_slot() {
        let (queue, ids) = (Queue::connect(&config("in-process")).unwrap(), ids(1));
        let mut backend = QueueBackend::new(queue.clone(), 1);
        assert!(next(&mut backend).now_or_never().is_none());
        close(&mut backend).await;

        queue.push(&ids).await.unwrap();
        let mut backend = QueueBackend::new(queue, 1);
        let _busy = next(&mut backend).await.unwrap();
        assert!(next(&mut backend).now_or_never().is_none());
        close(&mut backend).await;
    }
}
