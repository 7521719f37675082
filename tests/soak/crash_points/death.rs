//! A story in which a process dies at one step. Everything is started again, the client asks again, and the equation
//! holds.

use roster_entity::CrashPoint;
use roster_tests::smtp_server::SmtpServer;

use super::{
    equation::{Copies, everybody_has_mail, everything_is_sent},
    rehearsal::Rehearsal,
    running::{Running, Sweep},
    scene::Scene,
    state,
    story::Story,
    trace::{Part, Step},
};

/// Plays a story with a death; how many mails there were.
pub(super) async fn loses_nothing(scene: &Scene, story: Story, seen: &Rehearsal, step: Step) -> usize {
    let smtp = SmtpServer::start().await;
    let mut installation = scene.copied(&smtp).await;
    let running = Running::start(&mut installation, scene.form, Sweep::Rarely, Some(step)).await;
    let answer = running.ask(scene, story).await;
    let passed = running.dies(step.part).await;
    match step.part {
        Part::Api => assert!(answer.is_none(), "nobody is left who could have said this: {answer:?}"),
        Part::Worker => assert!(answer.is_some(), "the API goes on"),
        Part::Both => {}
    }
    if let Some(answer) = &answer {
        story.was_done_now(answer);
    }

    // Nothing has happened, or everything; and which of the two is known.
    let is_committed = step.point == CrashPoint::Committed || passed.contains(&CrashPoint::Committed);
    let is_done = step.part == Part::Worker || is_committed;
    let running = Running::start(&mut installation, scene.form, Sweep::Often, None).await;
    let state = || state::of(&running.api, &scene.owner, &scene.organization);
    let expected = if is_done { &seen.state } else { &scene.state };
    similar_asserts::assert_eq!(expected: expected, found: &state().await);

    let again = running.ask(scene, story).await.unwrap();
    match is_done {
        true => story.was_done_before(&again, &seen.answer),
        false => story.was_done_now(&again),
    }
    everything_is_sent(scene, &running, &installation).await;
    similar_asserts::assert_eq!(expected: &seen.state, found: &state().await);
    running.stop().await;
    everybody_has_mail(story, &smtp, copies(step, is_done));
    installation.discard().await;
    smtp.mails().len()
}

/// An email is sent twice only if its sender dies between the mail server's answer and the row that says so.
fn copies(step: Step, is_done: bool) -> Copies {
    use CrashPoint::{Answered, Committed, Delivered, Pushed, Statement};
    match (step.part, step.point) {
        (_, Delivered) => Copies::TwoOfOne,
        // The API ends while the worker is at work in the same process.
        (Part::Both, Committed | Pushed | Statement | Answered) if is_done => Copies::OneOrTwoOfOne,
        _ => Copies::One,
    }
}
