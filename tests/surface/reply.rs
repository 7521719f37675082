//! An HTTP response as it comes, for tests that look at more than the GraphQL answer.

use reqwest::{RequestBuilder, header::HeaderMap};
use roster_tests::{Answer, Roster};
use serde_json::Value;

/// A response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    /// Sends a request.
    pub(crate) async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: response.text().await.unwrap() }
    }

    /// A header; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The GraphQL answer.
    #[track_caller]
    pub(crate) fn answer(&self) -> Answer {
        Answer(serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}")))
    }

    /// The response must refuse the request as a whole, with this status and code; the sentence.
    #[track_caller]
    pub(crate) fn is_refused_with(&self, status: u16, code: &str) -> String {
        let answer = self.answer();
        assert_eq!((self.status, answer.error_code()), (status, code), "{self:?}");
        assert_eq!(answer.0.get("data"), None, "an error of the request has no data: {self:?}");
        answer.error_message().to_owned()
    }
}

/// A POST of a GraphQL request, as a usual client sends it.
pub(crate) fn post(roster: &Roster, body: &Value) -> RequestBuilder {
    roster
        .http()
        .post(format!("{}/graphql", roster.url()))
        .header("Accept", "application/graphql-response+json")
        .json(body)
}
