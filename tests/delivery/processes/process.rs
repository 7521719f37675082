//! A child process: what it says, and how it ends. It is killed when its test ends.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::watch,
    time::timeout,
};

/// Longer than anything takes here, so that what does not happen fails its test instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that runs until it is told to stop.
pub(super) struct Process {
    child: Child,
    output: watch::Receiver<Output>,
}

/// Standard output and standard error, line by line as they come.
#[derive(Default)]
struct Output {
    lines: Vec<String>,
    ended: usize,
}

impl Output {
    fn text(&self) -> String {
        self.lines.join("\n")
    }
}

/// How a process ended.
#[derive(Debug)]
pub(super) struct Finished {
    /// Its exit code; `None` if a signal ended it.
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Finished {
    /// The output of a command that must have succeeded.
    #[track_caller]
    pub(super) fn succeeds(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.stdout.trim_end()
    }

    /// What a command said that must have failed, without a word on standard output.
    #[track_caller]
    pub(super) fn fails(&self) -> &str {
        assert_eq!((self.code, self.stdout.as_str()), (Some(1), ""), "{self:#?}");
        assert!(self.stderr.starts_with("roster: "), "{self:#?}");
        &self.stderr
    }
}

/// Runs a command to its end.
pub(super) async fn run(mut command: Command) -> Finished {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output =
        timeout(PATIENCE, output).await.unwrap_or_else(|_| panic!("{command:?} does not end")).unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Finished { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Process {
    pub(super) fn start(mut command: Command) -> Self {
        let command =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let (sender, output) = watch::channel(Output::default());
        tokio::spawn(read(child.stdout.take().unwrap(), sender.clone()));
        tokio::spawn(read(child.stderr.take().unwrap(), sender));
        Self { child, output }
    }

    /// The first line that contains this, as soon as there is one.
    pub(super) async fn says(&self, part: &str) -> String {
        let mut output = self.output.clone();
        let line = |output: &Output| output.lines.iter().find(|line| line.contains(part)).cloned();
        let said = output.wait_for(|output| line(output).is_some() || output.ended == 2);
        let said = timeout(PATIENCE, said).await.ok().and_then(|output| line(&output.unwrap()));
        said.unwrap_or_else(|| panic!("it does not say {part:?}, but:\n{}", self.said()))
    }

    /// Its id, while it runs.
    pub(super) fn id(&self) -> u32 {
        self.child.id().unwrap_or_else(|| panic!("it has ended by itself:\n{}", self.said()))
    }

    /// Everything so far.
    pub(super) fn said(&self) -> String {
        self.output.borrow().text()
    }

    /// Asks it to stop, as systemd and Kubernetes do; it must end well. Everything that it has said.
    pub(super) async fn stop(mut self) -> String {
        let id = self.id();
        let killed = Command::new("kill").args(["-TERM", &id.to_string()]).status().await.unwrap();
        assert!(killed.success());
        let status = timeout(PATIENCE, self.child.wait()).await;
        let status = status.unwrap_or_else(|_| panic!("it does not stop:\n{}", self.said())).unwrap();
        self.output.wait_for(|output| output.ended == 2).await.unwrap();
        assert_eq!(status.code(), Some(0), "{}", self.said());
        self.said()
    }
}

async fn read(stream: impl AsyncRead + Unpin, output: watch::Sender<Output>) {
    let mut lines = BufReader::new(stream).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        output.send_modify(|output| output.lines.push(line));
    }
    output.send_modify(|output| output.ended += 1);
}
