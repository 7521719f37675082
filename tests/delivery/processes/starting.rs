//! Starting with something that is wrong or away: what makes no sense ends the process with a sentence that names it;
//! what may come back does not.

use std::net::TcpListener;

use roster_tests::{Installation, NOBODY, smtp_server::SmtpServer};
use rstest::rstest;

#[track_caller]
fn names(said: &str, all: &[&str]) {
    for one in all {
        assert!(said.contains(one), "{one} is not named in:\n{said}");
    }
}

#[rstest]
#[tokio::test]
async fn a_database_without_tables_asks_for_the_migration(#[values("serve", "worker")] command: &str) {
    let smtp = SmtpServer::start().await;
    let roster = Installation::production(&smtp).await;
    names(roster.run(&[command]).await.fails(), &["roster migrate"]);
}

#[tokio::test]
async fn everything_that_is_missing_is_named_at_once() {
    let roster = Installation::bare();
    let both = ["ROSTER_INVITATIONS__LINK_KEY", "ROSTER_INVITATIONS__LINK)", "ROSTER_QUEUE__URL"];
    let serve = roster.run(&["serve"]).await;
    names(serve.fails(), &both);
    names(serve.fails(), &["ROSTER_AUTH__HS256_SECRET", "ROSTER_AUTH__PUBLIC_KEY_FILE"]);
    let worker = roster.run(&["worker"]).await;
    names(worker.fails(), &both);
    assert!(!worker.stderr.contains("ROSTER_AUTH"), "{worker:?}");
    assert_eq!(roster.files(), [""; 0]);
}

#[rstest]
#[case("ROSTER_HTTP__LISTEN", "somewhere", "http.listen")]
#[case("ROSTER_DATABASE__URL", "mysql://localhost/roster", "database.url")]
#[case("ROSTER_DATABASE__CONNECTIONS", "0", "database.connections")]
#[case("ROSTER_AUTH__HS256_SECRET", "short", "auth.hs256_secret")]
#[case("ROSTER_AUTH__PUBLIC_KEY_FILE", "/nowhere.pem", "auth.public_key_file")]
#[case("ROSTER_INVITATIONS__LINK", "https://app.example.com", "invitations.link")]
#[case("ROSTER_QUEUE__URL", "amqp://localhost", "queue.url")]
#[case("ROSTER_QUEUE__CAPACITY", "0", "queue.capacity")]
#[case("ROSTER_LOG__FILTER", "loud=very=much", "log.filter")]
#[case("ROSTER_LOG__FORMAT", "xml", "log.format")]
#[case("ROSTER_HTTP__LISTNE", "127.0.0.1:80", "listne")]
#[tokio::test]
async fn a_wrong_setting_of_the_api_is_named(
    #[case] variable: &'static str,
    #[case] value: &str,
    #[case] name: &str,
) {
    let smtp = SmtpServer::start().await;
    let roster = Installation::migrated(&smtp).await.with(variable, value);
    names(roster.run(&["serve"]).await.fails(), &[name]);
}

#[rstest]
#[case("ROSTER_MAIL__FROM", "nobody", "mail.from")]
#[case("ROSTER_MAIL__TRANSPORT", "pigeon", "mail.transport")]
#[case("ROSTER_MAIL__SMTP__HOST", "", "mail.smtp.host")]
#[case("ROSTER_MAIL__SMTP__SECURITY", "ssl", "mail.smtp.security")]
#[case("ROSTER_MAIL__SMTP__PASSWORD", "hunter2hunter2", "mail.smtp.user")]
#[case("ROSTER_WORKER__ATTEMPTS", "0", "worker.attempts")]
#[case("ROSTER_WORKER__LEASE_SECONDS", "1", "worker.lease_seconds")]
#[tokio::test]
async fn a_wrong_setting_of_the_worker_is_named(
    #[case] variable: &'static str,
    #[case] value: &str,
    #[case] name: &str,
) {
    let smtp = SmtpServer::start().await;
    let roster = Installation::migrated(&smtp).await.with(variable, value);
    let finished = roster.run(&["worker"]).await;
    names(finished.fails(), &[name]);
    assert!(!finished.stderr.contains("hunter2"), "{finished:?}");
}

