//! What makes the queue a source of tasks for apalis.
//!
//! No error ever reaches the apalis worker, because it would end with it: the queue is asked again after a pause.

use std::{
    collections::VecDeque,
    convert::Infallible,
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
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Queue;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The queue as a source of tasks. A task is the id of a notification.
pub(crate) struct QueueBackend {
    queue: Queue,
    /// How many ids are taken from the queue at once.
    batch: usize,
    stop: CancellationToken,
    state: State,
}

enum State {
    Idle,
    Fetch(BoxSyncFuture<Vec<NotificationId>>),
    /// Taken from the queue and not begun.
    Buffer(VecDeque<NotificationId>),
    GiveBack(BoxSyncFuture<()>),
    Closed,
}

impl QueueBackend {
    pub(crate) fn new(queue: Queue, batch: usize) -> Self {
        Self { queue, batch, stop: CancellationToken::new(), state: State::Idle }
    }
}

impl Backend for QueueBackend {
    type Task = Task<NotificationId>;
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
                    let fetch = fetch(self.queue.clone(), self.batch, self.stop.clone());
                    State::Fetch(fetch.boxed().into())
                }
                State::Fetch(fetch) => State::Buffer(ready!(fetch.poll_unpin(cx)).into()),
                State::Buffer(ids) => match ids.pop_front() {
                    Some(id) => return Poll::Ready(Some(Ok(TaskBuilder::new(id).build()))),
                    None => State::Idle,
                },
                State::GiveBack(_) | State::Closed => return Poll::Ready(None),
            }
        }
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        self.stop.cancel();
        loop {
            self.state = match &mut self.state {
                // Waited for, not dropped: the ids may be on their way already.
                State::Fetch(fetch) => State::Buffer(ready!(fetch.poll_unpin(cx)).into()),
                State::Buffer(ids) if !ids.is_empty() => {
                    let (queue, ids) = (self.queue.clone(), std::mem::take(ids).into());
                    State::GiveBack(async move { queue.give_back_in_time(ids).await }.boxed().into())
                }
                State::GiveBack(give_back) => {
                    ready!(give_back.poll_unpin(cx));
                    State::Closed
                }
                State::Idle | State::Buffer(_) => State::Closed,
                State::Closed => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl BackendConfig for QueueBackend {
    type Args = NotificationId;
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

/// The next ids; none only when stopped.
async fn fetch(queue: Queue, batch: usize, stop: CancellationToken) -> Vec<NotificationId> {
    let mut pause = FIRST_PAUSE;
    while !stop.is_cancelled() {
        match queue.wait(batch, &stop).await {
            Ok(ids) if ids.is_empty() => pause = FIRST_PAUSE,
            Ok(ids) => return ids,
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
    Vec::new()
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::{
        super::tests::{config, ids},
        *,
    };

    async fn next(backend: &mut QueueBackend) -> Option<NotificationId> {
        let context = WorkerContext::new("test");
        let task = poll_fn(|cx| backend.poll_next(cx, &context)).await?;
        Some(task.unwrap().args)
    }

    async fn close(backend: &mut QueueBackend) {
        let context = WorkerContext::new("test");
        poll_fn(|cx| backend.poll_close(cx, &context)).await.unwrap();
    }

    #[tokio::test]
    async fn tasks_come_in_order_and_the_backend_waits_for_more() {
        let (queue, ids) = (Queue::connect(&config("in-process")).unwrap(), ids(3));
        let mut backend = QueueBackend::new(queue.clone(), 2);
        let (first, pushed) = tokio::join!(next(&mut backend), queue.push(&ids));
        assert_eq!((first, pushed.unwrap()), (Some(ids[0]), 3));
        assert_eq!(next(&mut backend).await, Some(ids[1]));
        assert_eq!(next(&mut backend).await, Some(ids[2]));
    }

    #[tokio::test]
    async fn closing_gives_back_what_was_not_begun() {
        let (queue, ids) = (Queue::connect(&config("in-process")).unwrap(), ids(3));
        queue.push(&ids).await.unwrap();
        let mut backend = QueueBackend::new(queue.clone(), 3);
        assert_eq!(next(&mut backend).await, Some(ids[0]));
        close(&mut backend).await;
        assert_eq!(queue.pop(9).await.unwrap(), ids[1..]);
        assert_eq!(next(&mut backend).await, None);
    }

    #[tokio::test]
    async fn closing_does_not_wait_for_ids_that_may_never_come() {
        let queue = Queue::connect(&config("in-process")).unwrap();
        let mut backend = QueueBackend::new(queue, 3);
        assert!(next(&mut backend).now_or_never().is_none());
        close(&mut backend).await;
    }
}
