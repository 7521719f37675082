//! An installation: a folder to run in, and settings in environment variables and nowhere else.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    Answer, Finished, PostgresServer, Process, RedisServer, binary, copy_of_postgres_database,
    databases::name_of, drop_postgres_database, empty_postgres_database, postgres_database, process::run,
    redis_url, smtp_server::SmtpServer,
};

/// Nobody listens on this port.
pub const NOBODY: &str = "127.0.0.1:1";

/// Where `roster` runs.
pub struct Installation {
    variables: BTreeMap<&'static str, String>,
    folder: TempDir,
    /// Where nothing should be written: home, and the place for temporary files.
    elsewhere: TempDir,
}

impl Installation {
    /// Without a setting.
    pub fn bare() -> Self {
        let folder = || tempfile::tempdir().expect("a temporary folder");
        Self { variables: BTreeMap::new(), folder: folder(), elsewhere: folder() }
    }

    /// To try Roster out: nothing but a free port, because others run tests on this machine.
    pub fn embedded() -> Self {
        Self::bare().with("ROSTER_HTTP__LISTEN", "127.0.0.1:0")
    }

    /// For production, with an empty database.
    pub async fn production(smtp: &SmtpServer) -> Self {
        Self::with_database(smtp, empty_postgres_database().await)
    }

    /// The same with a migrated database.
    pub async fn migrated(smtp: &SmtpServer) -> Self {
        Self::with_database(smtp, postgres_database().await)
    }

    /// For production, with an empty database, beside servers that are nobody else's and can be hurt.
    pub fn beside(smtp: &SmtpServer, postgres: &PostgresServer, redis: &RedisServer) -> Self {
        Self::with_database(smtp, postgres.url()).with("ROSTER_QUEUE__URL", redis.url())
    }

    fn with_database(smtp: &SmtpServer, database: String) -> Self {
        Self::embedded()
            .on_database(database)
            .with("ROSTER_QUEUE__URL", redis_url())
            .with("ROSTER_AUTH__HS256_SECRET", "a secret that the identity provider has too")
            .with("ROSTER_INVITATIONS__LINK_KEY", "a key that the worker and the API have")
            .with("ROSTER_INVITATIONS__LINK", "https://app.example.com/invitation#token={token}")
            .with("ROSTER_MAIL__FROM", "Acme Accounts <accounts@acme.example>")
            .sending_to(smtp)
    }

    /// The same on another database, with a list of its own in Redis.
    fn on_database(self, database: String) -> Self {
        // As nobody else has this database, nobody else has this list and this channel.
        let key = name_of(&database).to_owned();
        let channel = format!("{key}:events");
        self.with("ROSTER_DATABASE__URL", database)
            .with("ROSTER_RATE_LIMITS__KEY", format!("{key}:limits"))
            .with("ROSTER_QUEUE__KEY", key)
            .with("ROSTER_EVENTS__CHANNEL", channel)
    }

    /// The same with this mail server.
    pub fn sending_to(self, smtp: &SmtpServer) -> Self {
        self.with("ROSTER_MAIL__TRANSPORT", "smtp")
            .with("ROSTER_MAIL__SMTP__HOST", smtp.host())
            .with("ROSTER_MAIL__SMTP__PORT", smtp.port().to_string())
            .with("ROSTER_MAIL__SMTP__SECURITY", "none")
    }

    /// Another one with the same settings and a copy of all data. Nothing may run in this one meanwhile.
    pub async fn copied(&self) -> Self {
        let copy = Self { variables: self.variables.clone(), ..Self::bare() };
        for file in files_below(self.folder()) {
            let (from, to) = (self.folder().join(&file), copy.folder().join(&file));
            std::fs::create_dir_all(to.parent().expect("it is in the folder")).expect("a folder");
            std::fs::copy(from, to).expect("a file that can be read");
        }
        match self.setting("ROSTER_DATABASE__URL") {
            Some(database) => copy.on_database(copy_of_postgres_database(database).await),
            None => copy,
        }
    }

    /// Ends what does not end with the folder: its database on PostgreSQL. Nothing may run in it.
    pub async fn discard(self) {
        if let Some(database) = self.setting("ROSTER_DATABASE__URL") {
            drop_postgres_database(database).await;
        }
    }

    /// The same with another setting.
    pub fn with(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.set(variable, value);
        self
    }

    /// Gives it another setting, for what is started from now on.
    pub fn set(&mut self, variable: &'static str, value: impl Into<String>) {
        self.variables.insert(variable, value.into());
    }

