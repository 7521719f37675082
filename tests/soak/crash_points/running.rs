//! Roster in processes: those of production, or the one of the embedded default. They say at which points they are, and
//! one may be told to die.

use roster_entity::CrashPoint;
use roster_tests::{Answer, Api, Installation, Process};
use serde_json::json;

use super::{
    scene::Scene,
    story::Story,
    trace::{Part, Step, failpoints, line, points},
};

/// In which form Roster runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// PostgreSQL, Redis, an API process and a worker process.
    Production,
    /// One process on SQLite.
    Embedded,
}

/// Whether the worker looks through the database for what the queue has lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sweep {
    /// When it starts, and then not before everything is over that the request sets off. Unless the API, on a busy
    /// machine, gave up telling the queue: then this is how the emails are found.
    Rarely,
    /// Each second.
    Often,
}

/// What a worker that starts tells the mail server: EHLO twice, MAIL FROM and RSET.
const CHECK: usize = 4;

/// A Roster that runs.
pub(super) struct Running {
    pub(super) api: Api,
    processes: Vec<(Part, Process)>,
    /// How many points each process had come to when it was ready.
    ready: Vec<usize>,
}

impl Running {
    /// Starts all processes, and waits until nothing of the start is left to be done.
    pub(super) async fn start(
        installation: &mut Installation,
        form: Form,
        sweep: Sweep,
        death: Option<Step>,
    ) -> Self {
        let seconds = if sweep == Sweep::Rarely { "20" } else { "1" };
        installation.set("ROSTER_WORKER__SWEEP_INTERVAL_SECONDS", seconds);
        let of = |part| failpoints(death.filter(|step| step.part == part));
        let (api, processes) = match form {
            Form::Production => {
                installation.set("FAILPOINTS", of(Part::Api));
                let (serve, api) = installation.serve().await;
                installation.set("FAILPOINTS", of(Part::Worker));
                let worker = installation.start(&["worker"]);
                (api, vec![(Part::Api, serve), (Part::Worker, worker)])
            }
            Form::Embedded => {
                installation.set("FAILPOINTS", of(Part::Both));
                let process = installation.start(&[]);
                process.says("Ctrl-C stops it").await;
                let line = process.says("/graphql").await;
                let url =
                    line.split_whitespace().last().unwrap().strip_suffix("/graphql").unwrap().to_owned();
                (Api::new(&url), vec![(Part::Both, process)])
            }
        };
        let worker = &processes.last().unwrap().1;
        // It has looked through the database, and whether the mail server is there.
        worker.says(&line(CrashPoint::Swept)).await;
        worker.says_often(&line(CrashPoint::SmtpCommand), CHECK).await;
        let ready = processes.iter().map(|(_, process)| points(&process.said()).len()).collect();
        Self { api, processes, ready }
    }

    /// Sends the request of a story as the owner; `None` if nobody has lived long enough to answer it.
    pub(super) async fn ask(&self, scene: &Scene, story: Story) -> Option<Answer> {
        let (document, input) = story.request(scene);
        self.api.try_graphql(&scene.owner, &document, json!({ "input": input })).await
    }

    /// Waits until this email is sent, and its row says so.
    pub(super) async fn has_sent(&self, notification: &str) {
        self.processes.last().unwrap().1.says(&format!("email sent id={notification}")).await;
    }

    /// Stops all processes: for each what it is, all points that it came to, and how many of them before it was ready.
    pub(super) async fn stop(self) -> Vec<(Part, Vec<CrashPoint>, usize)> {
        let mut lives = Vec::new();
        for ((part, process), ready) in self.processes.into_iter().zip(self.ready) {
            lives.push((part, points(&process.stop().await), ready));
        }
        lives
    }

    /// Waits until the one process has died that was told to, and stops the other: the points that it came to after it
    /// was ready, without the last.
    pub(super) async fn dies(self, who: Part) -> Vec<CrashPoint> {
        let mut passed = Vec::new();
        for ((part, process), ready) in self.processes.into_iter().zip(self.ready) {
            if part == who {
                passed = points(&process.dies().await).split_off(ready);
            } else {
                process.stop().await;
            }
        }
        passed
    }
}
