//! A course for races: on PostgreSQL the two requests go to two APIs, as in production. It counts what came of the rounds,
//! and at the end it looks whether all holds that must always hold.

use std::{
    collections::BTreeMap,
    ops::Range,
    panic::resume_unwind,
    sync::{Barrier, Mutex},
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use roster_tests::{Answer, Effort, On, Organization, Roster};
use tokio::{runtime::Handle, task::block_in_place};

use super::always;

/// The longest head start: 2 to the power of this, in microseconds. Longer than a request takes until it has its lock.
const LONGEST_HEAD_START: u32 = 13;

/// From so many rounds on, every outcome that there can be must have come up.
const ENOUGH: usize = 100;

fn rounds() -> usize {
    Effort::get().of(4, 300)
}

pub(crate) struct Course {
    pub(crate) roster: Roster,
    /// Whom the second of two requests goes to. On SQLite this is the first again.
    pub(crate) there: Roster,
    name: String,
    chance: Mutex<Rng>,
    organizations: Mutex<Vec<Organization>>,
    outcomes: Mutex<BTreeMap<String, usize>>,
}

impl Course {
    pub(crate) async fn open(name: &str, on: On) -> Self {
        let roster = Roster::start(on).await;
        let name = format!("{name}, {on:?}");
        Self {
            there: roster.second_api().await,
            chance: Mutex::new(Effort::get().chance(&name)),
            organizations: Mutex::default(),
            outcomes: Mutex::default(),
            roster,
            name,
        }
    }

    pub(crate) fn rounds(&self) -> Range<usize> {
        0..rounds()
    }

    /// An organization for one round, whose owner is Olivia.
    pub(crate) async fn acme(&self, round: usize) -> Organization {
        self.organization_of("Olivia", &format!("Acme {round}")).await
    }

    pub(crate) async fn organization_of(&self, owner: &str, name: &str) -> Organization {
        self.add(self.roster.organization_of(owner, name).await)
    }

    /// Looks after an organization, which came about in another way.
    pub(crate) fn add(&self, organization: Organization) -> Organization {
        self.organizations.lock().unwrap().push(organization.clone());
        organization
    }

    /// Makes two calls at the same moment, each on a thread of its own. Chance decides which one has a head start, and how
    /// long it is: mostly very short.
    pub(crate) async fn race<A: Send, B>(
        &self,
        one: impl Future<Output = A> + Send,
        other: impl Future<Output = B>,
    ) -> (A, B) {
        let (one_waits, other_waits) = self.draw();
        let (runtime, line) = (Handle::current(), Barrier::new(2));
        let start = |waits| {
            line.wait();
            let started = Instant::now();
            while started.elapsed() < waits {
                thread::yield_now();
            }
        };
        block_in_place(|| {
            thread::scope(|scope| {
                let one = scope.spawn(|| {
                    start(one_waits);
                    runtime.block_on(one)
                });
                start(other_waits);
                let other = runtime.block_on(other);
                (one.join().unwrap_or_else(|panic| resume_unwind(panic)), other)
            })
        })
    }

    fn draw(&self) -> (Duration, Duration) {
        let mut chance = self.chance.lock().unwrap();
        let longest = 1 << chance.u32(0..=LONGEST_HEAD_START);
        let head_start = Duration::from_micros(chance.u64(0..longest));
        if chance.bool() { (Duration::ZERO, head_start) } else { (head_start, Duration::ZERO) }
    }

    /// What came of the two, and keeps count of it.
    pub(crate) fn saw<'a>(
        &self,
        one: &'a impl AsRef<Answer>,
        other: &'a impl AsRef<Answer>,
    ) -> (&'a str, &'a str) {
        let both = (one.as_ref().outcome(), other.as_ref().outcome());
        self.count(&format!("{} + {}", both.0, both.1));
        both
    }

    /// The same of two who want the same: one of them did it, and the other heard this.
    pub(crate) fn saw_one_winner(&self, one: &impl AsRef<Answer>, other: &impl AsRef<Answer>, loser: &str) {
        let both = self.saw(one, other);
        assert!(both == ("done", loser) || both == (loser, "done"), "{both:?}");
    }

    /// Keeps count of an outcome that the answers alone do not tell.
    pub(crate) fn count(&self, outcome: &str) {
        *self.outcomes.lock().unwrap().entry(outcome.to_owned()).or_default() += 1;
    }

    /// Looks at every organization, and whether all of so many outcomes came up.
    pub(crate) async fn finish(self, outcomes: usize) {
        let organizations = self.organizations.into_inner().unwrap();
        let mails = always::holds(&self.roster, &organizations).await;
        let seen = self.outcomes.into_inner().unwrap();
        println!("{}: {} rounds, {mails} mails, {seen:?}", self.name, rounds());
        assert!(seen.len() <= outcomes, "more than {outcomes} outcomes: {seen:?}");
        assert!(rounds() < ENOUGH || seen.len() == outcomes, "not all of {outcomes} outcomes: {seen:?}");
    }
}