    /// The value of a setting, if it was given.
    pub fn setting(&self, variable: &str) -> Option<&str> {
        self.variables.get(variable).map(String::as_str)
    }

    /// The folder that it runs in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// All files below the folder, which must be all that was written.
    pub fn files(&self) -> Vec<String> {
        assert_eq!(files_below(self.elsewhere.path()), [""; 0]);
        files_below(self.folder())
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Finished {
        run(self.command(arguments)).await
    }

    /// Starts a process.
    pub fn start(&self, arguments: &[&str]) -> Process {
        Process::start(self.command(arguments))
    }

    /// The same, with settings that no other process has.
    pub fn start_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Process {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        Process::start(command)
    }

    /// `roster serve`, and its API.
    pub async fn serve(&self) -> (Process, Api) {
        let process = self.start(&["serve"]);
        let line = process.says("serving").await;
        // As text, or as JSON.
        let address = line.split_once("address").unwrap_or_else(|| panic!("no address: {line}")).1;
        let address = address.trim_start_matches(['"', '=', ':']).split('"').next().unwrap_or_default();
        (process, Api::new(&format!("http://{address}")))
    }

    /// A token of somebody, as `roster token` prints it.
    pub async fn token(&self, email: &str, name: &str) -> String {
        self.run(&["token", "--email", email, "--name", name]).await.succeeds().to_owned()
    }

    /// A command, to be started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.folder()).env_clear().envs(&self.variables);
        command.env("HOME", self.elsewhere.path()).env("TMPDIR", self.elsewhere.path());
        command
    }
}

fn files_below(folder: &Path) -> Vec<String> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).expect("a folder").map(|entry| entry.expect("an entry")) {
            match entry.file_type().expect("a type").is_dir() {
                true => folders.push(entry.path()),
                false => {
                    files.push(entry.path().strip_prefix(folder).expect("it is below").display().to_string())
                }
            }
        }
    }
    files.sort();
    files
}

/// The API of a process.
pub struct Api {
    /// Its address, without a path.
    pub url: String,
    /// What calls it.
    pub http: reqwest::Client,
}

impl Api {
    /// The API at an address.
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), http: reqwest::Client::new() }
    }

    /// Sends a document with a token, and returns the whole response.
    pub async fn graphql(&self, token: &str, query: &str, variables: Value) -> Answer {
        self.try_graphql(token, query, variables).await.expect("the API answers")
    }

    /// The same; `None` if the connection ends before the answer.
    pub async fn try_graphql(&self, token: &str, query: &str, variables: Value) -> Option<Answer> {
        let body = json!({ "query": query, "variables": variables });
        let request = self.http.post(format!("{}/graphql", self.url)).bearer_auth(token).json(&body);
        let answer = request.send().await.ok()?.bytes().await.ok()?;
        Some(Answer(serde_json::from_slice(&answer).expect("JSON")))
    }

    /// The payload of a mutation without errors: these fields of it.
    pub async fn mutate(&self, token: &str, mutation: &str, input: Value, fields: &str) -> Value {
        let capital = mutation[..1].to_uppercase() + &mutation[1..];
        let document = format!(
            "mutation ($input: {capital}Input!) {{ {mutation}(input: $input) {{ {fields} errors {{ code message }} }} }}"
        );
        let answer = self.graphql(token, &document, json!({ "input": input })).await;
        let payload = answer.at(&format!("/{mutation}")).clone();
        assert_eq!(payload["errors"], json!([]), "{payload:#}");
        payload
    }

    /// A new organization called Acme; its id.
    pub async fn create_acme(&self, token: &str) -> String {
        self.create_organization(token, "Acme").await
    }

    /// A new organization; its id.
    pub async fn create_organization(&self, token: &str, name: &str) -> String {
        let input = json!({ "name": name });
        let created = self.mutate(token, "createOrganization", input, "organization { id }").await;
        created["organization"]["id"].as_str().expect("an id").to_owned()
    }

    /// Invites these addresses into these groups.
    pub async fn invite(
        &self,
        token: &str,
        organization: &str,
        addresses: &[&str],
        groups: &[&str],
    ) -> Value {
        let people: Vec<_> =
            addresses.iter().map(|address| json!({ "email": address, "groupIds": groups })).collect();
        let input = json!({ "organizationId": organization, "people": people });
        self.mutate(token, "inviteMembers", input, "results { member { id } error { code } }").await
    }

    /// A page, which must be there.
    pub async fn page(&self, path: &str) -> String {
        let response = self.http.get(format!("{}{path}", self.url)).send().await.expect("the API answers");
        assert_eq!(response.status(), 200, "{path}");
        response.text().await.expect("text")
    }
}
