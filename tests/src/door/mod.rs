//! The door without a socket: a request as bytes in, an answer out, all in this process. For what sends very many.

mod knock;

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::{On, Roster};

/// The API's routes, on a database of their own.
pub struct Door {
    router: Router,
    token: String,
    _roster: Roster,
}

/// An answer, all of it.
#[derive(Debug)]
pub struct Answered {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Door {
    /// A new, empty Roster's, on SQLite.
    pub async fn open() -> Self {
        let roster = Roster::start(On::Sqlite).await;
        let router = roster.parts().router(Router::new()).expect("the settings are right");
        let token = roster.person("Bob").token.expect("Bob can sign in");
        Self { router, token, _roster: roster }
    }

    /// The token of somebody who is in no organization.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Answers a request.
    pub async fn answer(&self, request: Request<Body>) -> Answered {
        let Ok(response) = self.router.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("an answer is in memory").to_bytes();
        Answered { status: parts.status, headers: parts.headers, body }
    }

    /// Answers a POST of these bytes as JSON, by somebody who is signed in.
    pub async fn post(&self, body: Vec<u8>) -> Answered {
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .body(Body::from(body))
            .expect("a request");
        self.answer(request).await
    }
}

impl Answered {
    /// The answer, or answers of a batch, each of which must have `data` or `errors`, as GraphQL wants it.
    #[track_caller]
    pub fn well_formed(&self) -> Vec<Value> {
        assert!(!self.status.is_server_error(), "{self:?}");
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"));
        let answers = match body {
            Value::Array(answers) => answers,
            one => vec![one],
        };
        assert!(!answers.is_empty(), "{self:?}");
        for answer in &answers {
            let has_data = answer.get("data").is_some_and(|data| data.is_object() || data.is_null());
            let errors = answer.get("errors");
            let are_errors = errors.is_none_or(|errors| {
                errors.as_array().is_some_and(|errors| !errors.is_empty() && errors.iter().all(is_error))
            });
            assert!(are_errors && (has_data || errors.is_some()), "{self:?}");
        }
        answers
    }
}

/// An error has a sentence and a code.
fn is_error(error: &Value) -> bool {
    error["message"].is_string() && error["extensions"]["code"].is_string()
}
