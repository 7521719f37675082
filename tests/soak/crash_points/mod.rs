//! Crash points: a process dies at one step of the way from a request to the email, everything is started again, and
//! nothing is lost, nothing is half done, and nobody is told something that is not true.
//!
//! A rehearsal says which steps there are: each crash point of [`roster_entity::CrashPoint`] that a process comes to,
//! each time that it comes there.

mod completeness;
mod death;
mod equation;
mod rehearsal;
mod running;
mod scene;
mod state;
mod story;
mod trace;

use std::{collections::VecDeque, sync::Arc};

use roster_tests::Effort;
use rstest::rstest;
use tokio::task::JoinSet;

use self::{rehearsal::Rehearsal, running::Form, scene::Scene, story::Story};

/// How many installations run at one time: most wait for a lease to run out, or for the sweep.
const AT_ONCE: usize = 8;

/// How many steps of each story are tried in the short form, unless all are.
const SOME: usize = 3;

/// In the short form, all steps of the removal in production, and some of the others.
#[rstest]
#[tokio::test]
async fn a_process_that_dies_at_any_step_loses_nothing(
    #[values(Form::Production, Form::Embedded)] form: Form,
) {
    let scene = Arc::new(Scene::set(form).await);
    let chance = &mut Effort::get().chance(&format!("crash points: {form:?}"));
    let mut deaths = VecDeque::new();
    for story in [Story::Removal, Story::Invitations, Story::MixedList] {
        let rehearsal = Arc::new(Rehearsal::of(&scene, story).await);
        let all = rehearsal.steps();
        let short = if (form, story) == (Form::Production, Story::Removal) { all.len() } else { SOME };
        let some = chance.choose_multiple(all.iter().copied(), Effort::get().of(short, all.len()));
        println!("{form:?}, {story:?}: {} of {} steps", some.len(), all.len());
        deaths.extend(some.into_iter().map(|step| (story, step, rehearsal.clone())));
    }

    let (mut playing, mut mails, count) = (JoinSet::new(), 0, deaths.len());
    loop {
        while playing.len() < AT_ONCE
            && let Some((story, step, rehearsal)) = deaths.pop_front()
        {
            let scene = scene.clone();
            playing.spawn(async move {
                // libtest shows it when the test fails: a step that has begun and has no end is the one that failed.
                println!("{story:?}, {step}: begins");
                let mails = death::loses_nothing(&scene, story, &rehearsal, step).await;
                println!("{story:?}, {step}: ends with {mails} mails");
                mails
            });
        }
        let Some(played) = playing.join_next().await else { break };
        mails += played.unwrap();
    }
    println!("{form:?}: {count} deaths, {mails} mails");
    Arc::into_inner(scene).unwrap().discard().await;
}
