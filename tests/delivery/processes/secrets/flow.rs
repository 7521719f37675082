//! All that happens to people between the invitation and the removal, and all that goes wrong on the way.

use roster_tests::{
    Api, Installation, Process,
    smtp_server::{SmtpServer, Stage},
};
use serde_json::{Value, json};

use super::Secrets;

/// What the script needs.
const PERMISSIONS: [&str; 3] = ["MEMBERS_READ", "MEMBERS_INVITE", "ACTIVITIES_READ"];
const OWNER: &str = "olivia.secret@acme.example";
const BOB: &str = "bob.secret@example.com";
const CAROL: &str = "carol.secret@example.com";
const DAVE: &str = "dave.secret@example.com";
const ERIN: &str = "erin.secret@example.com";
const MALLORY: &str = "mallory.secret@example.com";

pub(super) struct Flow<'a> {
    pub(super) roster: &'a Installation,
    pub(super) api: &'a Api,
    pub(super) smtp: &'a SmtpServer,
    pub(super) worker: &'a Process,
}

impl Flow<'_> {
    /// Goes through all of it; what those were answered who are none of their business.
    pub(super) async fn run(&self, secrets: &mut Secrets) -> String {
        let api = self.api;
        for (name, address) in [
            ("Olivia", OWNER),
            ("Bob", BOB),
            ("Carol", CAROL),
            ("Dave", DAVE),
            ("Erin", ERIN),
            ("Mallory", MALLORY),
        ] {
            secrets.add(&format!("the address of {name}"), address);
        }
        let olivia = self.sign_in("Olivia", OWNER, secrets).await;
        let acme = api.create_acme(&olivia).await;
        let script = self.script(&olivia, &acme, secrets).await;
        api.graphql(&script, "{ viewer { user { id } } }", json!({})).await.data();

        let bob = self.sign_in("Bob", BOB, secrets).await;
        let in_acme = self.invite(&script, &acme, BOB).await;
        let link = self.link(BOB, secrets).await;
        let others = self.others(&link, secrets).await;
        api.mutate(&bob, "acceptInvitation", json!({ "token": link }), "message").await;
        let carol = self.sign_in("Carol", CAROL, secrets).await;
        self.invite(&olivia, &acme, CAROL).await;
        let link = self.link(CAROL, secrets).await;
        api.mutate(&carol, "declineInvitation", json!({ "token": link }), "message").await;

        api.mutate(&olivia, "removeMember", json!({ "memberId": in_acme, "note": BOB }), "message").await;
        api.mutate(&olivia, "restoreMember", json!({ "memberId": in_acme }), "message").await;
        for (path, token) in
            [("members?organization=acme", &olivia), ("activities?organization=acme&format=jsonl", &script)]
        {
            let request = api.http.get(format!("{}/export/{path}", api.url)).bearer_auth(token);
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 200);
            assert!(!answer.bytes().await.unwrap().is_empty());
        }
        self.failing_mail(&olivia, &acme).await;
        // What says why an email was not sent is for administrators, and may have an address.
        let query =
            "query ($id: ID!) { organization(id: $id) { notifications(first: 1) { nodes { lastError } } } }";
        let seen = api.graphql(&olivia, query, json!({ "id": acme })).await;
        assert!(seen.text("/organization/notifications/nodes/0/lastError").contains(ERIN));
        others
    }

    async fn sign_in(&self, name: &str, address: &str, secrets: &mut Secrets) -> String {
        let token = self.roster.token(address, name).await;
        secrets.add(&format!("the token of {name}"), &token);
        // Also its parts: the claims can be read, and have the address.
        for part in token.split('.').skip(1) {
            secrets.add(&format!("a part of the token of {name}"), part);
        }
        self.api.graphql(&token, "{ viewer { user { id } } }", json!({})).await.data();
        token
    }

    async fn script(&self, olivia: &str, acme: &str, secrets: &mut Secrets) -> String {
        let input = json!({ "organizationId": acme, "name": "nightly", "permissions": PERMISSIONS });
        let created = self.api.mutate(olivia, "createApiToken", input, "secret").await;
        let secret = created["secret"].as_str().unwrap().to_owned();
        secrets.add("an API token", &secret);
        secret
    }

    async fn invite(&self, token: &str, acme: &str, address: &str) -> String {
        let invited = self.api.invite(token, acme, &[address], &[]).await;
        let query = "query ($id: ID!) { organization(id: $id) { invitations(first: 1) { nodes { id } } } }";
        let seen = self.api.graphql(token, query, json!({ "id": acme })).await;
        let input = json!({ "invitationId": seen.text("/organization/invitations/nodes/0/id") });
        let document = "mutation ($input: ResendInvitationInput!) { resendInvitation(input: $input) { errors { code message } } }";
        let again = self.api.graphql(token, document, json!({ "input": input })).await;
        assert_eq!(again.outcome(), "RESEND_TOO_SOON");
        invited["results"][0]["member"]["id"].as_str().unwrap().to_owned()
    }

    /// The secret of the link in the next email, which must go to this address.
    async fn link(&self, address: &str, secrets: &mut Secrets) -> String {
        let mail = self.smtp.next_mail().await;
        assert_eq!(mail.to, [address]);
        let link = mail.first_link().split_once("#token=").unwrap().1.to_owned();
        secrets.add("a link", &link);
        link
    }

    /// Those who try what is not theirs, with tokens that are none.
    async fn others(&self, link: &str, secrets: &mut Secrets) -> String {
        let api = self.api;
        let mallory = self.sign_in("Mallory", MALLORY, secrets).await;
        let mut answers = Vec::new();
        let accept = "mutation ($token: String!) { acceptInvitation(input: { token: $token }) { message errors { message } } }";
        let mut forged = mallory.clone();
        forged.replace_range(forged.len() - 6..forged.len() - 1, "AAAAA");
        let wrong =
            ["roster_a-token-that-nobody-has-but-looks-like-one", &forged, "not-a-token-at-all-but-long"];
        for token in wrong {
            secrets.add("a wrong token", token);
            answers.push(api.graphql(token, accept, json!({ "token": link })).await.0);
        }
        answers.push(api.graphql(&mallory, accept, json!({ "token": link })).await.0);
        answers.push(api.graphql(&mallory, accept, json!({ "token": format!("{link}A") })).await.0);
        let slug = "{ organization(slug: \"acme\") { members(first: 9) { nodes { user { email } } } } }";
        answers.push(api.graphql(&mallory, slug, json!({})).await.0);
        // Where a careless client puts it.
        for path in ["graphql", "export/members", "health", "nowhere"] {
            let url = format!("{}/{path}?access_token={mallory}&email={BOB}&token={link}", api.url);
            for scheme in ["Basic", "Bearer", "bearer x"] {
                let header = format!("{scheme} {link}");
                let answer = api.http.get(&url).header("authorization", header).send().await.unwrap();
                answers.push(Value::String(answer.text().await.unwrap()));
            }
        }
        // A body that is no JSON, and a document that is none, are not quoted.
        let body = format!("{{\"query\": \"{{ {link} {BOB}");
        let answer = api.http.post(format!("{}/graphql", api.url)).header("content-type", "application/json");
        answers.push(Value::String(answer.body(body).send().await.unwrap().text().await.unwrap()));
        answers.iter().map(|answer| format!("{answer}\n")).collect()
    }

    /// Mail servers that quote the address: about one email, and about this installation.
    async fn failing_mail(&self, olivia: &str, acme: &str) {
        let refusal = format!("530 5.7.0 <{DAVE}>: Authentication required for {DAVE}");
        self.smtp.answer_next(Stage::Rcpt, &refusal);
        self.api.invite(olivia, acme, &[DAVE], &[]).await;
        self.worker.says("refuses this installation").await;
        // The email of the removal and of the restoring came before it.
        self.smtp.refuse_recipient(ERIN, &format!("550 5.1.1 <{ERIN}>: no such user {ERIN}"));
        self.api.invite(olivia, acme, &[ERIN], &[]).await;
        self.worker.says("email given up").await;
    }
}
