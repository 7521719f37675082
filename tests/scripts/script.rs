//! A command of a script: what it is given, and how it ends.

use std::{path::PathBuf, process::Stdio, time::Duration};

use roster_tests::{Organization, Person, binary};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// Longer than anything takes here, so that what does not happen fails its test instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// A script's environment: a token, the address of a Roster, and a folder of its own. The settings of a server are there
/// too, and wrong: the commands do not read them.
pub(crate) struct Script {
    url: String,
    token: Option<String>,
    folder: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Its exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Script {
    /// A script with a new API token of an organization's owner.
    pub(crate) async fn of(organization: &Organization) -> Self {
        let token = organization.api_token_of(&organization.owner).await;
        Self::with_token_of(&token)
    }

    /// A script with the token of somebody.
    pub(crate) fn with_token_of(person: &Person) -> Self {
        Self::new(person.roster.url(), person.token.as_deref())
    }

    pub(crate) fn new(url: &str, token: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { url: url.to_owned(), token: token.map(str::to_owned), folder }
    }

    /// The same script, for which Roster is somewhere else.
    pub(crate) fn at(&self, url: &str) -> Self {
        Self::new(url, self.token.as_deref())
    }

    /// A file in the script's folder.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// What stands in a file of the script's folder.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// The names of the files in the script's folder.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The environment of the script, for a program.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env("ROSTER_URL", &self.url)
            .env("ROSTER_CONFIG", "not-there.toml")
            .env("ROSTER_HTTP__LISTEN", "nowhere")
            .env_remove("ROSTER_TOKEN")
            .envs(self.token.as_ref().map(|token| ("ROSTER_TOKEN", token)))
            .kill_on_drop(true);
        command
    }

    fn roster(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(binary());
        command.args(arguments);
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Finished {
        self.run_with_input(arguments, "").await
    }

    /// The same, with something on standard input.
    pub(crate) async fn run_with_input(&self, arguments: &[&str], input: &str) -> Finished {
        let mut command = self.roster(arguments);
        let mut child = piped(&mut command).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).await.unwrap();
        drop(stdin);
        finished(child).await
    }

    /// Starts a command that will be interrupted.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.roster(arguments);
        piped(&mut command).spawn().unwrap()
    }
}

fn piped(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped())
}

/// Waits until a command ends.
pub(crate) async fn finished(child: Child) -> Finished {
    let output = timeout(PATIENCE, child.wait_with_output()).await.expect("it does not end").unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Finished { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Reads standard error until a line has this in it; the line.
pub(crate) async fn says(child: &mut Child, part: &str) -> String {
    let stderr = child.stderr.as_mut().unwrap();
    let mut lines = BufReader::with_capacity(1, stderr).lines();
    let line = async {
        loop {
            let line = lines.next_line().await.unwrap().unwrap_or_else(|| panic!("it does not say {part:?}"));
            if line.contains(part) {
                return line;
            }
        }
    };
    timeout(PATIENCE, line).await.unwrap_or_else(|_| panic!("it does not say {part:?}"))
}

impl Finished {
    /// Standard output as JSON, of a command that must have ended with this code.
    #[track_caller]
    pub(crate) fn json(&self, code: i32) -> Value {
        assert_eq!(self.code, Some(code), "{self:#?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {self:#?}"))
    }

    /// Each result of a report, as `address: removed` or `address: CODE`, of a command that must have ended with this code.
    #[track_caller]
    pub(crate) fn results(&self, code: i32) -> Vec<String> {
        let report = self.json(code);
        let line = |result: &Value| {
            let name = result["email"].as_str().or(result["member"].as_str()).unwrap();
            let became = match (&result["error"]["code"], &result["changed"]) {
                (Value::String(code), Value::Bool(false)) => code.as_str(),
                (Value::Null, Value::Bool(true)) => "changed",
                (Value::Null, Value::Bool(false)) => "unchanged",
                _ => panic!("{result:#}"),
            };
            format!("{name}: {became}")
        };
        report["results"].as_array().unwrap().iter().map(line).collect()
    }

    /// What a command said that could not run: nothing on standard output, one line on standard error.
    #[track_caller]
    pub(crate) fn fails(&self) -> &str {
        assert_eq!((self.code, self.stdout.as_str()), (Some(2), ""), "{self:#?}");
        self.stderr.strip_prefix("roster: ").unwrap_or_else(|| panic!("{self:#?}")).trim_end()
    }

    /// The idempotency key that a run has drawn.
    #[track_caller]
    pub(crate) fn key(&self) -> &str {
        let rest = self.stderr.split_once("The idempotency key of this run is ");
        rest.and_then(|(_, rest)| rest.split_once(".\n")).unwrap_or_else(|| panic!("{self:#?}")).0
    }
}
