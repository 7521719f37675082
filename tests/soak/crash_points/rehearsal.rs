//! A story that nobody dies in: what happens, and at which points the processes are meanwhile.

use roster_entity::CrashPoint;
use roster_tests::{Answer, smtp_server::SmtpServer};

use super::{
    equation::{Copies, equation_holds, everybody_has_mail, everything_is_sent},
    running::{Running, Sweep},
    scene::Scene,
    state,
    story::Story,
    trace::{Part, Step, steps},
};

/// What was seen.
pub(super) struct Rehearsal {
    /// Each process, all points that it came to, and how many of them before the request.
    lives: Vec<(Part, Vec<CrashPoint>, usize)>,
    /// How often the mail server was greeted: twice on each connection.
    greetings: usize,
    /// What the client was told.
    pub(super) answer: Answer,
    /// What the organization shows of itself afterwards.
    pub(super) state: String,
}

impl Rehearsal {
    /// Plays a story.
    pub(super) async fn of(scene: &Scene, story: Story) -> Self {
        let smtp = SmtpServer::start().await;
        let mut installation = scene.copied(&smtp).await;
        let running = Running::start(&mut installation, scene.form, Sweep::Rarely, None).await;
        let answer = running.ask(scene, story).await.unwrap();
        story.was_done_now(&answer);
        for _ in story.told() {
            smtp.next_mail().await;
        }
        let lives = running.stop().await;
        let greetings = smtp.commands().iter().filter(|command| *command == "EHLO").count();

        let running = Running::start(&mut installation, scene.form, Sweep::Often, None).await;
        let state = state::of(&running.api, &scene.owner, &scene.organization).await;
        equation_holds(story, &scene.state, &state);
        everything_is_sent(scene, &running, &installation).await;
        running.stop().await;
        everybody_has_mail(story, &smtp, Copies::One);
        installation.discard().await;
        Self { lives, greetings, answer, state }
    }

    /// All steps from the request to the last email.
    pub(super) fn steps(&self) -> Vec<Step> {
        let lives = self.lives.iter();
        let mut steps: Vec<_> =
            lives.flat_map(|(part, points, ready)| steps(*part, points, *ready)).collect();
        // On a busy machine the first email may come before the connection is there that the worker makes when it
        // starts, and makes another. Not each time: a step that is not always there is none.
        for _ in 2..self.greetings {
            let last = steps.iter().rposition(|step| step.point == CrashPoint::SmtpCommand);
            steps.remove(last.unwrap());
        }
        steps
    }
}
