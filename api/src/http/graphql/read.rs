//! Reading requests to `/graphql`: from the query of the address, or from the body.

use async_graphql::{Extensions, Request, Variables};
use axum::{
    body::Body,
    extract::Query,
    http::{StatusCode, header, request::Parts},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::{
    App,
    documents::{self, DocumentId},
    guard::values::check_json,
    refusal::Refusal,
};

/// What a POST body holds.
pub(super) enum Asked {
    /// One request.
    One(Box<Request>),
    /// An array of requests.
    Batch(Vec<Request>),
}

/// The parameters of a request, as a POST body has them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    #[serde(default)]
    variables: Option<Variables>,
    #[serde(default)]
    extensions: Option<Extensions>,
}

/// The parameters of a request, as a GET query has them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryParameters {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

impl Parameters {
    fn request(self) -> Result<Request, Refusal> {
        let extensions = self.extensions.unwrap_or_default();
        let is_named = self.document_id.is_some() || documents::names_a_document(&extensions);
        if self.query.is_none() && !is_named {
            return Err(Refusal::bad_request("The parameter \"query\" is missing."));
        }
        let mut request = Request::new(self.query.unwrap_or_default());
        if let Some(id) = self.document_id {
            request = request.data(DocumentId(id));
        }
        request.operation_name = self.operation_name.filter(|name| !name.is_empty());
        request.variables = self.variables.unwrap_or_default();
        request.extensions = extensions;
        Ok(request)
    }
}

/// The request of a GET.
pub(super) fn from_query(parts: &Parts) -> Result<Request, Refusal> {
    let Query(parameters) = Query::<QueryParameters>::try_from_uri(&parts.uri).map_err(|e| {
        Refusal::bad_request(format!("The query of the address cannot be read: {}", e.body_text()))
    })?;
    Parameters {
        query: parameters.query,
        document_id: parameters.document_id,
        operation_name: parameters.operation_name,
        variables: from_json("variables", parameters.variables)?,
        extensions: from_json("extensions", parameters.extensions)?,
    }
    .request()
}

fn from_json<T: for<'de> Deserialize<'de>>(name: &str, json: Option<String>) -> Result<Option<T>, Refusal> {
    match json.filter(|json| !json.is_empty()) {
        None => Ok(None),
        Some(json) => serde_json::from_str(&json)
            .map_err(|e| Refusal::bad_request(format!("The parameter \"{name}\" is not a JSON object: {e}"))),
    }
}

/// The request or requests of a POST.
pub(super) async fn from_body(app: &App, parts: &Parts, body: Body) -> Result<Asked, Refusal> {
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mime = content_type.and_then(|value| value.parse::<mime::Mime>().ok());
    let is_json = mime.is_some_and(|mime| {
        mime.essence_str() == "application/json" && mime.get_param("charset").is_none_or(|c| c == "utf-8")
    });
    if !is_json {
        let message = "The Content-Type must be application/json, in UTF-8.";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message));
    }
    let max_bytes = app.max_body_bytes;
    let bytes = axum::body::to_bytes(body, max_bytes).await.map_err(|error| {
        let source = std::error::Error::source(&error);
        if source.is_some_and(|source| source.is::<http_body_util::LengthLimitError>()) {
            let message = format!("The request body is too large: at most {max_bytes} bytes.");
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", message)
                .over("http.max_body_bytes")
        } else {
            Refusal::bad_request("The request body broke off.")
        }
    })?;
    check_json(&bytes, &app.limits)?;
    match bytes.trim_ascii_start().first() {
        Some(b'[') => batch(&bytes, app.limits.batch).map(Asked::Batch),
        _ => Ok(Asked::One(Box::new(from_object(&bytes)?))),
    }
}

/// The request in a JSON object.
pub(super) fn from_object(json: &[u8]) -> Result<Request, Refusal> {
    let parameters: Parameters = serde_json::from_slice(json).map_err(|e| {
        Refusal::bad_request(format!("The request body is not a GraphQL request in JSON: {e}"))
    })?;
    parameters.request()
}

/// The requests of an array. One that is malformed refuses all, before any is run.
fn batch(json: &[u8], limit: usize) -> Result<Vec<Request>, Refusal> {
    let items: Vec<&RawValue> = serde_json::from_slice(json)
        .map_err(|e| Refusal::bad_request(format!("The request body is not JSON: {e}")))?;
    if items.is_empty() {
        let message = "The batch is empty. Send at least one request.";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "NO_ITEMS", message));
    }
    if items.len() > limit {
        let message = format!("The batch has {} requests. Send at most {limit} at a time.", items.len());
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "TOO_MANY_ITEMS", message).over("limits.batch"));
    }
    let request = |(index, item): (usize, &&RawValue)| {
        let malformed =
            |refusal: Refusal| Refusal::bad_request(format!("Request {} of the batch: {refusal}", index + 1));
        from_object(item.get().as_bytes()).map_err(malformed)
    };
    items.iter().enumerate().map(request).collect()
}
