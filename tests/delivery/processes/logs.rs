//! Whoever reads the log may go away: Roster goes on, and stops when it is told to.

use std::{process::Stdio, time::Duration};

use roster_tests::{Installation, smtp_server::SmtpServer};
use rstest::rstest;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    time::timeout,
};

/// Longer than it takes.
const PATIENCE: Duration = Duration::from_secs(60);

#[rstest]
#[case("serve", "serving")]
#[case("worker", "working")]
#[tokio::test]
async fn a_process_whose_log_nobody_reads_any_more_stops_when_it_is_told_to(
    #[case] command: &str,
    #[case] begun: &str,
) {
    let smtp = SmtpServer::start().await;
    let roster = Installation::migrated(&smtp).await;
    let mut process = roster.command(&[command]);
    process.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut process = process.spawn().unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
    while !log.next_line().await.unwrap().expect("it goes on").contains(begun) {}
    drop(log);

    let id = process.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    let status = timeout(PATIENCE, process.wait()).await.expect("it does not stop").unwrap();
    assert_eq!(status.code(), Some(0));
}
