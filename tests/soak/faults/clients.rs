//! The clients: many at once, who ask again, at the other door, until they are answered.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, RwLock},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{errands::Errand, told::Told};

const CLIENTS: usize = 12;
/// How long a client waits for an answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// What a client leaves between two tries, as any polite one does.
const PAUSE: Duration = Duration::from_millis(50);
/// Longer than any fault lasts.
pub(super) const PATIENCE: Duration = Duration::from_secs(90);

/// The API: two processes, of which each may be away.
pub(super) struct Front {
    pub(super) http: reqwest::Client,
    pub(super) token: String,
    pub(super) urls: RwLock<[String; 2]>,
    /// How many requests each is working on.
    pub(super) in_flight: watch::Sender<[usize; 2]>,
}

/// What came of one try.
enum Reply {
    Payload(Value),
    /// Ask again. It may have been done all the same: there was no answer, or one that says so.
    Doubt(Option<String>),
    /// Ask again. It was not done.
    NotDone,
}

impl Front {
    async fn ask(&self, door: usize, errand: &Errand) -> Reply {
        self.in_flight.send_modify(|doors| doors[door] += 1);
        let reply = self.try_ask(door, errand).await;
        self.in_flight.send_modify(|doors| doors[door] -= 1);
        reply
    }

    async fn try_ask(&self, door: usize, errand: &Errand) -> Reply {
        let url = format!("{}/graphql", self.urls.read().unwrap()[door]);
        let body = json!({ "query": errand.document(), "variables": { "input": errand.input } });
        let request = self.http.post(url).bearer_auth(&self.token).json(&body).timeout(TIMEOUT);
        let response = match request.send().await {
            Err(error) if error.is_connect() => return Reply::NotDone,
            Err(_) => return Reply::Doubt(None),
            Ok(response) => response,
        };
        let Ok(answer) = response.json::<Value>().await else { return Reply::Doubt(None) };
        let payload = &answer["data"][errand.mutation];
        let error = &answer["errors"][0];
        match error["extensions"]["code"].as_str() {
            None if !payload.is_null() => Reply::Payload(payload.clone()),
            // It says that nothing was changed.
            Some("CONFLICT") => Reply::NotDone,
            Some("INTERNAL_SERVER_ERROR") => Reply::Doubt(error["message"].as_str().map(str::to_owned)),
            _ => panic!("no client should be told this: {answer:#}"),
        }
    }

    /// Asks until there is an answer.
    pub(super) async fn insist(&self, number: usize, errand: Errand) -> Told {
        let (mut asked, mut doubts, mut excuses) = (0, 0, Vec::new());
        let asking = async {
            loop {
                let reply = self.ask((number + asked) % 2, &errand).await;
                asked += 1;
                match reply {
                    Reply::Payload(payload) => return payload,
                    Reply::Doubt(excuse) => {
                        doubts += 1;
                        excuses.extend(excuse);
                    }
                    Reply::NotDone => {}
                }
                sleep(PAUSE).await;
            }
        };
        let payload = timeout(PATIENCE, asking).await;
        let payload =
            payload.unwrap_or_else(|_| panic!("{} gets no answer within {PATIENCE:?}", errand.mutation));
        Told { errand, payload, asked, doubts, excuses }
    }
}

/// The clients at work.
pub(super) struct Clients {
    tasks: JoinSet<Vec<Told>>,
    /// A permit for each errand that may be begun.
    begin: Arc<Semaphore>,
    left: usize,
    begun: usize,
    /// How many of the errands left are for the fault that there is now, and how many of them begin at a time.
    share: usize,
    some: usize,
    answered: watch::Sender<usize>,
}

impl Clients {
    pub(super) fn start(front: &Arc<Front>, errands: Vec<Errand>) -> Self {
        let (begin, left) = (Arc::new(Semaphore::new(0)), errands.len());
        let answered = watch::Sender::default();
        let errands: VecDeque<_> = errands.into_iter().enumerate().collect();
        let errands = Arc::new(Mutex::new(errands));
        let mut tasks = JoinSet::new();
        for _ in 0..CLIENTS {
            let (front, begin, errands) = (front.clone(), begin.clone(), errands.clone());
            let answered = answered.clone();
            tasks.spawn(async move {
                let mut told = Vec::new();
                loop {
                    begin.acquire().await.unwrap().forget();
                    let next = errands.lock().unwrap().pop_front();
                    let Some((number, errand)) = next else { return told };
                    told.push(front.insist(number, errand).await);
                    answered.send_modify(|answered| *answered += 1);
                }
            });
        }
        Self { tasks, begin, left, begun: 0, share: 0, some: 0, answered }
    }

    /// Another fault, and errands to be begun while it lasts.
    pub(super) fn share(&mut self, errands: usize) {
        (self.share, self.some) = (errands, errands / 3);
    }

    /// Lets a third of the share begin.
    pub(super) fn begin_some(&mut self) {
        self.begin(self.some.min(self.share));
    }

    /// Lets all of the share begin.
    pub(super) fn begin_all(&mut self) {
        self.begin(self.share);
    }

    fn begin(&mut self, errands: usize) {
        let errands = errands.min(self.left);
        self.share -= errands;
        self.left -= errands;
        self.begun += errands;
        self.begin.add_permits(errands);
    }

    /// Waits until no more than so many errands that were begun have no answer.
    pub(super) async fn answered_but_for(&self, errands: usize) {
        let goal = self.begun.saturating_sub(errands);
        let mut answered = self.answered.subscribe();
        let reached = timeout(PATIENCE, answered.wait_for(|answered| *answered >= goal)).await;
        reached.expect("the clients get on").unwrap();
    }

    /// Waits until everything is answered.
    pub(super) async fn finish(self) -> Vec<Told> {
        // As many more as there are clients, who find nothing left.
        self.begin.add_permits(self.left + CLIENTS);
        self.tasks.join_all().await.into_iter().flatten().collect()
    }
}
