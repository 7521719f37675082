//! The worker process: takes ids from the queue and delivers them, sweeps, and stops in good order.

use std::{future::Future, time::Duration};

use apalis::prelude::{
    Event, EventListenerExt, ParallelizeExt, WorkerBuilder, WorkerBuilderExt, WorkerContext, WorkerError,
};
use futures_util::{FutureExt, future::BoxFuture};
use roster_entity::CrashPoint;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    delivery::{Courier, batch::Batch},
    interruption::Interruption,
    outage::Outage,
    queue::{Queue, QueueBackend},
};

/// What a stop waits longer than a send may take.
const LAST_WORDS: Duration = Duration::from_secs(5);
const RESTART_PAUSE: Duration = Duration::from_secs(1);
/// How often emails are looked for that wait for a time nobody can have meant.
const RESCUE_INTERVAL: Duration = Duration::from_secs(60);

/// Works until `shutdown`, and then as long as the emails take that are being sent.
pub async fn run(courier: Courier, queue: Queue, shutdown: impl Future<Output = ()> + Send + 'static) {
    let stop = CancellationToken::new();
    let wait_for_shutdown = async {
        shutdown.await;
        stop.cancel();
    };
    let outage = Outage::new();
    let watch = Box::pin(stop.run_until_cancelled(outage.watch(&courier.mailer)));
    tokio::join!(
        wait_for_shutdown,
        watch,
        keep_running("delivery", &stop, || {
            let interruption = Interruption { stop: stop.clone(), outage: outage.clone() };
            deliver(courier.clone(), queue.clone(), interruption)
        }),
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

async fn deliver(courier: Courier, queue: Queue, interruption: Interruption) {
    let grace = courier.mailer.send_timeout() + LAST_WORDS;
    let context = WorkerContext::new("roster");
    let concurrency = courier.config.concurrency;
    let stop = interruption.stop.clone();
    let job = {
        let queue = queue.clone();
        move |batch| job(courier.clone(), queue.clone(), interruption.clone(), batch)
    };
    let mut worker = worker(queue, concurrency, &context, job);
    tokio::select! {
        // First, because a worker that was never polled cannot be stopped.
        biased;
        _ = &mut worker => return,
        () = stop.cancelled() => {}
    }
    tracing::info!("stopping");
    let stopped = context.stop().is_ok() && timeout(grace, worker).await.is_ok();
    if !stopped {
        tracing::warn!(
            "stopped before all emails were sent; they are tried again when their leases have run out"
        );
    }
}

/// An apalis worker that calls `job` with whatever comes out of the queue. How much that is at one time, the backend knows.
fn worker<J, F>(
    queue: Queue,
    concurrency: usize,
    context: &WorkerContext,
    job: J,
) -> BoxFuture<'static, Result<(), WorkerError>>
where
    J: Fn(Batch) -> F + Clone + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    WorkerBuilder::new(context)
        .backend(QueueBackend::new(queue, concurrency))
        .parallelize(tokio::spawn)
        .catch_panic()
        .on_event(|_, event| {
            if matches!(event, Event::Error(_)) {
                tracing::error!("a job panicked; its emails are tried again when their leases have run out");
            }
        })
        .build(job)
        .run()
        .boxed()
}

/// Always `Ok` for apalis: whether and when an email is tried again stands in its row.
async fn job(courier: Courier, queue: Queue, interruption: Interruption, batch: Batch) {
    batch.ids.iter().for_each(|_| CrashPoint::Taken.reached());
    let Interruption { stop, outage } = &interruption;
    let not_begun = match stop.run_until_cancelled(outage.end()).await {
        Some(()) => courier.deliver_all(batch, &interruption).await,
        None => batch.ids,
    };
    if !not_begun.is_empty() {
        queue.give_back_in_time(not_begun).await;
    }
}

async fn sweep(courier: Courier, queue: Queue, stop: CancellationToken) {
    let [mut ticks, mut rescues] = [courier.config.sweep_interval(), RESCUE_INTERVAL].map(|every| {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    });
    let mut failing = false;
    loop {
        let result = tokio::select! {
            // In this order, so that the first sweep finds what was rescued, and the process always starts in the same way.
            biased;
            () = stop.cancelled() => return,
            _ = rescues.tick() => courier.rescue().await,
            _ = ticks.tick() => courier.sweep(&queue).await,
        };
        match &result {
            Ok(0) => {}
            Ok(found) => tracing::debug!(found, "found emails that the queue did not hold"),
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
    use sea_orm::ConnectionTrait;

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

    /// Two emails, of which neither has anything to do with it.
    #[tokio::test]
    async fn while_the_mail_server_is_away_no_attempt_is_counted_and_everything_goes_out_when_it_is_back() {
        let server = SmtpServer::start(|connection, line| match (connection, line) {
            (1, "CONNECT") => Answer::Say("421 too busy"),
            (_, ".") => Answer::Hold("250 ok"),
            _ => polite(connection, line),
        })
        .await;
        let office = Office::open().await;
        let queue = Queue::connect(&queue::tests::config("in-process")).unwrap();
        let ids = [office.notify(removed()).await, office.notify(removed()).await];
        queue.push(&ids).await.unwrap();
        server.release(2);
        let courier = office.courier_to(TransportKind::Smtp, server.port);
        let run = run(courier, queue, server.rung(2));
        timeout(Duration::from_secs(30), run).await.expect("both are sent");
        for id in ids {
            let row = office.row(id).await;
            assert_eq!((row.status, row.attempts), (Status::Sent, 1));
        }
    }

    #[tokio::test]
    async fn a_worker_that_is_stopped_while_the_mail_server_is_away_gives_back_what_it_has_taken() {
        let server = SmtpServer::start(|connection, line| match line {
            "CONNECT" => Answer::Silence,
            _ => polite(connection, line),
        })
        .await;
        let office = Office::open().await;
        let queue = Queue::connect(&queue::tests::config("in-process")).unwrap();
        let id = office.notify(removed()).await;
        // Or it would be there twice.
        let not_for_the_sweep = "UPDATE notifications SET sweep_at = '2099-01-01T00:00:00+00:00'";
        office.db.execute_unprepared(not_for_the_sweep).await.unwrap();
        queue.push(&[id]).await.unwrap();
        let courier = office.courier_to(TransportKind::Smtp, server.port);
        let taken = {
            let (queue, rung) = (queue.clone(), server.rung(1));
            async move {
                rung.await;
                while !queue.is_empty().await.unwrap() {
                    tokio::task::yield_now().await;
                }
            }
        };
        let run = run(courier, queue.clone(), taken);
        timeout(Duration::from_secs(5), run).await.expect("it does not wait for the server");
        assert_eq!(queue.pop(9).await.unwrap(), [id]);
        assert_eq!(office.row(id).await.attempts, 0);
    }

    #[tokio::test]
    async fn a_job_that_panics_does_not_end_the_worker() {
        let queue = Queue::connect(&queue::tests::config("in-process")).unwrap();
        let ids = queue::tests::ids(3);
        queue.push(&ids).await.unwrap();
        let context = WorkerContext::new("test");
        let (first, last, stop) = (ids[0], ids[2], context.clone());
        worker(queue, 1, &context, move |batch| {
            let stop = stop.clone();
            async move {
                assert_ne!(batch.ids, [first], "on purpose");
                if batch.ids == [last] {
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
