//! `roster export`.

use roster_tests::{On, Roster};
use rstest::rstest;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{Script, seed};

const EXPORT: [&str; 4] = ["export", "members", "--organization", "acme"];

#[rstest]
#[tokio::test]
async fn an_export_goes_to_standard_output_or_to_a_file(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let addresses = seed::members(&acme, 250).await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    let script = Script::of(&acme).await;

    let csv = script.run(&EXPORT).await;
    assert_eq!((csv.code, csv.stderr.as_str()), (Some(0), ""));
    assert!(addresses.iter().all(|address| csv.stdout.contains(address)), "{}", csv.stdout);
    script.file("members.csv", "an older one");
    let to_file = script.run(&[&EXPORT[..], &["--to", "members.csv"]].concat()).await;
    assert_eq!((to_file.code, to_file.stdout.as_str()), (Some(0), ""));
    assert_eq!(script.read("members.csv"), csv.stdout);

    let removed = script.run(&[&EXPORT[..], &["--format", "jsonl", "--status", "removed"]].concat()).await;
    let lines: Vec<serde_json::Value> =
        removed.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["id"]), (1, &bob.id.into()));
    assert_eq!(script.files(), ["members.csv"]);
}

#[rstest]
#[tokio::test]
async fn a_refused_export_leaves_no_file(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let script = Script::of(&acme).await;
    for (arguments, problem) in [
        (
            ["export", "members", "--organization", "globex"].to_vec(),
            "There is no such organization, or you have no access to it.",
        ),
        (["export", "activities", "--organization", "acme", "--since", "May"].to_vec(), "is not a time."),
    ] {
        let refused = script.run(&[&arguments[..], &["--to", "export.csv"]].concat()).await;
        assert!(refused.fails().contains(problem), "{refused:#?}");
    }
    assert_eq!(script.files(), [""; 0]);
}

/// The server says that there is more, and hangs up.
#[tokio::test]
async fn an_export_that_breaks_off_is_an_error_and_leaves_no_file() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            assert_ne!(connection.read(&mut [0; 4096]).await.unwrap(), 0);
            connection.write_all(format!("{head}9\r\nid,email\n\r\n").as_bytes()).await.unwrap();
        }
    });
    let script = Script::new(&url, Some("token"));
    let older = script.file("members.csv", "an older one");

    let broken = script.run(&[&EXPORT[..], &["--to", older.to_str().unwrap()]].concat()).await;
    assert!(broken.fails().starts_with("The download broke off and is not complete"), "{broken:#?}");
    assert_eq!(
        (script.files(), script.read("members.csv")),
        (vec!["members.csv".to_owned()], "an older one".to_owned())
    );

    let broken = script.run(&EXPORT).await;
    assert_eq!((broken.code, broken.stdout.as_str()), (Some(2), "id,email\n"));
}
