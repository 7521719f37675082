//! One running Roster.

use std::{net::SocketAddr, sync::Arc};

use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use roster_api::{
    app::Parts,
    config::{Config, Process},
    identity::{Claims, jwt},
};
use roster_entity::{Clock, EmailAddress, notification};
use roster_worker::{Courier, mail};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::{
    On, Organization, Person,
    smtp_server::{ReceivedMail, SmtpServer},
};

/// The most ids that the tests take from the queue at a time.
const BATCH: usize = 100;

/// A Roster of a test: its API answers on a port of its own; its emails go to [`Roster::smtp`] when the test delivers them.
#[derive(Clone)]
pub struct Roster {
    api: Arc<Api>,
    outside: Arc<Outside>,
}

/// What an API process has of its own.
struct Api {
    parts: Parts,
    url: String,
}

/// What all of them have in common, beside the database and the queue.
struct Outside {
    on: On,
    courier: Courier,
    smtp: SmtpServer,
    http: reqwest::Client,
    _folder: TempDir,
}

impl Roster {
    /// A new, empty Roster.
    pub async fn start(on: On) -> Self {
        Self::start_with(on, |_| {}).await
    }

    /// The same, with other settings than the tests' own.
    pub async fn start_with(on: On, change: impl FnOnce(&mut Config)) -> Self {
        let smtp = SmtpServer::start().await;
        let mut config = test_config();
        let folder = on.prepare(&mut config).await;
        config.mail.transport = mail::TransportKind::Smtp;
        config.mail.smtp.host = smtp.host().to_owned();
        config.mail.smtp.port = smtp.port();
        config.mail.smtp.security = mail::Security::None;
        change(&mut config);

        let parts = Parts::connect(config, Clock::manual(noon())).await.expect("Roster starts");
        if on == On::Sqlite {
            parts.database.migrate().await.expect("the migrations run");
        }
        let courier = parts.courier().expect("the settings are right");
        let outside = Outside { on, courier, smtp, http: reqwest::Client::new(), _folder: folder };
        Self { api: Arc::new(Api::serve(parts).await), outside: Arc::new(outside) }
    }

    /// Whether it starts with these settings, as the embedded default does; otherwise what it says.
    pub async fn starts_with(change: impl FnOnce(&mut Config)) -> Result<(), String> {
        let mut config = test_config();
        let _folder = On::Sqlite.prepare(&mut config).await;
        change(&mut config);
        config.check(Process::Embedded).map_err(|error| error.to_string())?;
        let parts = Parts::connect(config, Clock::manual(noon())).await.map_err(|error| error.to_string())?;
        parts.router(Router::new()).map(|_| ()).map_err(|error| error.to_string())
    }

    /// The same Roster through another API: in production there are several, each with connections and a port of its own. The
    /// embedded default has only one process: there it is this one again.
    pub async fn second_api(&self) -> Self {
        if self.outside.on == On::Sqlite {
            return self.clone();
        }
        self.another_api(|_| {}).await
    }

    /// The same with other settings.
    pub(crate) async fn another_api(&self, change: impl FnOnce(&mut Config)) -> Self {
        let first = self.parts();
        let mut config = first.config.clone();
        change(&mut config);
        let parts = Parts::connect(config, first.clock.clone()).await.expect("Roster starts");
        Self { api: Arc::new(Api::serve(parts).await), ..self.clone() }
    }

    /// Somebody with a verified address, `name@example.com`, who can sign in.
    pub fn person(&self, name: &str) -> Person {
        let address = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
        self.person_with_address(name, &address)
    }

    /// Somebody with this name and verified address.
    pub fn person_with_address(&self, name: &str, address: &str) -> Person {
        let email: EmailAddress = address.parse().expect("a test's address is valid");
        let token =
            jwt::mint(&self.parts().config.auth, &email, Some(name), self.now(), TimeDelta::days(365))
                .expect("the tests have a secret");
        Person::new(self.clone(), name, address, Some(token))
    }

    /// Somebody who is not signed in.
    pub fn anonymous(&self) -> Person {
        Person::new(self.clone(), "Anonymous", "nobody@example.com", None)
    }

    /// Somebody with the token that an identity provider would issue with these changes to the usual claims.
    pub fn person_with_claims(&self, name: &str, change: impl FnOnce(&mut Claims)) -> Person {
        let person = self.person(name);
        let mut claims = Claims {
            iss: "roster".to_owned(),
            aud: "roster".into(),
            sub: person.address.clone(),
            exp: (self.now() + TimeDelta::days(1)).timestamp(),
            nbf: None,
            iat: None,
            email: Some(person.address.clone()),
            email_verified: true,
            name: Some(name.to_owned()),
        };
        change(&mut claims);
        let token = jwt::sign(&self.parts().config.auth, &claims).expect("the tests have a secret");
        let address = claims.email.unwrap_or(person.address);
        Person::new(self.clone(), name, &address, Some(token))
    }

    /// A new organization with this name, whose owner is Olivia.
    pub async fn organization(&self, name: &str) -> Organization {
        Organization::create(self.person("Olivia"), name).await
    }

