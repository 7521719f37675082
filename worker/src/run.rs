//! The worker process: takes ids from the queue and delivers them, sweeps, and stops in good order.

use std::{future::Future, time::Duration};

use apalis::prelude::{
    Event, EventListenerExt, ParallelizeExt, WorkerBuilder, WorkerBuilderExt, WorkerContext, WorkerError,
};
use futures_util::{FutureExt, future::BoxFuture};
use roster_entity::{CrashPoint, NotificationId};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    delivery::Courier,
    queue::{Queue, QueueBackend},
};

/// What a stop waits longer than a send may take.
const LAST_WORDS: Duration = Duration::from_secs(5);
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// Works until `shutdown`, and then as long as the emails take that are being sent.
pub async fn run(courier: Courier, queue: Queue, shutdown: impl Future<Output = ()> + Send + 'static) {
    let stop = CancellationToken::new();
    let wait_for_shutdown = async {
        shutdown.await;
        stop.cancel();
    };
    let check = async {
        if let Err(error) = courier.mailer.check().await {
            let problem = error.words();
            tracing::warn!(problem, "emails cannot be sent now; they wait until they can");
        }
    };
    tokio::join!(
        wait_for_shutdown,
        check,
        keep_running("delivery", &stop, || deliver(courier.clone(), queue.clone(), stop.clone())),
        keep_running("sweep", &stop, || sweep(courier.clone(), queue.clone(), stop.clone())),
    );
}

/// Starts a part of the worker again whenever it ends before its time, be it by a panic.
async fn keep_running<F>(part: &str, stop: &CancellationToken, start: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        let end = tokio::spawn(start()).await;
        if stop.is_cancelled() {
            return;
        }
        let panicked = end.is_err();
        tracing::error!(part, panicked, "a part of the worker ended by itself; starting it again");
        tokio::select! {
            () = sleep(RESTART_PAUSE) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn deliver(courier: Courier, queue: Queue, stop: CancellationToken) {
    let grace = courier.mailer.send_timeout() + LAST_WORDS;
    let context = WorkerContext::new("roster");
    let concurrency = courier.config.concurrency;
    let mut worker = worker(queue, concurrency, &context, move |id| job(courier.clone(), id));
    tokio::select! {
        // First, because a worker that was never polled cannot be stopped.
        biased;
        _ = &mut worker => return,
        () = stop.cancelled() => {}
    }
    tracing::info!(sending = context.task_count(), "stopping");
    let stopped = context.stop().is_ok() && timeout(grace, worker).await.is_ok();
    if !stopped {
        let left = context.task_count();
        tracing::warn!(
            left,
            "stopped before all emails were sent; they are tried again when their leases have run out"
        );
    }
}

/// An apalis worker that calls `job` with each id that comes out of the queue.
fn worker<J, F>(
    queue: Queue,
    concurrency: usize,
    context: &WorkerContext,
    job: J,
) -> BoxFuture<'static, Result<(), WorkerError>>
where
    J: Fn(NotificationId) -> F + Clone + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    WorkerBuilder::new(context)
        .backend(QueueBackend::new(queue, concurrency))
        .concurrency(concurrency)
        .parallelize(tokio::spawn)
        .catch_panic()
        .on_event(|_, event| {
            if matches!(event, Event::Error(_)) {
                tracing::error!("a delivery panicked; the email is tried again when its lease has run out");
            }
        })
        .build(job)
        .run()
        .boxed()
}

/// Always `Ok` for apalis: whether and when an email is tried again stands in its row.
async fn job(courier: Courier, id: NotificationId) {
    CrashPoint::Taken.reached();
    if let Err(error) = courier.deliver(id).await {
        tracing::error!(%id, %error, "a database error; the sweep will find the email again");
    }
}

async fn sweep(courier: Courier, queue: Queue, stop: CancellationToken) {
    let mut ticks = interval(courier.config.sweep_interval());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        let result = courier.sweep(&queue).await;
        match &result {
            Ok(0) => {}
            Ok(found) => tracing::debug!(found, "put into the queue what it did not hold"),
            // Once, not every two seconds.
            Err(error) if !failing => {
                tracing::warn!(%error, "cannot look through the database for emails to send")
            }
            Err(_) => {}
        }
        failing = result.is_err();
        courier.mailer.close_idle();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use roster_entity::notification::Status;

    use super::*;
    use crate::{
        mail::TransportKind,
        queue,
        testing::{
            office::Office,
            removed,
            smtp_server::{Answer, SmtpServer, polite},
        },
    };

    /// Rings when it has heard an email, and takes it when it is released.
    async fn server() -> SmtpServer {
        let script = |connection, line: &str| match line {
            "." => Answer::Hold("250 ok"),
            _ => polite(connection, line),
        };
        SmtpServer::start(script).await
    }

    #[tokio::test]
    async fn a_worker_delivers_what_is_pushed_and_what_the_sweep_finds() {
        let (office, server) = (Office::open().await, server().await);
        let queue = Queue::connect(&queue::tests::config("in-process")).unwrap();
        let (pushed, swept) = (office.notify(removed()).await, office.notify(removed()).await);
        queue.push(&[pushed]).await.unwrap();
        server.release(2);
        run(office.courier_to(TransportKind::Smtp, server.port), queue, server.rung(2)).await;
        for id in [pushed, swept] {
            assert_eq!(office.row(id).await.status, Status::Sent);
        }
    }

    #[tokio::test]
    async fn a_worker_that_is_stopped_waits_for_the_email_that_is_being_sent() {
        let (office, server) = (Office::open().await, server().await);
        let queue = Queue::connect(&queue::tests::config("in-process")).unwrap();
        let id = office.notify(removed()).await;
        let courier = office.courier_to(TransportKind::Smtp, server.port);
        let (stopping, stopped) = tokio::sync::oneshot::channel();
        let shutdown = server.rung(1).map(|()| stopping.send(()).unwrap());
        let worker = tokio::spawn(run(courier, queue, shutdown));
        stopped.await.unwrap();
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        assert!(!worker.is_finished());
        server.release(1);
        worker.await.unwrap();
        assert_eq!(office.row(id).await.status, Status::Sent);
    }

    #[tokio::test]
    async fn a_job_that_panics_does_not_end_the_worker() {
        let queue = Queue::connect(&queue::tests::config("in-process")).unwrap();
        let ids = queue::tests::ids(3);
        queue.push(&ids).await.unwrap();
        let context = WorkerContext::new("test");
        let (first, last, stop) = (ids[0], ids[2], context.clone());
        worker(queue, 1, &context, move |id| {
            let stop = stop.clone();
            async move {
                assert_ne!(id, first, "on purpose");
                if id == last {
                    stop.stop().unwrap();
                }
            }
        })
        .await
        .unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_that_ends_or_panics_is_started_again() {
        let (starts, stop) = (Arc::new(AtomicUsize::new(0)), CancellationToken::new());
        keep_running("test", &stop, || {
            let (starts, stop) = (starts.clone(), stop.clone());
            async move {
                match starts.fetch_add(1, Ordering::SeqCst) {
                    0 => panic!("on purpose"),
                    1 => {}
                    _ => stop.cancel(),
                }
            }
        })
        .await;
        assert_eq!(starts.load(Ordering::SeqCst), 3);
    }
}
