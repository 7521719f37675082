//! GraphQL over HTTP: from a request to the schema and back, as the specification (draft of 2025) says.
//!
//! `Accept` decides the media type; GET is for queries; a POST body must be `application/json`, which also keeps pages of
//! other origins from posting without a preflight; errors of the request have no `data`.

use async_graphql::{
    Extensions, Request, Response as GraphqlResponse, ServerError, Value, Variables,
    parser::types::OperationType,
};
use axum::{
    body::Body,
    extract::{Query, State},
    http::{Method, StatusCode, header, request::Parts},
    response::Response,
};
use serde::Deserialize;

use super::{
    App,
    bearer::{authenticate, bearer},
    guard,
    media::Media,
    refusal::{Errors, Refusal, reply},
};

/// The most errors in one answer.
const MAX_ERRORS: usize = 50;

/// The parameters of a request, as a POST body has them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    query: Option<String>,
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
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

impl Parameters {
    fn request(self) -> Result<Request, Refusal> {
        let query = self.query.ok_or_else(|| Refusal::bad_request("The parameter \"query\" is missing."))?;
        let mut request = Request::new(query);
        request.operation_name = self.operation_name.filter(|name| !name.is_empty());
        request.variables = self.variables.unwrap_or_default();
        request.extensions = self.extensions.unwrap_or_default();
        Ok(request)
    }
}

/// Answers a request to `/graphql`.
pub(super) async fn handle(State(app): State<App>, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(media) = Media::negotiate(&parts.headers) else {
        let message = "Accept application/graphql-response+json or application/json.";
        return Refusal::not_acceptable(message).response(Media::Json);
    };
    match tokio::time::timeout(app.request_timeout, answer(&app, &parts, body)).await {
        Ok(Ok(response)) => respond(media, response),
        Ok(Err(refusal)) => refusal.response(media),
        Err(_) => {
            let message = "The request took too long and was broken off. Ask for less at a time, and see what of a mutation was done before you send it again.";
            Refusal::timeout(message).response(media)
        }
    }
}

async fn answer(app: &App, parts: &Parts, body: Body) -> Result<GraphqlResponse, Refusal> {
    let mut request = match parts.method {
        Method::GET => from_query(parts)?,
        Method::POST => from_body(parts, body, app.max_body_bytes).await?,
        _ => return Err(Refusal::method("Use GET or POST.", "GET, POST")),
    };
    if let Some(token) = bearer(&parts.headers)? {
        request = request.data(authenticate(&app.authenticator, token).await?);
    }
    match guard::admit(&mut request, &app.limits) {
        Err(error) => Ok(GraphqlResponse::from_errors(vec![error])),
        Ok(OperationType::Mutation) if parts.method == Method::GET => {
            Err(Refusal::method("Only queries may be sent with GET. Use POST.", "POST"))
        }
        Ok(_) => Ok(app.schema.execute(request).await),
    }
}

fn from_query(parts: &Parts) -> Result<Request, Refusal> {
    let Query(parameters) = Query::<QueryParameters>::try_from_uri(&parts.uri).map_err(|e| {
        Refusal::bad_request(format!("The query of the address cannot be read: {}", e.body_text()))
    })?;
    Parameters {
        query: parameters.query,
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

async fn from_body(parts: &Parts, body: Body, max_bytes: usize) -> Result<Request, Refusal> {
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mime = content_type.and_then(|value| value.parse::<mime::Mime>().ok());
    let is_json = mime.is_some_and(|mime| {
        mime.essence_str() == "application/json" && mime.get_param("charset").is_none_or(|c| c == "utf-8")
    });
    if !is_json {
        let message = "The Content-Type must be application/json, in UTF-8.";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message));
    }
    let bytes = axum::body::to_bytes(body, max_bytes).await.map_err(|error| {
        let source = std::error::Error::source(&error);
        if source.is_some_and(|source| source.is::<http_body_util::LengthLimitError>()) {
            let message = format!("The request body is too large: at most {max_bytes} bytes.");
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", message)
        } else {
            Refusal::bad_request("The request body broke off.")
        }
    })?;
    let parameters: Parameters = serde_json::from_slice(&bytes).map_err(|e| {
        Refusal::bad_request(format!("The request body is not a GraphQL request in JSON: {e}"))
    })?;
    parameters.request()
}

fn respond(media: Media, mut response: GraphqlResponse) -> Response {
    response.errors.iter_mut().for_each(complete);
    response.errors.truncate(MAX_ERRORS);
    // An error of the request has no path: nothing was executed.
    let executed = response.errors.is_empty()
        || response.data != Value::Null
        || response.errors.iter().any(|error| !error.path.is_empty());
    if executed {
        return reply(media, StatusCode::OK, &response);
    }
    let status = match media {
        Media::GraphqlResponse => StatusCode::BAD_REQUEST,
        Media::Json => StatusCode::OK,
    };
    reply(media, status, &Errors { errors: &response.errors })
}

/// Gives the library's own errors a code, and hides what a resolver let slip: the text of a foreign error is not for
/// clients.
fn complete(error: &mut ServerError) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_some() {
        return;
    }
    if error.source.take().is_some() {
        tracing::error!(path = ?error.path, message = error.message, "a resolver failed");
        extensions.set("code", "INTERNAL_SERVER_ERROR");
        error.message = "Something went wrong on our side. Try again.".to_owned();
    } else if error.path.is_empty() {
        extensions.set("code", "GRAPHQL_VALIDATION_FAILED");
    } else {
        // A value that turned out not to fit its type when its field was run.
        extensions.set("code", "BAD_USER_INPUT");
    }
}
