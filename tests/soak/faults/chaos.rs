//! What goes wrong in the storm.

use std::time::Duration;

use fastrand::Rng;
use roster_tests::{
    Stop,
    smtp_server::{HeldMail, Stage},
};
use tokio::time::{sleep, timeout};

use super::{
    clients::{Clients, PATIENCE},
    world::{LIST, SEND_TIMEOUT, World},
};

/// How many emails Redis repeats: more than the workers take at once.
const REPEATED: u64 = 300;

/// A fault. (One more lasts as long as the storm: some addresses have no mailbox.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    WorkerKilledWhileSending,
    WorkerStopped,
    ApiKilled,
    RedisFlushed,
    RedisKilled,
    RedisAway,
    RedisRepeats,
    PostgresRestarted,
    PostgresCrashed,
    ConnectionsRefused,
    AFifthPutOff,
    ClosedAfterData,
    Silence,
    ResetInBody,
}

impl Fault {
    const ALL: [Self; 14] = [
        Self::WorkerKilledWhileSending,
        Self::WorkerStopped,
        Self::ApiKilled,
        Self::RedisFlushed,
        Self::RedisKilled,
        Self::RedisAway,
        Self::RedisRepeats,
        Self::PostgresRestarted,
        Self::PostgresCrashed,
        Self::ConnectionsRefused,
        Self::AFifthPutOff,
        Self::ClosedAfterData,
        Self::Silence,
        Self::ResetInBody,
    ];

    /// Each of them so many times, each time in another order.
    pub(super) fn rounds(chance: &mut Rng, rounds: usize) -> Vec<Self> {
        let mut all = Vec::new();
        for _ in 0..rounds {
            let mut round = Self::ALL;
            chance.shuffle(&mut round);
            all.extend(round);
        }
        all
    }
}

impl World {
    /// Lets it happen, sees that it was felt, and puts it right; but how the mail server behaves stays as it is.
    pub(super) async fn suffer(&mut self, fault: Fault, chance: &mut Rng, clients: &mut Clients) {
        match fault {
            Fault::WorkerKilledWhileSending => self.kill_a_worker(clients).await,
            Fault::WorkerStopped => self.stop_a_worker(clients).await,
            Fault::ApiKilled => self.kill_an_api(chance.usize(..2), clients).await,
            Fault::RedisFlushed => {
                self.freeze_workers_until_the_queue_holds_something(clients).await;
                self.redis.flush_all().await;
                self.signal_workers("CONT").await;
            }
            Fault::RedisKilled => {
                self.freeze_workers_until_the_queue_holds_something(clients).await;
                self.redis.kill().await;
                self.signal_workers("CONT").await;
                self.redis.start_again().await;
            }
            Fault::RedisAway => {
                self.redis.kill().await;
                clients.begin_all();
                sleep(Duration::from_secs(5)).await;
                self.redis.start_again().await;
            }
            Fault::RedisRepeats => self.repeat_the_queue(clients).await,
            Fault::PostgresRestarted => self.restart_postgres(Stop::Fast, clients).await,
            Fault::PostgresCrashed => self.restart_postgres(Stop::Immediate, clients).await,
            Fault::ConnectionsRefused => {
                self.smtp.refuse_connections().await;
                clients.begin_all();
                sleep(Duration::from_secs(1)).await;
            }
            Fault::AFifthPutOff => {
                let stage =
                    *chance.choice(&[Stage::Mail, Stage::Rcpt, Stage::Data, Stage::EndOfData]).unwrap();
                self.smtp.answer_every(5, stage, "451 4.3.0 Try again later");
                self.misbehaved(1, clients).await;
            }
            Fault::ClosedAfterData => {
                self.smtp.close_after_data();
                self.misbehaved(3, clients).await;
            }
            Fault::Silence => {
                self.smtp.stay_silent();
                clients.begin_all();
                sleep(SEND_TIMEOUT + Duration::from_secs(1)).await;
            }
            Fault::ResetInBody => {
                self.smtp.reset_in_body();
                self.misbehaved(3, clients).await;
            }
        }
    }

