//! At the most talkative level nothing of a token, an address or a password is written: not by the processes, not into Redis, and
//! not in answers to others. Every flow is gone through, also where it fails.

mod embedded;
mod flow;

use roster_tests::{
    Installation, NOBODY, RedisMonitor, RedisServer, redis_keys, redis_list,
    smtp_server::{Security, SmtpServer},
};
use rstest::rstest;

use flow::Flow;

/// What must not be written anywhere, and under which name a test complains.
#[derive(Default)]
pub(super) struct Secrets(Vec<(String, String)>);

impl Secrets {
    pub(super) fn add(&mut self, name: &str, secret: &str) {
        assert!(secret.len() >= 8, "{secret} would be found everywhere");
        self.0.push((name.to_owned(), secret.to_lowercase()));
        // In an address of a page, and in a message that is quoted.
        if secret.contains('@') {
            self.0.push((format!("{name}, encoded"), secret.replace('@', "%40").to_lowercase()));
        }
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Looks for all of them in all of a text.
    #[track_caller]
    pub(super) fn are_not_in(&self, what: &str, text: &str) {
        for line in text.lines() {
            let folded = line.to_lowercase();
            for (name, secret) in &self.0 {
                assert!(!folded.contains(secret), "{name} stands in {what}:\n{line}");
            }
        }
    }
}

const REDIS_PASSWORD: &str = "the-password-of-redis";
const SMTP_PASSWORD: &str = "the-password-of-the-mail-server";
const POSTGRES_PASSWORD: &str = "the-password-of-postgres";
const KEYS: [(&str, &str, &str); 3] = [
    ("the key of tokens", "ROSTER_AUTH__HS256_SECRET", "the-secret-with-which-tokens-are-signed"),
    ("the key of links", "ROSTER_INVITATIONS__LINK_KEY", "the-key-of-links-that-is-in-use"),
    ("an old key", "ROSTER_INVITATIONS__PREVIOUS_LINK_KEYS", "the-key-of-links-that-was-in-use"),
];

/// Production, where every server asks for a password.
async fn installation(smtp: &SmtpServer, redis: &RedisServer, secrets: &mut Secrets) -> Installation {
    let mut roster = Installation::migrated(smtp).await;
    let database = roster.setting("ROSTER_DATABASE__URL").unwrap().to_owned();
    let (before, server) = database.rsplit_once('@').unwrap();
    let user = before.rsplit_once("://").unwrap().1.split(':').next().unwrap().to_owned();
    let database = format!("postgres://{user}:{POSTGRES_PASSWORD}@{server}?passwort={POSTGRES_PASSWORD}");
    let ca = roster.folder().join("ca.pem");
    std::fs::write(&ca, smtp.ca_pem()).unwrap();
    for (variable, value) in [
        ("ROSTER_DATABASE__URL", database.as_str()),
        ("ROSTER_QUEUE__URL", &redis.url()),
        ("ROSTER_MAIL__SMTP__SECURITY", "starttls"),
        ("ROSTER_MAIL__SMTP__CA_FILE", ca.to_str().unwrap()),
        ("ROSTER_MAIL__SMTP__USER", "roster-logs-in"),
        ("ROSTER_MAIL__SMTP__PASSWORD", SMTP_PASSWORD),
        ("ROSTER_LOG__FILTER", "trace"),
    ] {
        roster.set(variable, value);
    }
    for (name, variable, value) in KEYS {
        let value = format!("{value}{}", "!".repeat(32 - value.len().min(32)));
        secrets.add(name, &value);
        roster.set(variable, value);
    }
    secrets.add("the password of Redis", REDIS_PASSWORD);
    secrets.add("the password of the mail server", SMTP_PASSWORD);
    secrets.add("the password of PostgreSQL", POSTGRES_PASSWORD);
    roster
}

#[rstest]
#[tokio::test]
async fn in_production_nothing_secret_is_written(#[values("text", "json")] format: &str) {
    let smtp =
        SmtpServer::builder().tls(Security::StartTls).login("roster-logs-in", SMTP_PASSWORD).start().await;
    let redis = RedisServer::with_password(REDIS_PASSWORD).await;
    let monitor = RedisMonitor::of(&redis.url()).await;
    let mut secrets = Secrets::default();
    let roster = installation(&smtp, &redis, &mut secrets).await.with("ROSTER_LOG__FORMAT", format);
    let (serve, api) = roster.serve().await;
    let worker = roster.start(&["worker"]);

    let flow = Flow { roster: &roster, api: &api, smtp: &smtp, worker: &worker };
    let answers = flow.run(&mut secrets).await;

    secrets.are_not_in("answers to others", &answers);
    let list = redis_list(&redis.url(), roster.setting("ROSTER_QUEUE__KEY").unwrap()).await;
    secrets.are_not_in("Redis", &(redis_keys(&redis.url()).await + &list));
    let told = monitor.everything().await;
    assert!(told.contains("notification_"), "{told}");
    secrets.are_not_in("what Redis was told", &told);
    for (name, process) in [("serve", serve), ("worker", worker)] {
        let said = process.stop().await;
        // It has been as talkative as it may, and so have the libraries.
        let (own, libraries) = (said.contains("roster_"), said.contains("DEBUG"));
        assert!(own && libraries && said.lines().count() > 20, "{said}");
        secrets.are_not_in(&format!("the log of roster {name}"), &said);
    }
    assert!(secrets.count() > 30);
}

/// What is said of a server that cannot be used, with the setting that names it.
#[rstest]
#[case("serve", "ROSTER_DATABASE__URL", format!("postgres://roster:hunter2hunter2@{NOBODY}/roster"))]
#[case("serve", "ROSTER_DATABASE__URL", "postgres://roster:hunter2hunter2@localhost:notaport/roster".to_owned())]
#[case("serve", "ROSTER_DATABASE__URL", "postgres://roster:hunter2 hunter2@/:@roster".to_owned())]
#[case("serve", "ROSTER_DATABASE__URL", format!("postgres://roster@{NOBODY}/roster?passwd=hunter2hunter2"))]
#[case("serve", "ROSTER_DATABASE__URL", "mysql://roster:hunter2hunter2@localhost/roster".to_owned())]
#[case("serve", "ROSTER_QUEUE__URL", "redis://:hunter2hunter2@localhost/not-a-number".to_owned())]
#[case("serve", "ROSTER_QUEUE__URL", "rediss:/:hunter2hunter2".to_owned())]
#[case("serve", "ROSTER_AUTH__HS256_SECRET", "hunter2hunter2".to_owned())]
#[case("serve", "ROSTER_INVITATIONS__LINK_KEY", "hunter2hunter2".to_owned())]
#[case("serve", "ROSTER_INVITATIONS__PREVIOUS_LINK_KEYS", "hunter2hunter2".to_owned())]
#[case("worker", "ROSTER_MAIL__SMTP__PASSWORD", "hunter2hunter2".to_owned())]
#[tokio::test]
async fn a_wrong_setting_is_named_without_its_secret(
    #[case] command: &str,
    #[case] variable: &'static str,
    #[case] value: String,
) {
    let smtp = SmtpServer::start().await;
    let roster =
        Installation::migrated(&smtp).await.with("ROSTER_LOG__FILTER", "trace").with(variable, value);
    let finished = roster.run(&[command]).await;
    let said = finished.fails();
    assert!(said.len() > 40, "{said}");
    for secret in ["hunter2", "secret-"] {
        assert!(!finished.stderr.contains(secret) && !finished.stdout.contains(secret), "{finished:?}");
    }
}
