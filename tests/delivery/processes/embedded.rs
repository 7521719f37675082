//! The embedded default: `roster` in an empty folder, and what a newcomer does next.

use std::os::unix::fs::PermissionsExt;

use roster_tests::{Api, Installation, Over, Process, Watcher, run, smtp_server::ReceivedMail};
use serde_json::{Value, json};
use tokio::process::Command;

/// A running `roster`, and what its start-up text says.
struct Started {
    process: Process,
    api: Api,
    text: String,
    /// The token of Olivia, an owner.
    olivia: String,
}

async fn start(roster: &Installation) -> Started {
    let process = roster.start(&[]);
    process.says("Ctrl-C stops it").await;
    let text = process.said();
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let after = |start: &str| {
        let line = lines.iter().position(|line| line.starts_with(start));
        lines[line.unwrap_or_else(|| panic!("no {start:?} in:\n{text}")) + 1].to_owned()
    };
    let olivia = after("Olivia Owner, an owner:");
    assert!(after("Max Member, a plain member:").starts_with("ey"), "{text}");
    let api = lines.iter().find(|line| line.starts_with("API")).unwrap();
    let api = Api::new(api.trim_start_matches("API").trim().strip_suffix("/graphql").unwrap());
    for page in ["graphiql", "mail"] {
        assert!(text.contains(&format!("{}/{page}", api.url)), "{text}");
    }
    Started { process, api, text, olivia }
}

impl Started {
    /// The newest email of a kind to an address: its id, once it is sent.
    async fn email(&self, kind: &str, address: &str) -> String {
        let query =
            "{ organization(slug: \"acme\") { notifications(first: 100) { nodes { id kind recipient } } } }";
        let answer = self.api.graphql(&self.olivia, query, json!({})).await;
        let nodes = answer.at("/organization/notifications/nodes").as_array().unwrap();
        let wanted = |node: &&Value| node["kind"] == kind && node["recipient"] == address;
        let node = nodes.iter().find(wanted).unwrap_or_else(|| panic!("no {kind} to {address}: {nodes:#?}"));
        let id = node["id"].as_str().unwrap().to_owned();
        let line = self.process.says(&format!("id={id}")).await;
        assert!(line.contains("email sent"), "{line}");
        id
    }

    /// An email as the page of the mailbox has it.
    async fn mail(&self, id: &str) -> ReceivedMail {
        let raw = self.api.page(&format!("/mail/{id}.eml/raw")).await.into_bytes();
        ReceivedMail { from: String::new(), to: Vec::new(), raw }
    }

    /// The people of Acme: `Name: STATUS`.
    async fn people(&self) -> Vec<String> {
        let query = "{ organization(slug: \"acme\") { members(first: 100, filter: {status: [INVITED, ACTIVE, REMOVED]}) {
            nodes { status user { displayName } } } } }";
        let answer = self.api.graphql(&self.olivia, query, json!({})).await;
        let nodes = answer.at("/organization/members/nodes").as_array().unwrap().clone();
        let line = |node: &Value| {
            format!("{}: {}", node["user"]["displayName"].as_str().unwrap(), node["status"].as_str().unwrap())
        };
        nodes.iter().map(line).collect()
    }
}

/// Sends what the `curl` in a text would send. The shell takes the command apart, as it would for the newcomer.
async fn run_curl(text: &str, api: &Api) -> Value {
    let command = &text[text.find("curl ").unwrap_or_else(|| panic!("no curl in:\n{text}"))..];
    let command = command.split("\n\n").next().unwrap();
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("curl() {{ printf '%s\\n' \"$@\"; }}\n{command}"));
    let arguments = run(shell).await;
    let mut arguments = arguments.succeeds().lines();
    let mut request = api.http.post(arguments.next().unwrap());
    while let Some(option) = arguments.next() {
        let value = arguments.next().unwrap();
        request = match option {
            "-H" => {
                let (name, value) = value.split_once(": ").unwrap();
                request.header(name, value)
            }
            "-d" => request.body(value.to_owned()),
            _ => panic!("{option} {value}"),
        };
    }
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_newcomer_removes_zoe_with_the_printed_curl_and_reads_the_email() {
    let roster = Installation::embedded();
    let started = start(&roster).await;
    let answer = run_curl(&started.text, &started.api).await;
    let removed = json!({ "message": "Zoë Müller was removed from Acme.", "errors": [] });
    assert_eq!(answer, json!({ "data": { "removeMember": removed } }));

    let id = started.email("REMOVED", "zoe@acme.example").await;
    let list = started.api.page("/mail").await;
    assert!(
        list.contains("You have been removed from Acme") && list.contains(&format!("{id}.eml")),
        "{list}"
    );
    let page = started.api.page(&format!("/mail/{id}.eml")).await;
    assert!(page.contains("Zoë Müller") && page.contains("Design") && page.contains("Engineering"), "{page}");
    let mail = started.mail(&id).await;
    assert!(
        mail.text().contains("- Design\n- Engineering") || mail.text().contains("- Design\r\n- Engineering")
    );
    assert!(started.people().await.contains(&"Zoë Müller: REMOVED".to_owned()));
    started.process.stop().await;
}

