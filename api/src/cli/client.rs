//! The client of Roster's API, for the commands that scripts use: plain HTTP with a token, never the database.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use ureq::{
    Agent, Body, RequestBuilder,
    http::{Response, StatusCode, Uri, header},
    tls::TlsConfig,
    typestate::WithoutBody,
};

use super::{failure::Failure, interrupt::Interrupt, output::clean, progress::Progress};
use crate::tls;

/// The pauses after failed attempts. What is sent again is safe to send again: reads, dry runs, what has an idempotency
/// key, and what changes nothing the second time.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// The longest that the server may ask to wait, to whom calls come too often. For longer, a person decides.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// How long the server may take to be reached.
const CONNECT: Duration = Duration::from_secs(10);

/// How long the server may say nothing: longer than it gives itself for a request.
const SILENCE: Duration = Duration::from_secs(60);

/// The largest answer to a GraphQL request.
const MAX_ANSWER: u64 = 64 * 1024 * 1024;

/// Which Roster, and who calls.
#[derive(Debug, clap::Args)]
pub(super) struct Server {
    /// The address of Roster's API, without /graphql.
    #[arg(long, env = "ROSTER_URL", value_name = "URL", default_value = "http://127.0.0.1:8080", value_parser = address)]
    url: String,
    /// The token to call with. Better in the environment, where other users of this machine do not see it.
    #[arg(long, env = "ROSTER_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<SecretString>,
}

/// An address that paths can be appended to.
fn address(text: &str) -> Result<String, String> {
    let problem = "It should look like https://roster.example.com.";
    let uri: Uri = text.parse().map_err(|_| problem)?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    if !is_http || uri.host().is_none_or(str::is_empty) || uri.query().is_some() || text.contains('#') {
        return Err(problem.to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Calls the API of one Roster with one token.
pub(super) struct Client {
    agent: Agent,
    url: String,
    authorization: SecretString,
    /// Stops attempts.
    interrupt: Interrupt,
    /// Is told of attempts.
    progress: Progress,
}

/// What a GraphQL request answers.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    /// Null if nothing was executed.
    #[serde(default)]
    pub(super) data: Value,
    /// What failed: everything, or the field at each path.
    #[serde(default)]
    pub(super) errors: Vec<GraphqlError>,
}

/// An entry of `errors`.
#[derive(Debug, Deserialize)]
pub(super) struct GraphqlError {
    message: String,
    /// The field that failed; empty for the whole request.
    #[serde(default)]
    pub(super) path: Vec<Value>,
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Debug, Default, Deserialize)]
struct Extensions {
    code: Option<String>,
}

impl GraphqlError {
    /// Whether it says that there is no such thing.
    pub(super) fn is_not_found(&self) -> bool {
        self.extensions.code.as_deref() == Some("NOT_FOUND")
    }

    /// The code, and the sentence.
    pub(super) fn into_parts(self) -> (String, String) {
        (self.extensions.code.unwrap_or_default(), self.message)
    }
}

impl From<GraphqlError> for Failure {
    fn from(error: GraphqlError) -> Self {
        let (code, message) = error.into_parts();
        Self::refused(code, clean(&message))
    }
}

#[derive(Serialize)]
struct Request<'a, V> {
    query: &'a str,
    variables: V,
}

