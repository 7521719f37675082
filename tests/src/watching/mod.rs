//! Watching an organization: what somebody is told as it happens, over a WebSocket or as server-sent events.

mod event_stream;
mod socket;

use std::time::Duration;

use serde_json::{Value, json};

pub use self::{event_stream::EventStream, socket::Socket};
use crate::{Answer, Organization, Person};

/// Longer than anything takes here, so that what does not happen fails its test instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// How events come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// graphql-transport-ws.
    Socket,
    /// graphql-sse.
    EventStream,
}

/// Somebody who watches.
pub struct Watcher(Connection);

enum Connection {
    Socket(Box<Socket>),
    EventStream(EventStream),
}

impl Watcher {
    /// Begins to watch an organization, as whoever has the token, with these fields of each event beside its kind. The first
    /// answer is yet to come.
    pub async fn ask(over: Over, url: &str, token: Option<&str>, organization: &str, fields: &str) -> Self {
        let document = "subscription ($id: ID!) { organizationEvents(organizationId: $id) { kind FIELDS } }";
        let request =
            json!({ "query": document.replace("FIELDS", fields), "variables": { "id": organization } });
        Self(match over {
            Over::Socket => {
                let mut socket = Socket::open_as(url, token).await;
                socket.say(json!({ "type": "subscribe", "id": "1", "payload": request })).await;
                Connection::Socket(Box::new(socket))
            }
            Over::EventStream => Connection::EventStream(EventStream::post(url, token, &request).await),
        })
    }

    /// The same, after the stream has started.
    pub async fn start(over: Over, url: &str, token: Option<&str>, organization: &str, fields: &str) -> Self {
        let mut watcher = Self::ask(over, url, token, organization, fields).await;
        watcher.is_told("STREAM_STARTED").await;
        watcher
    }

    /// The next answer; nothing if there are no more.
    pub async fn answer(&mut self) -> Option<Answer> {
        match &mut self.0 {
            Connection::EventStream(stream) => match stream.event().await? {
                (name, data) if name == "next" => {
                    Some(Answer(serde_json::from_str(&data).expect("an answer in JSON")))
                }
                (name, _) => {
                    assert_eq!(name, "complete");
                    None
                }
            },
            Connection::Socket(socket) => {
                let message = socket.hear().await;
                match message["type"].as_str() {
                    Some("next") => Some(Answer(message["payload"].clone())),
                    Some("error") => Some(Answer(json!({ "errors": message["payload"] }))),
                    Some("complete") => None,
                    _ => panic!("{message:#}"),
                }
            }
        }
    }

    /// The next event.
    pub async fn event(&mut self) -> Value {
        let answer = self.answer().await.expect("the stream goes on");
        answer.at("/organizationEvents").clone()
    }

    /// The next event must be of this kind: the event.
    pub async fn is_told(&mut self, kind: &str) -> Value {
        let event = self.event().await;
        assert_eq!(event["kind"], kind, "{event:#}");
        event
    }

    /// The stream must end now, with an error that says why: its code.
    pub async fn ends(&mut self) -> String {
        let answer = self.answer().await.expect("an error that says why it ends");
        let code = answer.error_code().to_owned();
        let next = self.answer().await;
        assert!(next.is_none(), "{next:?}");
        code
    }

    /// The stream must end without `complete`, whatever it says before: an event stream.
    pub async fn breaks_off(&mut self) {
        let Connection::EventStream(stream) = &mut self.0 else { panic!("it is a socket") };
        while let Some((name, _)) = stream.event().await {
            assert_eq!(name, "next");
        }
    }

    /// What comes over the wire, for a test of that.
    pub fn socket(&mut self) -> &mut Socket {
        match &mut self.0 {
            Connection::Socket(socket) => socket,
            Connection::EventStream(_) => panic!("it is not a socket"),
        }
    }
}

impl Organization {
    /// Somebody watches, from now on, with these fields of each event beside its kind.
    pub async fn watched_by(&self, person: &Person, over: Over, fields: &str) -> Watcher {
        let url = person.roster.url().to_owned();
        Watcher::start(over, &url, person.token.as_deref(), &self.id, fields).await
    }
}
