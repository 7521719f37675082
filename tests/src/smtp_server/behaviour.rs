//! How the server deviates from a well-behaved one, decided by the test while it runs.

use std::collections::{HashMap, VecDeque};

use tokio::sync::watch;

/// A point of the dialogue at which an answer is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The greeting of a new connection.
    Connect,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Rcpt,
    /// `DATA`, before the mail itself.
    Data,
    /// The end of the mail itself, where the server takes over the responsibility for it.
    EndOfData,
}

/// The current misbehaviour; the default is none.
#[derive(Default)]
pub(super) struct Behaviour {
    plan: watch::Sender<Plan>,
}

#[derive(Default)]
struct Plan {
    refused_recipients: HashMap<String, String>,
    next_answers: VecDeque<(Stage, String)>,
    closes_after_data: bool,
    is_silent: bool,
}

impl Behaviour {
    pub(super) fn refuse_recipient(&self, address: &str, answer: &str) {
        let refusal = (address.to_lowercase(), answer.to_owned());
        self.plan.send_modify(|plan| plan.refused_recipients.extend([refusal]));
    }

    pub(super) fn answer_next(&self, stage: Stage, answer: &str) {
        self.plan.send_modify(|plan| plan.next_answers.push_back((stage, answer.to_owned())));
    }

    pub(super) fn close_after_data(&self) {
        self.plan.send_modify(|plan| plan.closes_after_data = true);
    }

    pub(super) fn stay_silent(&self) {
        self.plan.send_modify(|plan| plan.is_silent = true);
    }

    pub(super) fn heal(&self) {
        self.plan.send_replace(Plan::default());
    }

    pub(super) fn refusal_of(&self, recipient: &str) -> Option<String> {
        self.plan.borrow().refused_recipients.get(&recipient.to_lowercase()).cloned()
    }

    /// The answer that a test has asked for; it is used up.
    pub(super) fn take_answer(&self, stage: Stage) -> Option<String> {
        let mut answer = None;
        self.plan.send_modify(|plan| {
            let position = plan.next_answers.iter().position(|(at, _)| *at == stage);
            answer =
                position.and_then(|position| plan.next_answers.remove(position)).map(|(_, answer)| answer);
        });
        answer
    }

    pub(super) fn closes_after_data(&self) -> bool {
        self.plan.borrow().closes_after_data
    }

    /// Waits as long as the server is to be silent.
    pub(super) async fn silence_over(&self) {
        // It fails when the sender is gone, which is in `self`.
        let _ = self.plan.subscribe().wait_for(|plan| !plan.is_silent).await;
    }
}
