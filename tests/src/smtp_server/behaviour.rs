//! How the server deviates from a well-behaved one, decided by the test while it runs.

use std::collections::{HashMap, VecDeque};

use tokio::sync::{oneshot, watch};

use super::HeldMail;

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
    repeated_answer: Option<Repeated>,
    holds: VecDeque<oneshot::Sender<HeldMail>>,
    closes_after_data: bool,
    resets_in_body: bool,
    is_silent: bool,
    /// How often it has come to a misbehaviour.
    times: usize,
}

/// An answer for every so many times that it comes to a stage.
struct Repeated {
    every: usize,
    stage: Stage,
    answer: String,
    count: usize,
}

impl Repeated {
    fn take(&mut self, stage: Stage) -> Option<String> {
        self.count += usize::from(stage == self.stage);
        (stage == self.stage && self.count.is_multiple_of(self.every)).then(|| self.answer.clone())
    }
}

impl Behaviour {
    pub(super) fn refuse_recipient(&self, address: &str, answer: &str) {
        let refusal = (address.to_lowercase(), answer.to_owned());
        self.plan.send_modify(|plan| plan.refused_recipients.extend([refusal]));
    }

    pub(super) fn answer_next(&self, stage: Stage, answer: &str) {
        self.plan.send_modify(|plan| plan.next_answers.push_back((stage, answer.to_owned())));
    }

    pub(super) fn answer_every(&self, every: usize, stage: Stage, answer: &str) {
        let repeated = Repeated { every, stage, answer: answer.to_owned(), count: 0 };
        self.plan.send_modify(|plan| plan.repeated_answer = Some(repeated));
    }

    pub(super) fn hold_next(&self) -> oneshot::Receiver<HeldMail> {
        let (hold, held) = oneshot::channel();
        self.plan.send_modify(|plan| plan.holds.push_back(hold));
        held
    }

    pub(super) fn reset_in_body(&self) {
        self.plan.send_modify(|plan| plan.resets_in_body = true);
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
        self.misbehave(|plan| plan.refused_recipients.get(&recipient.to_lowercase()).cloned())
    }

    /// The answer that a test has asked for; it is used up.
    pub(super) fn take_answer(&self, stage: Stage) -> Option<String> {
        self.misbehave(|plan| {
            let position = plan.next_answers.iter().position(|(at, _)| *at == stage);
            let next = position.and_then(|position| plan.next_answers.remove(position));
            let repeated = plan.repeated_answer.as_mut().and_then(|repeated| repeated.take(stage));
            next.map(|(_, answer)| answer).or(repeated)
        })
    }

    /// Who waits for a mail to be held.
    pub(super) fn take_hold(&self) -> Option<oneshot::Sender<HeldMail>> {
        let mut hold = None;
        self.plan.send_modify(|plan| hold = plan.holds.pop_front());
        hold
    }

    pub(super) fn closes_after_data(&self) -> bool {
        self.misbehave(|plan| plan.closes_after_data.then_some(())).is_some()
    }

    pub(super) fn resets_in_body(&self) -> bool {
        self.misbehave(|plan| plan.resets_in_body.then_some(())).is_some()
    }

    /// Waits as long as the server is to be silent.
    pub(super) async fn silence_over(&self) {
        // It fails when the sender is gone, which is in `self`.
        let _ = self.plan.subscribe().wait_for(|plan| !plan.is_silent).await;
    }

    /// Waits until it has misbehaved so many times since it was healed.
    pub(super) async fn misbehaved(&self, times: usize) {
        let _ = self.plan.subscribe().wait_for(|plan| plan.times >= times).await;
    }

    /// What the plan has for this moment; counted if there is something.
    fn misbehave<T>(&self, what: impl FnOnce(&mut Plan) -> Option<T>) -> Option<T> {
        let mut found = None;
        self.plan.send_modify(|plan| {
            found = what(plan);
            plan.times += usize::from(found.is_some());
        });
        found
    }
}