    /// The same with another owner.
    pub async fn organization_of(&self, owner: &str, name: &str) -> Organization {
        Organization::create(self.person(owner), name).await
    }

    /// Sends every email that is due, as the worker would.
    pub async fn deliver(&self) {
        loop {
            let ids = self.parts().queue.pop(BATCH).await.expect("the queue answers");
            if ids.is_empty() {
                return;
            }
            for id in ids {
                self.outside.courier.deliver(id).await.expect("the database answers");
            }
        }
    }

    /// The same, and to one address, oldest first, also what the queue was not told of, as happens on a very busy machine:
    /// a person would wait for the sweep.
    pub async fn deliver_all_to(&self, address: &str) {
        let email: EmailAddress = address.parse().expect("a test's address is valid");
        let waiting = notification::Entity::find()
            .filter(notification::Column::RecipientEmail.eq(email))
            .filter(notification::queued())
            .order_by_asc(notification::Column::Id);
        for row in waiting.all(self.parts().database.write()).await.expect("the database answers") {
            self.outside.courier.deliver(row.id).await.expect("the database answers");
        }
        self.deliver().await;
    }

    /// A worker that dies while it sends what is due: the row is claimed, and nothing more.
    pub async fn die_while_sending(&self) {
        self.smtp().stay_silent();
        let roster = self.clone();
        let worker = tokio::spawn(async move { roster.deliver().await });
        self.smtp().connected().await;
        worker.abort();
        self.smtp().heal();
    }

    /// Puts the ids of emails that the queue has lost into it again, as the sweep of the worker would, and delivers. So does
    /// it with what waits for a time that a wrong clock has written.
    pub async fn sweep(&self) {
        self.find_waiting().await;
        self.deliver().await;
    }

    /// The same without delivering.
    pub async fn find_waiting(&self) {
        self.outside.courier.rescue().await.expect("the database answers");
        self.outside.courier.sweep(&self.parts().queue).await.expect("the database and the queue answer");
    }

    /// All emails that somebody got, oldest first, after sending what is due.
    pub async fn mails_to(&self, person: &Person) -> Vec<ReceivedMail> {
        self.mails_to_address(&person.address).await
    }

    /// The same for an address.
    pub async fn mails_to_address(&self, address: &str) -> Vec<ReceivedMail> {
        self.deliver().await;
        self.outside.smtp.mails_to(address)
    }

    /// The newest email that somebody got.
    pub async fn last_mail_to(&self, person: &Person) -> ReceivedMail {
        let mail = self.mails_to(person).await.pop();
        mail.unwrap_or_else(|| panic!("{} has got no email", person.address))
    }

    /// The secret of the link in the newest email to an address: read from the mail, as a person would.
    pub async fn link_token(&self, address: &str) -> String {
        self.deliver_all_to(address).await;
        let mail = self.smtp().mails_to(address).pop();
        let link = mail.unwrap_or_else(|| panic!("{address} has got no email")).first_link();
        link.split_once("#token=").unwrap_or_else(|| panic!("no token in {link}")).1.to_owned()
    }

    /// Lets time pass.
    pub fn pass(&self, time: TimeDelta) {
        self.parts().clock.advance(time);
    }

    /// What time it is.
    pub fn now(&self) -> DateTime<Utc> {
        self.parts().clock.now()
    }

    /// The parts that Roster is made of, for what cannot be seen from outside.
    pub fn parts(&self) -> &Parts {
        &self.api.parts
    }

    /// The mail server.
    pub fn smtp(&self) -> &SmtpServer {
        &self.outside.smtp
    }

    /// The address of the API, without a path.
    pub fn url(&self) -> &str {
        &self.api.url
    }

    /// A plain HTTP client.
    pub fn http(&self) -> &reqwest::Client {
        &self.outside.http
    }

    /// Sends a GraphQL request with a token and returns the whole response.
    pub(crate) async fn graphql(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let body = serde_json::json!({ "query": query, "variables": variables });
        let mut request = self.http().post(format!("{}/graphql", self.url())).json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.expect("the API answers");
        response.json().await.expect("the API answers in JSON")
    }
}

impl Api {
    async fn serve(parts: Parts) -> Self {
        let router = parts.router(Router::new()).expect("the settings are right");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound port"));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async { axum::serve(listener, service).await.expect("the server runs") });
        Self { parts, url }
    }
}

/// When all tests begin.
pub fn noon() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().expect("a valid time")
}

/// The defaults, with secrets.
pub fn test_config() -> Config {
    let mut config = Config::load(None).expect("the defaults are right");
    config.auth.hs256_secret = "the secret of the tests' identity provider".into();
    config.invitations.link_key = "the key of the links in the tests' invitations".into();
    config.invitations.link = "https://app.example.com/invitation#token={token}".to_owned();
    config.database.connections = 4;
    // Tests ask often, all from one address; those of the limits set their own.
    config.rate_limits.requests_per_minute = 1_000_000;
    config.rate_limits.failures_per_minute = 1_000_000;
    config.rate_limits.organization_invitations_per_hour = 1_000_000;
    config.rate_limits.recipient_invitations_per_day = 0;
    config.mail.smtp.hello = "tests.example.com".to_owned();
    config
}