    /// In the middle of a send: the mail server has the whole mail, and the worker does not know.
    async fn kill_a_worker(&mut self, clients: &mut Clients) {
        let held = self.hold(clients).await;
        let number = self.sender_of(&held);
        let worker = self.replace_worker(number);
        worker.process.kill().await;
        self.killed.push(worker.name);
        held.release();
    }

    /// It waits for the mail that it is sending.
    async fn stop_a_worker(&mut self, clients: &mut Clients) {
        let held = self.hold(clients).await;
        let number = self.sender_of(&held);
        let worker = self.replace_worker(number);
        worker.process.terminate().await;
        worker.process.says("stopping").await;
        held.release();
        let said = worker.process.stopped().await;
        assert!(!said.contains("panicked"), "{said}");
    }

    /// In the middle of requests.
    async fn kill_an_api(&mut self, number: usize, clients: &mut Clients) {
        let lock = self.lock_organization().await;
        clients.begin_some();
        self.working(|doors| doors[number] > 0).await;
        lock.rollback().await.unwrap();
        self.kill_api(number).await;
    }

    /// In the middle of requests and of a send: the worker hears that the mail was taken, and cannot write it down.
    async fn restart_postgres(&mut self, how: Stop, clients: &mut Clients) {
        let held = self.hold(clients).await;
        let lock = self.lock_organization().await;
        clients.begin_some();
        self.working(|doors| doors[0] > 0 && doors[1] > 0).await;
        lock.rollback().await.unwrap();
        self.postgres.stop(how).await;
        held.release();
        self.postgres.start_again().await;
    }

    /// The ids of emails come again: of one that is being sent, and then of many that were sent or wait.
    async fn repeat_the_queue(&mut self, clients: &mut Clients) {
        let held = self.hold(clients).await;
        let mut ids = vec![held.mail.message_id().split_once('@').unwrap().0.to_owned()];
        ids.extend(self.newest_notifications(REPEATED).await);
        self.redis.push(LIST, &ids).await;
        let taken = async {
            while self.redis.length(LIST).await > 0 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, taken).await.expect("the workers take what is in the queue");
        held.release();
    }

    /// The next mail, of which the clients give occasion.
    async fn hold(&self, clients: &mut Clients) -> HeldMail {
        let held = timeout(PATIENCE, self.smtp.hold_next_mail());
        let (held, ()) = tokio::join!(held, async { clients.begin_some() });
        held.expect("an email is sent")
    }

    fn sender_of(&self, mail: &HeldMail) -> usize {
        let sender = self.workers.iter().position(|worker| worker.name == mail.client);
        sender.unwrap_or_else(|| panic!("who is {}?", mail.client))
    }

    /// So that something is lost for certain with the queue.
    async fn freeze_workers_until_the_queue_holds_something(&self, clients: &mut Clients) {
        self.signal_workers("STOP").await;
        clients.begin_all();
        let filled = async {
            while self.redis.length(LIST).await == 0 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, filled).await.expect("the API puts ids into the queue");
    }

    async fn signal_workers(&self, signal: &str) {
        for worker in &self.workers {
            worker.process.signal(signal).await;
        }
    }

    /// Waits until the API processes are working on so many requests.
    async fn working(&self, enough: impl FnMut(&[usize; 2]) -> bool) {
        let mut in_flight = self.front.in_flight.subscribe();
        timeout(PATIENCE, in_flight.wait_for(enough)).await.expect("clients ask").unwrap();
    }

    async fn misbehaved(&self, times: usize, clients: &mut Clients) {
        clients.begin_all();
        timeout(PATIENCE, self.smtp.misbehaved(times)).await.expect("emails are sent");
    }
}
