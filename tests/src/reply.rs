//! An answer as it comes over the wire, for tests that compare answers byte for byte; and one that comes in events.

use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::Person;

/// Longer than anything takes here, so that what does not happen fails its test instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// What stands in the body; of an answer in events, in the first of them.
    pub text: String,
}

/// The answers to a subscription, as server-sent events.
pub struct Listener {
    response: Response,
    unread: Vec<u8>,
}

impl Person {
    /// Sends a query or a mutation.
    pub async fn ask(&self, document: &str, variables: &Value) -> Reply {
        let response = self.post(document, variables).send().await.expect("the API answers");
        Reply::whole(response).await
    }

    /// Sends a subscription, and reads the first event, or the refusal of the request.
    pub async fn ask_for_events(&self, document: &str, variables: &Value) -> Reply {
        match self.listen(document, variables).await {
            Ok(mut listener) => {
                let text = listener.next().await.expect("an event");
                Reply { status: 200, text }
            }
            Err(refusal) => refusal,
        }
    }

    /// Sends a subscription, and reads on; or the refusal of the request.
    pub async fn listen(&self, document: &str, variables: &Value) -> Result<Listener, Reply> {
        let request = self.post(document, variables).header("Accept", "text/event-stream");
        let response = request.send().await.expect("the API answers");
        match response.status().as_u16() {
            200 => Ok(Listener { response, unread: Vec::new() }),
            _ => Err(Reply::whole(response).await),
        }
    }

    fn post(&self, document: &str, variables: &Value) -> RequestBuilder {
        let body = json!({ "query": document, "variables": variables });
        let post = self.roster.http().post(format!("{}/graphql", self.roster.url())).json(&body);
        match &self.token {
            Some(token) => post.bearer_auth(token),
            None => post,
        }
    }
}

impl Reply {
    async fn whole(response: Response) -> Self {
        let status = response.status().as_u16();
        Self { status, text: response.text().await.expect("the API answers") }
    }

    /// The body.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

impl Listener {
    /// The answer in the next event; nothing if there are no more.
    pub async fn next(&mut self) -> Option<String> {
        loop {
            let block = self.block().await?;
            if let Some(answer) = block.strip_prefix("event: next\ndata: ") {
                return Some(answer.to_owned());
            }
            assert!(block.starts_with([':', 'e']), "{block}"); // a comment, or `complete`
        }
    }

    /// What stands before the next empty line.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.unread.windows(2).position(|two| two == b"\n\n") {
                let block: Vec<u8> = self.unread.drain(..end + 2).collect();
                return Some(String::from_utf8(block).expect("UTF-8").trim_end().to_owned());
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.expect("something in time");
            self.unread.extend(chunk.expect("the connection goes on")?);
        }
    }
}
