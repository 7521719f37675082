//! The key of invitation links is changed while invitations are open.

use roster_tests::{Api, Installation, Process, smtp_server::SmtpServer};
use serde_json::{Value, json};

const FIRST: &str = "the first key: somebody has seen it";
const SECOND: &str = "the second key, which nobody has seen";
const LINK_KEY: &str = "ROSTER_INVITATIONS__LINK_KEY";
const PREVIOUS: &str = "ROSTER_INVITATIONS__PREVIOUS_LINK_KEYS";

struct Running {
    serve: Process,
    worker: Process,
    api: Api,
}

async fn start(roster: &Installation) -> Running {
    let (serve, api) = roster.serve().await;
    Running { serve, worker: roster.start(&["worker"]), api }
}

impl Running {
    async fn invite(&self, smtp: &SmtpServer, token: &str, acme: &str, address: &str) -> String {
        self.api.invite(token, acme, &[address], &[]).await;
        let mail = smtp.next_mail().await;
        assert_eq!(mail.to, [address]);
        mail.first_link().split_once("#token=").unwrap().1.to_owned()
    }

    /// Where an invitation stands whose link is opened; or the code of the error.
    async fn open(&self, link: &str) -> Value {
        let query = "query ($token: String!) { invitation(token: $token) { status } }";
        let body = json!({ "query": query, "variables": { "token": link } });
        let request = self.api.http.post(format!("{}/graphql", self.api.url)).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        match &answer["data"]["invitation"]["status"] {
            Value::Null => answer["errors"][0]["extensions"]["code"].clone(),
            status => status.clone(),
        }
    }

    async fn stop(self) {
        self.serve.stop().await;
        self.worker.stop().await;
    }
}

#[tokio::test]
async fn links_of_the_old_key_open_until_it_is_dropped() {
    let smtp = SmtpServer::start().await;
    let mut roster = Installation::migrated(&smtp).await.with(LINK_KEY, FIRST);
    let olivia = roster.token("olivia@acme.example", "Olivia").await;
    let running = start(&roster).await;
    let acme = running.api.create_acme(&olivia).await;
    let old = running.invite(&smtp, &olivia, &acme, "bob@example.com").await;
    running.stop().await;

    roster.set(LINK_KEY, SECOND);
    roster.set(PREVIOUS, format!("{}, {FIRST}", "another key of long ago that is still listed"));
    let running = start(&roster).await;
    let new = running.invite(&smtp, &olivia, &acme, "carol@example.com").await;
    assert_eq!([running.open(&old).await, running.open(&new).await], ["PENDING", "PENDING"]);
    running.stop().await;

    roster.set(PREVIOUS, "");
    let running = start(&roster).await;
    assert_eq!(running.open(&new).await, "PENDING");
    assert_eq!(running.open(&old).await, "INVITATION_NOT_FOUND");
    let carol = roster.token("carol@example.com", "Carol").await;
    running.api.mutate(&carol, "acceptInvitation", json!({ "token": new }), "message").await;
    running.stop().await;
}
