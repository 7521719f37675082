//! The same of the embedded default, which prints the tokens of its made-up people once, to be used, and writes no others.

use std::process::Stdio;

use roster_tests::{Api, Installation};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::Command,
};

use super::Secrets;

const BOB: &str = "bob.secret@example.com";

/// What stands behind a word in a text, up to the next space or quotation mark.
fn after<'a>(text: &'a str, word: &str) -> &'a str {
    let rest = text.split_once(word).unwrap_or_else(|| panic!("no {word} in {text}")).1.trim_start();
    rest.split(|c: char| c.is_whitespace() || "\"'<&".contains(c)).next().unwrap()
}

#[tokio::test]
async fn the_embedded_default_writes_nothing_secret_but_its_welcome() {
    let roster = Installation::embedded().with("ROSTER_LOG__FILTER", "trace");
    let mut command = roster.command(&[]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut process = command.spawn().unwrap();
    let (mut stdout, mut stderr) =
        (BufReader::new(process.stdout.take().unwrap()), process.stderr.take().unwrap());
    let log = tokio::spawn(async move {
        let mut log = String::new();
        stderr.read_to_string(&mut log).await.unwrap();
        log
    });
    let mut welcome = String::new();
    while !welcome.contains("Ctrl-C") {
        assert!(stdout.read_line(&mut welcome).await.unwrap() > 0, "{welcome}");
    }

    let mut secrets = Secrets::default();
    let olivia = after(&welcome, "an owner:").to_owned();
    secrets.add("the token of Olivia", &olivia);
    secrets.add("the token of Max", after(&welcome, "a plain member:"));
    secrets.add("an address", "@acme.example");
    secrets.add("the address of Bob", BOB);
    let kept: Value =
        serde_json::from_slice(&std::fs::read(roster.folder().join("data/secrets.json")).unwrap()).unwrap();
    for key in kept.as_object().unwrap().values() {
        secrets.add("a key", key.as_str().unwrap());
    }

    let api = Api::new(after(&welcome, "API").strip_suffix("/graphql").unwrap());
    let query = "{ organization(slug: \"acme\") { id } }";
    let acme = api.graphql(&olivia, query, json!({})).await.text("/organization/id");
    api.invite(&olivia, &acme, &[BOB], &[]).await;
    let (file, link) = loop {
        // The list brings new mail by itself, too.
        let files = std::fs::read_dir(roster.folder().join("data/mail"));
        let files = files.into_iter().flatten().map(|file| file.unwrap().path());
        let texts = files.map(|file| (file.clone(), std::fs::read_to_string(file).unwrap_or_default()));
        let to_bob = texts
            .into_iter()
            .find(|(file, text)| file.extension().is_some_and(|e| e == "eml") && text.contains(BOB));
        if let Some((file, _)) = to_bob {
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            let page = api.page(&format!("/mail/{name}")).await;
            break (name, after(&page, "#token=").to_owned());
        }
        tokio::task::yield_now().await;
    };
    secrets.add("a link", &link);
    for path in ["/graphiql", "/mail", &format!("/mail/{file}/raw"), "/invitation"] {
        api.page(path).await;
    }
    let sign_in = |token: String| {
        let request =
            api.http.post(format!("{}/dev/sign-in", api.url)).json(&json!({ "invitationToken": token }));
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    let wrong = sign_in(format!("{link}A")).await;
    assert!(wrong["message"].is_string());
    let bob = sign_in(link.clone()).await["token"].as_str().unwrap().to_owned();
    secrets.add("the token of Bob", &bob);
    api.mutate(&bob, "acceptInvitation", json!({ "token": link }), "message").await;

    let id = process.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    assert_eq!(process.wait().await.unwrap().code(), Some(0));
    let log = log.await.unwrap();
    assert!(log.contains("email sent") && log.contains("DEBUG"), "{log}");
    secrets.are_not_in("the log of roster", &log);
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).await.unwrap();
    secrets.are_not_in("what roster prints after its welcome", &rest);
}
