//! The operations of one WebSocket. Each runs in a task of its own, so that none waits for another, and none that holds
//! something waits for a client that does not read.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Response as GraphqlResponse, parser::types::OperationType};
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::message::ToClient;
use crate::http::{
    App,
    graphql::{answer::Answer, operation::Operation},
};

/// What a client called an operation, and a number that no other one of the socket has: an id may be used again when its
/// operation has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    id: Arc<str>,
    number: u64,
}

/// Something of an operation.
pub(super) struct Told {
    name: Name,
    /// A message for the client.
    text: String,
    is_last: bool,
}

struct Running {
    number: u64,
    is_subscription: bool,
    _task: AbortOnDropHandle<()>,
}

/// Those that run.
pub(super) struct Operations {
    running: HashMap<Arc<str>, Running>,
    count: u64,
    /// Boxed: a channel has room for 32, however few may be in it.
    sender: mpsc::Sender<Box<Told>>,
    told: mpsc::Receiver<Box<Told>>,
}

impl Operations {
    pub(super) fn new() -> Self {
        let (sender, told) = mpsc::channel(1);
        Self { running: HashMap::new(), count: 0, sender, told }
    }

    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    pub(super) fn is_running(&self, id: &str) -> bool {
        self.running.contains_key(id)
    }

    pub(super) fn start(&mut self, app: &App, id: String, operation: Operation) {
        let name = Name { id: id.into(), number: self.count };
        self.count += 1;
        let is_subscription = operation.kind() == OperationType::Subscription;
        // Begun here, because the task lasts as long as the stream, and the request is large.
        let answers = operation.run(app);
        let run = run(answers, name.clone(), self.sender.clone());
        let task = AbortOnDropHandle::new(tokio::spawn(Box::pin(run)));
        self.running.insert(name.id, Running { number: name.number, is_subscription, _task: task });
    }

    /// Ends one, if it runs.
    pub(super) fn end(&mut self, id: &str) {
        self.running.remove(id);
    }

    /// Ends those that would go on for ever.
    pub(super) fn end_subscriptions(&mut self) {
        self.running.retain(|_, running| !running.is_subscription);
    }

    /// Waits for the next message of one that was not ended.
    pub(super) async fn next(&mut self) -> String {
        loop {
            let Some(told) = self.told.recv().await else {
                unreachable!("this side has a sender too");
            };
            let Told { name, text, is_last } = *told;
            // What an operation that was ended has said before.
            if self.running.get(&name.id).is_none_or(|running| running.number != name.number) {
                continue;
            }
            if is_last {
                self.running.remove(&name.id);
            }
            return text;
        }
    }
}

async fn run(answers: impl Stream<Item = GraphqlResponse>, name: Name, sender: mpsc::Sender<Box<Told>>) {
    let mut answers = std::pin::pin!(answers);
    while let Some(answer) = answers.next().await {
        let answer = Answer::of(answer);
        let (text, is_last) = match &answer {
            Answer::Executed(_) => (ToClient::Next { id: &name.id, payload: &answer }.to_json(), false),
            Answer::Refused(refused) => {
                (ToClient::Error { id: &name.id, payload: &refused.errors }.to_json(), true)
            }
        };
        if sender.send(Box::new(Told { name: name.clone(), text, is_last })).await.is_err() || is_last {
            return;
        }
    }
    let text = ToClient::Complete { id: &name.id }.to_json();
    // An error means that the socket is gone.
    let _ = sender.send(Box::new(Told { name, text, is_last: true })).await;
}