impl Client {
    /// A client that stops when `interrupt` says so, and tells `progress` when it tries again.
    pub(super) fn new(server: &Server, interrupt: Interrupt, progress: Progress) -> Result<Self, Failure> {
        let token = server.token.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default().trim();
        if token.is_empty() {
            return Err(Failure::Usage(
                "There is no token to call with. Put an API token into the environment variable ROSTER_TOKEN; `roster token --help` says how one is made.".to_owned(),
            ));
        }
        let tls = match server.url.starts_with("https:") {
            true => tls::of_the_system().map_err(Failure::Usage)?,
            false => TlsConfig::default(),
        };
        let agent = Agent::config_builder()
            .tls_config(tls)
            .user_agent(concat!("roster/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            // The token goes to the address that was given, and to no other.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .timeout_per_write(Some(SILENCE))
            .build()
            .new_agent();
        let authorization = format!("Bearer {token}").into();
        Ok(Self { agent, url: server.url.clone(), authorization, interrupt, progress })
    }

    /// Sends a GraphQL request; errors of single fields come with the data of the others.
    pub(super) fn execute(&self, query: &str, variables: impl Serialize) -> Result<Answer, Failure> {
        let body = serde_json::to_vec(&Request { query, variables }).expect("requests are plain data");
        let (status, (location, answer)) = self.attempt(|| {
            let request = self.agent.post(format!("{}/graphql", self.url));
            let mut response = request
                .header(header::AUTHORIZATION, self.authorization.expose_secret())
                .header(header::ACCEPT, "application/graphql-response+json, application/json")
                .content_type("application/json")
                .send(&body)?;
            let answer = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec()?;
            Ok((response.status(), retry_after(&response), (location(&response), answer)))
        })?;
        serde_json::from_slice(&answer).map_err(|_| self.not_roster(status, location.as_deref()))
    }

    /// The same, where one error fails all.
    pub(super) fn call<T: DeserializeOwned>(
        &self,
        query: &str,
        variables: impl Serialize,
    ) -> Result<T, Failure> {
        let answer = self.execute(query, variables)?;
        match answer.errors.into_iter().next() {
            Some(error) => Err(error.into()),
            None => understood(answer.data),
        }
    }

    /// Begins to download what stands at a path. The body is still to be read.
    pub(super) fn download(&self, path: &str, query: &[(&str, String)]) -> Result<Body, Failure> {
        let (status, mut response) = self.attempt(|| {
            let request: RequestBuilder<WithoutBody> = self.agent.get(format!("{}{path}", self.url));
            let response = request
                .query_pairs(query.iter().map(|(name, value)| (*name, value.as_str())))
                .header(header::AUTHORIZATION, self.authorization.expose_secret())
                .call()?;
            Ok((response.status(), retry_after(&response), response))
        })?;
        if status == StatusCode::OK {
            return Ok(response.into_body());
        }
        let refused = response.body_mut().read_to_vec().ok().and_then(|body| first_error(&body));
        Err(refused.unwrap_or_else(|| self.not_roster(status, location(&response).as_deref())))
    }

    /// Tries, and tries again after failures that pass.
    fn attempt<T>(
        &self,
        send: impl Fn() -> Result<(StatusCode, Option<Duration>, T), ureq::Error>,
    ) -> Result<(StatusCode, T), Failure> {
        let mut pauses = PAUSES.into_iter();
        loop {
            self.interrupt.check()?;
            let problem = match send() {
                Ok((status, Some(wait), answer)) if !passes(status) => {
                    if wait > LONGEST_WAIT {
                        return Ok((status, answer));
                    }
                    let seconds = wait.as_secs();
                    self.progress.note(&format!("Roster at {} asks to wait {seconds} s.", self.url));
                    self.interrupt.pause(wait)?;
                    continue;
                }
                Ok((status, ..)) if passes(status) => format!("Roster at {} answers {status}.", self.url),
                Ok((status, _, answer)) => return Ok((status, answer)),
                Err(error) => {
                    let problem = format!("Roster at {} cannot be reached: {}.", self.url, reason(&error));
                    if !is_of_the_network(&error) {
                        return Err(Failure::Unavailable(problem));
                    }
                    problem
                }
            };
            let Some(pause) = pauses.next() else {
                return Err(Failure::Unavailable(format!("{problem} Is it running, and is --url right?")));
            };
            self.progress.note(&format!("{problem} Trying again."));
            self.interrupt.pause(pause)?;
        }
    }

    fn not_roster(&self, status: StatusCode, location: Option<&str>) -> Failure {
        let url = &self.url;
        Failure::Unexpected(match location {
            Some(to) => format!("{url} sends calls on to {}. Give the new address as --url.", clean(to)),
            None => format!("{url} does not answer as Roster's API does ({status}). Is --url right?"),
        })
    }
}

/// Data of an answer, as the commands know it.
pub(super) fn understood<T: DeserializeOwned>(data: Value) -> Result<T, Failure> {
    serde_json::from_value(data).map_err(|error| {
        Failure::Unexpected(format!(
            "The server's answer cannot be read: {error}. Are this program and the server of the same version?"
        ))
    })
}

/// Whether an answer says that it may be another one in a moment.
fn passes(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
}

/// Whether a call failed on the way, which may be open again in a moment.
fn is_of_the_network(error: &ureq::Error) -> bool {
    use std::io::ErrorKind::{InvalidData, InvalidInput};
    match error {
        // What TLS refuses comes as invalid data.
        ureq::Error::Io(error) => !matches!(error.kind(), InvalidData | InvalidInput),
        ureq::Error::Timeout(_)
        | ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::BodyStalled => true,
        _ => false,
    }
}

fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Timeout(_) => "it takes too long".to_owned(),
        other => other.to_string(),
    }
}

/// How long the server asks to wait.
fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let value = response.headers().get(header::RETRY_AFTER)?;
    value.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

fn location(response: &Response<Body>) -> Option<String> {
    Some(response.headers().get(header::LOCATION)?.to_str().ok()?.to_owned())
}

/// The refusal in a body, if it is one of Roster's.
fn first_error(body: &[u8]) -> Option<Failure> {
    let answer: Answer = serde_json::from_slice(body).ok()?;
    answer.errors.into_iter().next().map(Failure::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_and_lose_their_last_slash() {
        assert_eq!(address("https://example.com/roster/"), Ok("https://example.com/roster".to_owned()));
        assert_eq!(address("http://[::1]:8080"), Ok("http://[::1]:8080".to_owned()));
        for wrong in ["", "example.com", "ftp://example.com", "https://", "https://example.com/?a=b"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn errors_of_a_call_keep_their_code_and_sentence() {
        let body = br#"{"errors": [{"message": "You need a permission.", "extensions": {"code": "NOT_PERMITTED"}}]}"#;
        let Some(Failure::Refused { code, message }) = first_error(body) else { panic!("no refusal") };
        assert_eq!((code.as_str(), message.as_str()), ("NOT_PERMITTED", "You need a permission."));
        assert!(first_error(b"<html>").is_none());
    }
}
