//! Production: PostgreSQL, Redis and a mail server behind separate API and worker processes.

use std::collections::BTreeSet;

use roster_tests::{Installation, smtp_server::SmtpServer};
use serde_json::json;

/// From an empty database to the email after a removal.
#[tokio::test]
async fn a_new_installation_invites_somebody_and_removes_them_again() {
    let smtp = SmtpServer::start().await;
    let roster = Installation::production(&smtp).await.with("ROSTER_LOG__FILTER", "debug");
    assert_eq!(roster.run(&["migrate"]).await.succeeds(), "The database was migrated (4 migrations).");
    let (serve, api) = roster.serve().await;
    let worker = roster.start(&["worker"]);
    worker.says("working").await;

    let olivia = roster.token("olivia@acme.example", "Olivia Owner").await;
    let acme = api.create_acme(&olivia).await;
    let mut groups = Vec::new();
    for name in ["Design", "On-call"] {
        let input = json!({ "organizationId": acme, "name": name });
        let group = api.mutate(&olivia, "createGroup", input, "group { id }").await;
        groups.push(group["group"]["id"].as_str().unwrap().to_owned());
    }
    let invited = api.invite(&olivia, &acme, &["bob@example.com"], &[&groups[0], &groups[1]]).await;

    let invitation = smtp.next_mail().await;
    assert_eq!(invitation.to, ["bob@example.com"]);
    assert_eq!(invitation.from, "accounts@acme.example");
    assert_eq!(invitation.subject(), "Olivia Owner invited you to join Acme");
    let link = invitation.first_link();
    let secret = link.strip_prefix("https://app.example.com/invitation#token=").unwrap();
    let bob = roster.token("bob@example.com", "Bob").await;
    let accepted = api.mutate(&bob, "acceptInvitation", json!({ "token": secret }), "message").await;
    assert_eq!(accepted["message"], "Welcome! You are now a member of Acme.");

    let member = json!({ "memberId": invited["results"][0]["member"]["id"] });
    let removed = api.mutate(&olivia, "removeMember", member, "message").await;
    assert_eq!(removed["message"], "Bob was removed from Acme.");
    let mail = smtp.next_mail().await;
    assert_eq!(mail.to, ["bob@example.com"]);
    assert_eq!(mail.subject(), "You have been removed from Acme");
    for part in [mail.text(), mail.html()] {
        assert!(part.contains("Acme") && part.contains("Design") && part.contains("On-call"), "{part}");
    }

    for process in [serve, worker] {
        let said = process.stop().await;
        assert!(said.contains("stopping"), "{said}");
        // Also where everything is logged.
        for secret in [secret, &olivia, &bob, "bob@example.com", "that the identity provider has"] {
            assert!(!said.contains(secret), "{secret} stands in the log:\n{said}");
        }
    }
    assert_eq!(roster.files(), [""; 0]);
}

#[tokio::test]
async fn two_workers_share_the_emails() {
    let smtp = SmtpServer::start().await;
    let roster = Installation::migrated(&smtp).await;
    let (_serve, api) = roster.serve().await;
    let workers = [roster.start(&["worker"]), roster.start(&["worker"])];
    let olivia = roster.token("olivia@acme.example", "Olivia").await;
    let acme = api.create_acme(&olivia).await;
    let addresses: Vec<_> = (0..40).map(|n| format!("p{n}@example.com")).collect();
    let addresses: Vec<_> = addresses.iter().map(String::as_str).collect();
    api.invite(&olivia, &acme, &addresses, &[]).await;

    let mut arrived = BTreeSet::new();
    for _ in &addresses {
        arrived.insert(smtp.next_mail().await.to[0].clone());
    }
    assert_eq!(arrived, addresses.into_iter().map(str::to_owned).collect());
    for worker in workers {
        worker.stop().await;
    }
    assert_eq!(smtp.mails().len(), 40, "each got one");
}

/// What was written while no worker ran is sent by the first one that starts.
#[tokio::test]
async fn a_worker_sends_what_was_waiting_for_it() {
    let smtp = SmtpServer::start().await;
    let roster = Installation::migrated(&smtp).await;
    let (serve, api) = roster.serve().await;
    let olivia = roster.token("olivia@acme.example", "Olivia").await;
    let acme = api.create_acme(&olivia).await;
    api.invite(&olivia, &acme, &["bob@example.com"], &[]).await;
    serve.stop().await;
    let worker = roster.start(&["worker"]);
    assert_eq!(smtp.next_mail().await.to, ["bob@example.com"]);
    worker.stop().await;
}

#[tokio::test]
async fn two_processes_can_migrate_at_the_same_moment() {
    let smtp = SmtpServer::start().await;
    let roster = Installation::production(&smtp).await;
    let (one, other) = tokio::join!(roster.run(&["migrate"]), roster.run(&["migrate"]));
    let mut said = [one.succeeds(), other.succeeds()];
    said.sort();
    assert_eq!(said, ["The database is up to date.", "The database was migrated (4 migrations)."]);
    let (serve, _) = roster.serve().await;
    serve.stop().await;
}
