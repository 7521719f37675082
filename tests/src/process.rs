//! A child process: what it says, and how it ends. It is killed when its test ends.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::watch,
    time::timeout,
};

/// Longer than anything takes here, so that what does not happen fails its test instead of hanging.
const PATIENCE: Duration = Duration::from_secs(120);

/// A process that runs until it is told to stop.
pub struct Process {
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
pub struct Finished {
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Finished {
    /// The output of a command that must have succeeded.
    #[track_caller]
    pub fn succeeds(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.stdout.trim_end()
    }

    /// What a command said that must have failed, without a word on standard output.
    #[track_caller]
    pub fn fails(&self) -> &str {
        assert_eq!((self.code, self.stdout.as_str()), (Some(1), ""), "{self:#?}");
        assert!(self.stderr.starts_with("roster: "), "{self:#?}");
        &self.stderr
    }
}

/// Runs a command to its end.
pub async fn run(mut command: Command) -> Finished {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = timeout(PATIENCE, output).await.unwrap_or_else(|_| panic!("{command:?} does not end"));
    let output = output.expect("it can be started");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Finished { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Process {
    /// Starts a command.
    pub fn start(mut command: Command) -> Self {
        let command =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("it can be started");
        let (sender, output) = watch::channel(Output::default());
        tokio::spawn(read(child.stdout.take().expect("a pipe"), sender.clone()));
        tokio::spawn(read(child.stderr.take().expect("a pipe"), sender));
        Self { child, output }
    }

    /// The first line that contains this, as soon as there is one.
    pub async fn says(&self, part: &str) -> String {
        self.says_often(part, 1).await
    }

    /// The same, as soon as there are so many of them: the last of these.
    pub async fn says_often(&self, part: &str, times: usize) -> String {
        let said = self.line(part, times).await;
        said.unwrap_or_else(|| panic!("it does not say {part:?} {times} times, but:\n{}", self.said()))
    }

    /// The first line that contains this; nothing if it ends without a word of it.
    pub async fn says_before_it_ends(&self, part: &str) -> Option<String> {
        self.line(part, 1).await
    }

    async fn line(&self, part: &str, number: usize) -> Option<String> {
        let mut output = self.output.clone();
        let line =
            |output: &Output| output.lines.iter().filter(|line| line.contains(part)).nth(number - 1).cloned();
        let said = output.wait_for(|output| line(output).is_some() || output.ended == 2);
        let said = timeout(PATIENCE, said).await.ok()?;
        line(&said.expect("the sender is in the readers"))
    }

    /// Its id, while it runs.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap_or_else(|| panic!("it has ended by itself:\n{}", self.said()))
    }

    /// Kills it at once, as the kernel does when memory runs out: nothing can be tidied up.
    pub async fn kill(mut self) {
        self.id();
        self.child.kill().await.expect("a child can be killed");
    }

    /// Waits until it has ended by itself. Everything that it has said.
    pub async fn ends(mut self) -> String {
        let ended = timeout(PATIENCE, self.child.wait()).await;
        ended
            .unwrap_or_else(|_| panic!("it does not end:\n{}", self.said()))
            .expect("a child can be waited for");
        self.output.wait_for(|output| output.ended == 2).await.expect("the readers go on to the end");
        self.said()
    }

    /// The most memory that it has had so far, in KiB.
    #[cfg(target_os = "linux")]
    pub fn peak_memory(&self) -> u64 {
        self.status("VmHWM")
    }

    /// The memory that it has now, in KiB.
    #[cfg(target_os = "linux")]
    pub fn memory(&self) -> u64 {
        self.status("VmRSS")
    }

    #[cfg(target_os = "linux")]
    fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).expect("it runs");
        let value = |line: &str| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim().to_owned());
        let value = status.lines().find_map(value).expect("Linux says it");
        value.strip_suffix(" kB").and_then(|kib| kib.parse().ok()).expect("a number")
    }

    /// Waits until it dies, as by a crash: a signal must have ended it. Everything that it has said.
    pub async fn dies(mut self) -> String {
        let status = timeout(PATIENCE, self.child.wait()).await;
        let status = status.unwrap_or_else(|_| panic!("it does not die:\n{}", self.said()));
        let status = status.expect("a child can be waited for");
        self.output.wait_for(|output| output.ended == 2).await.expect("the readers go on to the end");
        assert_eq!(status.code(), None, "it has ended by itself:\n{}", self.said());
        self.said()
    }

    /// Everything so far.
    pub fn said(&self) -> String {
        self.output.borrow().text()
    }

    /// Asks it to stop, as systemd and Kubernetes do; it must end well. Everything that it has said.
    pub async fn stop(self) -> String {
        self.terminate().await;
        self.stopped().await
    }

    /// Asks it to stop, and does not wait.
    pub async fn terminate(&self) {
        self.signal("TERM").await;
    }

    /// Sends it a signal: `TERM`.
    pub async fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let killed = Command::new("kill").args(["-s", name, &id]).status().await.expect("there is kill");
        assert!(killed.success());
    }

    /// Waits until it has stopped; it must end well. Everything that it has said.
    pub async fn stopped(mut self) -> String {
        let status = timeout(PATIENCE, self.child.wait()).await;
        let status = status.unwrap_or_else(|_| panic!("it does not stop:\n{}", self.said()));
        let status = status.expect("a child can be waited for");
        self.output.wait_for(|output| output.ended == 2).await.expect("the readers go on to the end");
        assert_eq!(status.code(), Some(0), "{}", self.said());
        self.said()
    }
}

async fn read(stream: impl AsyncRead + Unpin, output: watch::Sender<Output>) {
    let mut lines = BufReader::new(stream).lines();
    while let Some(line) = lines.next_line().await.expect("text") {
        output.send_modify(|output| output.lines.push(line));
    }
    output.send_modify(|output| output.ended += 1);
}
