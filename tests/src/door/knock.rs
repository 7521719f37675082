//! Any bytes as a request, for a fuzzer: the first two choose how it comes, the rest is what it holds.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::json;

use super::{Answered, Door};

/// What separates parts of the rest.
const SEPARATOR: u8 = 0;

/// The media types of a body, good ones and others.
const CONTENT_TYPES: [&str; 4] =
    ["application/json", "application/json; charset=utf-8", "text/plain", "multipart/form-data; boundary=x"];

/// What a client accepts.
const ACCEPTS: [&str; 4] = [
    "application/graphql-response+json",
    "application/json",
    "application/graphql-response+json;q=0.5, */*;q=0.1",
    "text/html",
];

impl Door {
    /// Answers the request that these bytes stand for; `None` if they stand for none. Whatever they are, the answer must be
    /// well-formed, and nothing may have gone wrong inside.
    #[track_caller]
    pub fn knock(&self, bytes: &[u8]) -> Option<impl Future<Output = Answered>> {
        let request = self.request(bytes)?;
        // These are answered without a body: OPTIONS by the rules of other origins.
        let bare = matches!(*request.method(), Method::HEAD | Method::OPTIONS);
        Some(async move {
            let answered = self.answer(request).await;
            if !bare {
                let answers = answered.well_formed();
                let inside = answers.iter().flat_map(|answer| answer["errors"].as_array()).flatten();
                for error in inside {
                    assert_ne!(error["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{answered:?}");
                }
            }
            answered
        })
    }

    fn request(&self, bytes: &[u8]) -> Option<Request<Body>> {
        let [form, how, rest @ ..] = bytes else { return None };
        let how = usize::from(*how);
        let (method, query, body) = sent(form % 8, rest)?;
        let mut request = Request::builder().method(method).uri(format!("/graphql{query}"));
        request = match how % 8 {
            0 => request,
            n => request.header(header::CONTENT_TYPE, CONTENT_TYPES[n.saturating_sub(4)]),
        };
        request = match how / 8 % 8 {
            n @ 0..4 => request.header(header::ACCEPT, ACCEPTS[n]),
            _ => request,
        };
        request = match how / 64 {
            0 => request,
            1 => request.header(header::AUTHORIZATION, "Bearer nobody's"),
            _ => request.header(header::AUTHORIZATION, format!("Bearer {}", self.token())),
        };
        request.body(Body::from(body)).ok()
    }
}

/// Method, query and body.
fn sent(form: u8, rest: &[u8]) -> Option<(Method, String, Vec<u8>)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let post = |body: Vec<u8>| Some((Method::POST, String::new(), body));
    let mut parts = rest.split(|byte| *byte == SEPARATOR);
    match form {
        // A body as it is.
        0 => post(rest.to_vec()),
        // A document, and variables as they are.
        1 | 2 => {
            let document = json!(text(parts.next()?)).to_string();
            let variables = text(parts.next().unwrap_or(b"{}"));
            post(format!(r#"{{"query":{document},"variables":{variables}}}"#).into_bytes())
        }
        // A batch of bodies as they are, and one of documents.
        3 => post([&b"["[..], &parts.collect::<Vec<_>>().join(&b","[..]), b"]"].concat()),
        4 => {
            let requests: Vec<_> = parts.map(|part| json!({ "query": text(part) })).collect();
            post(json!(requests).to_string().into_bytes())
        }
        // A GET with a document, and one with a query as it is.
        5 => Some((Method::GET, format!("?query={}", escaped(rest)), Vec::new())),
        6 => Some((Method::GET, format!("?{}", text(rest)), Vec::new())),
        // A method that may be none.
        _ => {
            let method = Method::from_bytes(parts.next()?).ok()?;
            Some((method, String::new(), parts.next().unwrap_or_default().to_vec()))
        }
    }
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02X}")).collect()
}
