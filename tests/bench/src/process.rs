//! Processes that are started for a run, and killed when it ends, however it ends.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};

/// How long a process may take until it has said what it is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that runs until it is stopped or dropped.
pub(crate) struct Process {
    child: Child,
    name: String,
    /// Where everything goes that it says: reading it from a pipe would cost the machine more.
    log: PathBuf,
}

impl Process {
    /// Starts a command, and keeps what it says in a file of `folder`.
    pub(crate) fn start(mut command: Command, name: &str, folder: &Path) -> Result<Self> {
        let log = tempfile::Builder::new().prefix(name).suffix(".log").tempfile_in(folder)?.keep()?.1;
        let output = File::create(&log)?;
        let command = command.stdout(output.try_clone()?).stderr(output).kill_on_drop(true);
        let child = command.stdin(Stdio::piped()).spawn();
        let child = child.with_context(|| format!("{name} cannot be started: {:?}", command.as_std()))?;
        Ok(Self { child, name: name.to_owned(), log })
    }

    /// Its id, while it runs.
    pub(crate) fn id(&self) -> Result<u32> {
        self.child.id().with_context(|| format!("{} has ended by itself:\n{}", self.name, self.said()))
    }

    /// The rest of the first line with `part` in it, as soon as there is one.
    pub(crate) async fn says(&mut self, part: &str) -> Result<String> {
        let end = Instant::now() + PATIENCE;
        loop {
            let ended = self.child.try_wait()?;
            let said = self.said();
            let found = said.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            if let Some((_, rest)) = found.filter_map(|line| line.trim_end().split_once(part)).next() {
                return Ok(rest.to_owned());
            }
            if let Some(status) = ended {
                bail!("{} has ended ({status}):\n{said}", self.name);
            }
            if Instant::now() > end {
                bail!("{} does not say {part:?}, but:\n{said}", self.name);
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Everything so far.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Kills it, and waits until it is gone.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.child.kill().await.with_context(|| format!("{} cannot be killed", self.name))
    }
}

/// Runs a command to its end, and returns what it has said on standard output.
pub(crate) async fn run(mut command: Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = output.with_context(|| format!("cannot be started: {:?}", command.as_std()))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("{:?} has failed ({}):\n{errors}{said}", command.as_std(), output.status);
    }
    Ok(said)
}