#[tokio::test]
async fn the_link_in_an_invitation_leads_to_a_page_and_to_a_member() {
    let roster = Installation::embedded();
    let started = start(&roster).await;
    let api = &started.api;
    let link = started.mail(&started.email("INVITATION", "ida@acme.example").await).await.first_link();
    let (page, secret) = link.split_once("#token=").unwrap();
    assert_eq!(page, format!("{}/invitation", api.url));
    assert!(api.page("/invitation").await.contains("Accept"));
    assert!(api.page("/graphiql").await.contains(&started.olivia), "the playground acts as Olivia");

    let sign_in = api.http.post(format!("{}/dev/sign-in", api.url));
    let answer = sign_in.json(&json!({ "invitationToken": secret })).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["email"], "ida@acme.example");
    let ida = answer["token"].as_str().unwrap();
    let accepted = api.mutate(ida, "acceptInvitation", json!({ "token": secret }), "message").await;
    assert_eq!(accepted["message"], "Welcome! You are now a member of Acme.");
    assert!(started.people().await.contains(&"ida@acme.example: ACTIVE".to_owned()));
    started.process.stop().await;
}

#[tokio::test]
async fn nobody_signs_in_with_a_link_that_nobody_was_sent() {
    let roster = Installation::embedded();
    let started = start(&roster).await;
    let sign_in = started.api.http.post(format!("{}/dev/sign-in", started.api.url));
    let answer = sign_in.json(&json!({ "invitationToken": "guessed" })).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let answer: Value = answer.json().await.unwrap();
    assert!(
        answer["message"].as_str().unwrap().starts_with("This is not a valid invitation link."),
        "{answer}"
    );
}

#[tokio::test]
async fn a_second_start_finds_everything_as_it_was() {
    let roster = Installation::embedded();
    let first = start(&roster).await;
    run_curl(&first.text, &first.api).await;
    let (before, old_token) = (first.people().await, first.olivia.clone());
    assert_eq!(before.len(), 8, "{before:?}");
    first.email("REMOVED", "zoe@acme.example").await;
    first.email("INVITATION", "ida@acme.example").await;
    first.process.stop().await;

    let files = roster.files();
    assert!(files.iter().all(|file| file.starts_with("data/")), "{files:?}");
    for file in ["data/roster.db", "data/secrets.json"] {
        assert!(files.contains(&file.to_owned()), "{file}: {files:?}");
    }
    assert_eq!(files.iter().filter(|file| file.starts_with("data/mail/")).count(), 2, "{files:?}");
    let secrets = std::fs::metadata(roster.folder().join("data/secrets.json")).unwrap();
    assert_eq!(secrets.permissions().mode() & 0o777, 0o600, "the secrets are for nobody else");

    let second = Started { olivia: old_token, ..start(&roster).await };
    assert_eq!(second.people().await, before);
    assert!(!second.text.contains("curl"), "Zoë cannot be removed again:\n{}", second.text);
    let organizations = "{ viewer { organizations { nodes { slug } } } }";
    let seen = second.api.graphql(&second.olivia, organizations, json!({})).await;
    assert_eq!(seen.at("/viewer"), &json!({ "organizations": { "nodes": [{ "slug": "acme" }] } }));
    let minted = roster.token("max@acme.example", "Max Member").await;
    assert_eq!(second.api.graphql(&minted, organizations, json!({})).await.at("/viewer"), seen.at("/viewer"));
    second.process.stop().await;
    assert_eq!(roster.files(), files);
}

#[tokio::test]
async fn who_watches_is_told_and_does_not_keep_it_from_stopping() {
    let roster = Installation::embedded();
    let Started { process, api, olivia, .. } = start(&roster).await;
    let acme = api
        .graphql(&olivia, "{ organization(slug: \"acme\") { id } }", json!({}))
        .await
        .text("/organization/id");
    let mut watchers = Vec::new();
    for over in [Over::Socket, Over::EventStream] {
        let fields = "notification { recipient }";
        watchers.push(Watcher::start(over, &api.url, Some(&olivia), &acme, fields).await);
    }
    api.invite(&olivia, &acme, &["dana@example.com"], &[]).await;
    for watcher in &mut watchers {
        // The emails of the example are on their way, too.
        while watcher.event().await["kind"] != "MEMBER_INVITED" {}
        while watcher.is_told("NOTIFICATION_DELIVERED").await["notification"]["recipient"]
            != "dana@example.com"
        {}
    }
    process.stop().await;
    assert_eq!(watchers[0].socket().is_closed().await.0, 1001);
    watchers[1].breaks_off().await;
}
