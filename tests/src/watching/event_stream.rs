//! Server-sent events, as a browser reads them.

use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use tokio::time::timeout;

use super::PATIENCE;

/// An answer in events.
pub struct EventStream {
    response: Response,
    unread: Vec<u8>,
}

impl EventStream {
    /// POSTs a request, which must be answered by a stream.
    pub async fn post(url: &str, token: Option<&str>, request: &Value) -> Self {
        let mut post = reqwest::Client::new().post(format!("{url}/graphql")).json(request);
        if let Some(token) = token {
            post = post.bearer_auth(token);
        }
        Self::of(post).await
    }

    /// Sends a request, which must be answered by a stream.
    pub async fn of(request: RequestBuilder) -> Self {
        let request = request.header("Accept", "text/event-stream");
        let response =
            timeout(PATIENCE, request.send()).await.expect("an answer in time").expect("an answer");
        Self::reading(response)
    }

    /// Reads an answer, which must be a stream.
    pub fn reading(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
        Self { response, unread: Vec::new() }
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &reqwest::header::HeaderMap {
        self.response.headers()
    }

    /// The next event, its name and its data; nothing if the stream has ended.
    pub async fn event(&mut self) -> Option<(String, String)> {
        // Comments alone, which keep the stream alive, would go on for ever.
        timeout(PATIENCE, self.next_event()).await.expect("an event in time")
    }

    async fn next_event(&mut self) -> Option<(String, String)> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| {
                let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
                line.map(|value| value.strip_prefix(' ').unwrap_or(value).to_owned())
            };
            if let (Some(name), Some(data)) = (field("event"), field("data")) {
                return Some((name, data));
            }
        }
    }

    /// The answer in the next event; nothing if there are no more.
    pub async fn answer(&mut self) -> Option<String> {
        let (name, data) = self.event().await?;
        if name == "next" {
            return Some(data);
        }
        assert_eq!(name, "complete");
        None
    }

    /// What comes next, a comment or an event, without the empty line behind it.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.unread.windows(2).position(|two| two == b"\n\n") {
                let block: Vec<u8> = self.unread.drain(..end + 2).collect();
                return Some(String::from_utf8(block).expect("UTF-8").trim_end().to_owned());
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.expect("something in time");
            match chunk.expect("the connection goes on") {
                Some(chunk) => self.unread.extend(chunk),
                None => {
                    assert!(self.unread.is_empty(), "an event that is not whole");
                    return None;
                }
            }
        }
    }
}
