//! A PostgreSQL of a test's own.

use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::{ATTEMPTS, draw_port};
use crate::{Process, databases::server, run};

/// The machine does not crash, so the disk need not be waited for; but a commit is a commit.
const SETTINGS: [&str; 6] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=on",
];

/// A running PostgreSQL.
pub struct PostgresServer {
    programs: PathBuf,
    port: u16,
    process: Option<Process>,
    folder: TempDir,
}

/// How PostgreSQL is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Transactions are rolled back and connections ended, in good order.
    Fast,
    /// Everything is dropped, as in a crash: what was committed comes back from the log.
    Immediate,
}

impl PostgresServer {
    /// A new one, with an empty database.
    pub async fn start() -> Self {
        let programs = server("ROSTER_TEST_POSTGRES_PROGRAMS").into();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut postgres = Self { programs, port: 0, process: None, folder };
        if is_root() {
            let mut chown = Command::new("chown");
            chown.arg("postgres").arg(postgres.folder.path());
            run(chown.into()).await.succeeds();
        }
        let mut initdb = postgres.program("initdb");
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        run(initdb.into()).await.succeeds();
        for _ in 0..ATTEMPTS {
            postgres.port = draw_port();
            if postgres.try_start().await {
                return postgres;
            }
        }
        panic!("PostgreSQL does not start");
    }

    /// The address of its database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends it. Nobody can connect until it is started again.
    pub async fn stop(&mut self, how: Stop) {
        let process = self.process.take().expect("it runs");
        process
            .signal(match how {
                Stop::Fast => "INT",
                Stop::Immediate => "QUIT",
            })
            .await;
        process.ends().await;
    }

    /// Starts it after it was ended, at the same port.
    pub async fn start_again(&mut self) {
        assert!(self.process.is_none(), "it runs");
        assert!(self.try_start().await, "PostgreSQL does not start again");
    }

    /// Returns whether it could have the port.
    async fn try_start(&mut self) -> bool {
        let mut postgres = self.program("postgres");
        postgres
            .arg(format!("--port={}", self.port))
            .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        let process = Process::start(postgres.into());
        let is_ready = process.says_before_it_ends("ready to accept connections").await.is_some();
        self.process = Some(process);
        is_ready
    }

    /// One of PostgreSQL's programs, which refuse to be run by root.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut setpriv = Command::new("setpriv");
            setpriv.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(program);
            setpriv
        } else {
            Command::new(program)
        };
        // The folder of the tests may not be for everybody.
        command.current_dir(self.folder.path()).arg("-D").arg(self.folder.path().join("data"));
        command
    }
}

fn is_root() -> bool {
    Path::new("/proc/self").metadata().is_ok_and(|process| process.uid() == 0)
}

/// At once, but in the way that leaves nothing behind, and before its files go.
impl Drop for PostgresServer {
    fn drop(&mut self) {
        // It fails if there is none to stop.
        let _ = self.program("pg_ctl").args(["stop", "--silent", "--mode=immediate"]).output();
    }
}