#[tokio::test]
async fn a_wrong_key_in_the_file_is_named_and_so_is_a_file_that_is_not_there() {
    let roster = Installation::bare().with("ROSTER_CONFIG", "roster.toml");
    std::fs::write(roster.folder().join("roster.toml"), "[http]\nlisten_on = \"127.0.0.1:80\"\n").unwrap();
    names(roster.run(&["serve"]).await.fails(), &["listen_on"]);
    names(roster.run(&["serve", "--config", "nowhere.toml"]).await.fails(), &["nowhere.toml"]);
}

#[rstest]
#[tokio::test]
async fn a_database_that_cannot_be_reached_is_said_without_the_password(
    #[values("migrate", "serve", "worker")] command: &str,
) {
    let smtp = SmtpServer::start().await;
    let url = format!("postgres://roster:hunter2hunter2@{NOBODY}/roster");
    let roster = Installation::production(&smtp).await.with("ROSTER_DATABASE__URL", url);
    let finished = roster.run(&[command]).await;
    names(finished.fails(), &["database.url", "refused"]);
    assert_eq!(finished.stderr.matches("refused").count(), 1, "once is enough: {finished:?}");
    assert!(!finished.stderr.contains("hunter2"), "{finished:?}");
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_named() {
    let smtp = SmtpServer::start().await;
    let roster = Installation::production(&smtp).await;
    let roster =
        roster.with("ROSTER_DATABASE__URL", roster_tests::empty_postgres_database().await + "_of_nobody");
    names(roster.run(&["serve"]).await.fails(), &["database.url", "_of_nobody", "does not exist"]);
}

#[rstest]
#[tokio::test]
async fn a_port_that_another_program_has_is_named(#[values("serve", "")] command: &str) {
    let smtp = SmtpServer::start().await;
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let arguments: Vec<&str> = [command].into_iter().filter(|command| !command.is_empty()).collect();
    let roster = match command {
        "serve" => Installation::migrated(&smtp).await,
        _ => Installation::bare(),
    };
    let roster = roster.with("ROSTER_HTTP__LISTEN", address.as_str());
    names(roster.run(&arguments).await.fails(), &["http.listen", "ROSTER_HTTP__LISTEN", &address]);
    assert_eq!(roster.files(), [""; 0], "it stops before it writes anything");
}

/// Everybody who reaches the embedded default can sign in as anybody.
#[tokio::test]
async fn the_embedded_default_does_not_open_itself_to_the_network() {
    let roster = Installation::bare().with("ROSTER_HTTP__LISTEN", "0.0.0.0:0");
    names(roster.run(&[]).await.fails(), &["http.listen", "roster serve"]);
    assert_eq!(roster.files(), [""; 0]);
}

#[tokio::test]
async fn without_redis_the_api_starts_and_works_and_says_that_the_queue_is_away() {
    let smtp = SmtpServer::start().await;
    let roster = Installation::migrated(&smtp).await.with("ROSTER_QUEUE__URL", format!("redis://{NOBODY}"));
    let (serve, api) = roster.serve().await;
    let olivia = roster.token("olivia@acme.example", "Olivia").await;
    let acme = api.create_acme(&olivia).await;
    api.invite(&olivia, &acme, &["bob@example.com"], &[]).await;
    serve.says("the sweep will find the emails").await;
    serve.stop().await;
}

#[tokio::test]
async fn without_redis_a_worker_starts_and_says_so_and_stops_when_it_is_told() {
    let smtp = SmtpServer::start().await;
    let roster = Installation::migrated(&smtp)
        .await
        .with("ROSTER_QUEUE__URL", format!("redis://:hunter2hunter2@{NOBODY}"))
        .with("ROSTER_LOG__FORMAT", "json");
    let worker = roster.start(&["worker"]);
    worker.says("working").await;
    worker.says("cannot take from the queue").await;
    let said = worker.stop().await;
    assert!(!said.contains("hunter2"), "{said}");
    // Every line is for a machine.
    for line in said.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    }
}

#[tokio::test]
async fn without_a_mail_server_a_worker_starts_and_says_so() {
    let smtp = SmtpServer::start().await;
    let roster = Installation::migrated(&smtp).await.with("ROSTER_MAIL__SMTP__PORT", "1");
    let worker = roster.start(&["worker"]);
    worker.says("working").await;
    let warning = worker.says("emails cannot be sent now").await;
    assert!(warning.contains("No connection to the mail server"), "{warning}");
    worker.stop().await;
}
