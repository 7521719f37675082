//! An answer as it comes over the wire, for tests that compare answers byte for byte.

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::{EventStream, Person};

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// What stands in the body; of an answer in events, in the first of them.
    pub text: String,
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
            Ok(mut stream) => {
                let text = stream.answer().await.expect("an event");
                Reply { status: 200, text }
            }
            Err(refusal) => refusal,
        }
    }

    /// Sends a subscription, and reads on; or the refusal of the request.
    pub async fn listen(&self, document: &str, variables: &Value) -> Result<EventStream, Reply> {
        let request = self.post(document, variables).header("Accept", "text/event-stream");
        let response = request.send().await.expect("the API answers");
        match response.status().as_u16() {
            200 => Ok(EventStream::reading(response)),
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
