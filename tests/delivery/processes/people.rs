//! `roster user`: what an operator types.

use std::process::Stdio;

use roster_tests::{Finished, Installation, smtp_server::SmtpServer};
use serde_json::Value;
use tokio::io::AsyncWriteExt;

/// Runs a command, which is told this on its standard input.
async fn told(roster: &Installation, arguments: &[&str], input: &str) -> (bool, String, String) {
    let mut command = roster.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    // It fails where nothing is asked.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes()).await;
    let output = child.wait_with_output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

async fn with_bob_in_acme(smtp: &SmtpServer) -> Installation {
    let roster = Installation::migrated(smtp).await;
    let (_serve, api) = roster.serve().await;
    let olivia = roster.token("olivia@acme.example", "Olivia").await;
    let acme = api.create_acme(&olivia).await;
    api.invite(&olivia, &acme, &["bob@example.com"], &[]).await;
    roster
}

fn says(finished: &Finished, all: &[&str]) {
    for one in all {
        assert!(finished.stderr.contains(one), "{one} is not said: {finished:?}");
    }
}

#[tokio::test]
async fn an_export_is_a_json_document_on_standard_output_or_in_a_file_of_its_own() {
    let smtp = SmtpServer::start().await;
    let roster = with_bob_in_acme(&smtp).await;
    let printed = roster.run(&["user", "export", "--email", "BOB@example.com"]).await;
    let document: Value = serde_json::from_str(printed.succeeds()).unwrap();
    assert_eq!(document["user"]["email"], "bob@example.com");
    assert_eq!(document["memberships"][0]["organization"]["slug"], "acme");

    let id = document["user"]["id"].as_str().unwrap();
    roster.run(&["user", "export", "--id", id, "--output", "bob.json"]).await.succeeds();
    let file = roster.folder().join("bob.json");
    let written: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(written["user"], document["user"]);
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions()) & 0o777,
        0o600
    );
    // Nothing is written over.
    says(&roster.run(&["user", "export", "--id", id, "--output", "bob.json"]).await, &["bob.json"]);
}

#[tokio::test]
async fn erasing_asks_for_the_address_unless_it_is_told_yes() {
    let smtp = SmtpServer::start().await;
    let roster = with_bob_in_acme(&smtp).await;
    let erase = ["user", "erase", "--email", "bob@example.com"];
    let dry = roster.run(&["user", "erase", "--email", "bob@example.com", "--dry-run"]).await;
    for line in ["members", "invitations", "revoked", "users"] {
        assert!(dry.succeeds().contains(line), "{dry:?}");
    }
    for wrong in ["", "\n", "yes\n", "olivia@acme.example\n"] {
        let (done, _, said) = told(&roster, &erase, wrong).await;
        assert!(!done && said.contains("bob@example.com") && said.contains("Nothing was erased"), "{said}");
    }
    roster.run(&["user", "export", "--email", "bob@example.com"]).await.succeeds();

    let (done, printed, said) = told(&roster, &erase, "Bob@Example.com\n").await;
    assert!(done, "{said}");
    let id = printed.split_whitespace().next().unwrap().to_owned();
    says(&roster.run(&erase).await, &["no person with the address bob@example.com", "--id"]);
    let again = roster.run(&["user", "erase", "--id", &id]).await;
    assert_eq!(again.succeeds(), format!("{id} was erased before."));
    // The log of the process has the id, and nothing else of the person.
    assert!(again.stderr.contains(&id) && !again.stderr.contains("bob@example.com"), "{again:?}");
}

#[tokio::test]
async fn whom_one_means_and_what_is_in_the_way_is_said() {
    let smtp = SmtpServer::start().await;
    let roster = with_bob_in_acme(&smtp).await;
    let last = roster.run(&["user", "erase", "--email", "olivia@acme.example", "--yes"]).await;
    last.fails();
    says(&last, &["last owner of Acme (acme)", "changeMemberRole", "Nothing was erased"]);
    let nobody = roster.run(&["user", "erase", "--id", "user_01h455vb4pex5vsknk084sn02q", "--yes"]).await;
    says(&nobody, &["no person user_01h455vb4pex5vsknk084sn02q"]);
    for wrong in [
        &["user", "erase"][..],
        &["user", "erase", "--id", "member_01h455vb4pex5vsknk084sn02q"],
        &["user", "export", "--email", "bob"],
    ] {
        assert_eq!(roster.run(wrong).await.code, Some(2), "{wrong:?}");
    }
}

#[tokio::test]
async fn the_embedded_default_forgets_its_mail_files() {
    let roster = Installation::embedded();
    let process = roster.start(&[]);
    process.says("Ctrl-C stops it").await;
    // Those of the others were answered before they were sent.
    process.says("email sent").await;
    process.stop().await;
    let mails = |roster: &Installation| {
        let files = roster.files().into_iter().filter(|file| file.ends_with(".eml"));
        files.map(|file| std::fs::read_to_string(roster.folder().join(file)).unwrap()).collect::<String>()
    };
    assert!(mails(&roster).contains("ida@acme.example"));
    roster.run(&["user", "erase", "--email", "ida@acme.example", "--yes"]).await.succeeds();
    assert!(!mails(&roster).contains("ida@acme.example"));
}
