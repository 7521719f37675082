//! What there is before the request: an organization with people in groups, tokens and open invitations. It is made once,
//! through the API, and copied for each death.

use roster_tests::{Api, Installation, smtp_server::SmtpServer};
use serde_json::{Value, json};

use super::{
    running::{Form, Running, Sweep},
    state,
};

/// An installation where nothing runs and no email waits.
pub(super) struct Scene {
    pub(super) form: Form,
    installation: Installation,
    /// The bearer token of Olivia, who owns the organization.
    pub(super) owner: String,
    pub(super) organization: String,
    /// Bob, an active admin in two groups, who has an API token and has invited Ida; and the ids of his two groups.
    pub(super) bob: String,
    pub(super) groups: Vec<String>,
    /// An active member.
    pub(super) carla: String,
    /// Somebody who is invited.
    pub(super) dora: String,
    /// What the organization shows of itself.
    pub(super) state: String,
}

impl Scene {
    /// Makes it.
    pub(super) async fn set(form: Form) -> Self {
        let smtp = SmtpServer::start().await;
        let mut installation = match form {
            Form::Production => Installation::migrated(&smtp).await,
            Form::Embedded => Installation::embedded().sending_to(&smtp),
        }
        // Not the port of a process that dies.
        .with("ROSTER_INVITATIONS__LINK", "https://app.example.com/invitation#token={token}")
        .with("ROSTER_WORKER__LEASE_SECONDS", "3")
        // One email after the other, so that the points always come in the same order.
        .with("ROSTER_WORKER__CONCURRENCY", "1")
        .with("ROSTER_MAIL__SMTP__SEND_TIMEOUT_SECONDS", "2")
        .with("ROSTER_MAIL__SMTP__CONNECT_TIMEOUT_SECONDS", "1");
        let running = Running::start(&mut installation, form, Sweep::Rarely, None).await;
        let api = &running.api;

        let owner = installation.token("olivia@example.com", "Olivia").await;
        let input = json!({ "name": "Globex" });
        let created = api.mutate(&owner, "createOrganization", input, "organization { id }").await;
        let organization = created["organization"]["id"].as_str().unwrap().to_owned();
        let mut groups = Vec::new();
        for name in ["Design", "On-call"] {
            let input = json!({ "organizationId": organization, "name": name });
            let group = api.mutate(&owner, "createGroup", input, "group { id }").await;
            groups.push(group["group"]["id"].as_str().unwrap().to_owned());
        }
        let people = json!([
            { "email": "bob@example.com", "role": "ADMIN", "groupIds": groups },
            { "email": "carla@example.com", "groupIds": [groups[0]] },
            { "email": "dora@example.com" },
        ]);
        let ids = invite(api, &owner, &organization, people).await;
        let [bob, carla, dora] = ids.try_into().unwrap();
        for _ in 0..3 {
            smtp.next_mail().await;
        }
        let bobs_token = join(&installation, api, &smtp, "Bob").await;
        join(&installation, api, &smtp, "Carla").await;
        let input =
            json!({ "organizationId": organization, "name": "nightly", "permissions": ["MEMBERS_READ"] });
        api.mutate(&bobs_token, "createApiToken", input, "apiToken { id }").await;
        invite(api, &bobs_token, &organization, json!([{ "email": "ida@example.com" }])).await;

        for notification in state::unsent(api, &owner, &organization).await {
            running.has_sent(&notification).await;
        }
        let state = state::of(api, &owner, &organization).await;
        running.stop().await;
        Self { form, installation, owner, organization, bob, groups, carla, dora, state }
    }

    /// A copy, with a mail server of its own.
    pub(super) async fn copied(&self, smtp: &SmtpServer) -> Installation {
        self.installation.copied().await.sending_to(smtp)
    }

    /// Ends what it has made.
    pub(super) async fn discard(self) {
        self.installation.discard().await;
    }
}

/// Invites people; the ids of their memberships.
async fn invite(api: &Api, token: &str, organization: &str, people: Value) -> Vec<String> {
    let input = json!({ "organizationId": organization, "people": people });
    let invited = api.mutate(token, "inviteMembers", input, "results { member { id } }").await;
    let results = invited["results"].as_array().unwrap();
    results.iter().map(|result| result["member"]["id"].as_str().unwrap().to_owned()).collect()
}

/// Accepts an invitation by the link in the email; the bearer token of who has joined.
async fn join(installation: &Installation, api: &Api, smtp: &SmtpServer, name: &str) -> String {
    let address = format!("{}@example.com", name.to_lowercase());
    let token = installation.token(&address, name).await;
    let link = smtp.mails_to(&address)[0].first_link();
    let secret = link.split_once("#token=").unwrap().1;
    api.mutate(&token, "acceptInvitation", json!({ "token": secret }), "message").await;
    token
}
