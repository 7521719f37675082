//! Stories that chance writes, each played in Roster and in a model that knows nothing but the rules of PRODUCT.md: both must
//! answer, show and send the same. A story in which they part is made as short as it can be, told, and kept in
//! `regressions.txt`, with which each run begins. What is kept there is the seed of the story: who changes how stories are
//! generated makes other stories of the same seeds.

mod answer;
mod beginning;
mod codes;
mod generate;
mod mails;
mod operation;
mod outcome;
mod perform;
mod play;
mod rules;
mod seen;
mod stage;
mod state;
mod tally;
mod told;

use std::{cell::RefCell, thread};

use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestCaseError, TestError, TestRunner};
use proptest_state_machine::ReferenceStateMachine;
use roster_tests::{Effort, On, Roster};

use self::{codes::ESSENTIAL, generate::Story, play::play, tally::Tally};

/// How many stories are played at a time.
const STAGES: usize = 2;

/// After so many stories a new Roster is started, so that none grows too old.
const STORIES_OF_A_ROSTER: usize = 50;

#[test]
fn roster_does_what_the_rules_say() {
    let effort = Effort::get();
    let tally = Tally::default();
    thread::scope(|scope| {
        let stages: Vec<_> = (0..STAGES)
            .map(|stage| {
                scope.spawn({
                    let tally = &tally;
                    move || play_many(effort, stage, tally)
                })
            })
            .collect();
        let failed: Vec<_> = stages.into_iter().filter_map(|stage| stage.join().unwrap().err()).collect();
        assert!(failed.is_empty(), "{}", failed.join("\n"));
    });
    println!("{}", tally.table());
    // A short run is too short for some.
    let missing = tally.missing(&ESSENTIAL[..effort.of(0, ESSENTIAL.len())]);
    assert!(missing.is_empty(), "never came about: {missing:#?}");
}

/// Plays many stories, one after the other.
fn play_many(effort: Effort, stage: usize, tally: &Tally) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let current = RefCell::new((0, None));
    let stories = effort.of(80, 3_000) / STAGES;
    let mut runner = TestRunner::new(Config {
        cases: stories.try_into().unwrap(),
        max_shrink_iters: 2_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/soak/model/regressions.txt"
        )))),
        rng_seed: RngSeed::Fixed(effort.seed.wrapping_mul(STAGES as u64).wrapping_add(stage as u64)),
        ..Config::default()
    });
    let played = runner.run(&Story::sequential_strategy(20..=40), |(_, operations, seen)| {
        let mut current = current.borrow_mut();
        let (number, roster) = &mut *current;
        if *number % STORIES_OF_A_ROSTER == 0 {
            *roster = Some(runtime.block_on(Roster::start(On::Sqlite)));
        }
        *number += 1;
        let roster = roster.clone().unwrap();
        let played = runtime.block_on(play(&roster, *number, &operations, seen.as_ref(), tally));
        played.map_err(TestCaseError::fail)
    });
    played.map_err(|error| match error {
        TestError::Fail(story, _) => story.to_string(),
        TestError::Abort(why) => format!("no story could be written: {why}"),
    })
}
