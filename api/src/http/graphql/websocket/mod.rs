//! GraphQL over a WebSocket, as the protocol graphql-transport-ws says: opening one. What happens on it is in [`socket`].

mod close;
mod message;
mod operations;
mod socket;

use std::sync::Arc;

use axum::{
    RequestPartsExt,
    extract::WebSocketUpgrade,
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use self::socket::Socket;
use super::super::{App, bearer::bearer, media::Media, refusal::Refusal};

const PROTOCOL: &str = "graphql-transport-ws";

/// What a socket keeps for what comes in: the library's own default is 128 KiB for each.
const READ_BUFFER: usize = 2 * 1024;

/// Whether a request asks for a WebSocket: by an upgrade (HTTP/1), or CONNECT (HTTP/2).
pub(super) fn is_asked_for(parts: &Parts) -> bool {
    let upgrade = parts.headers.get(header::UPGRADE).and_then(|value| value.to_str().ok());
    let upgrades = upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"));
    parts.method == Method::CONNECT || (parts.method == Method::GET && upgrades)
}

/// Opens a WebSocket, or says why not.
pub(super) async fn open(app: Arc<App>, mut parts: Parts) -> Response {
    let authorization = match check(&app, &parts.headers) {
        Ok(authorization) => authorization,
        Err(refusal) => return refusal.response(Media::Json),
    };
    let upgrade = match parts.extract::<WebSocketUpgrade>().await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let place = match app.streams.place() {
        Ok(place) => place,
        Err(reason) => {
            let refusal =
                Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "TOO_MANY_CONNECTIONS", reason.to_string());
            return refusal.response(Media::Json);
        }
    };
    let address = app.client_address.of(&parts.headers, &parts.extensions);
    upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .max_message_size(app.max_body_bytes)
        .max_frame_size(app.max_body_bytes)
        .on_upgrade(async move |socket| {
            let streams = app.streams.clone();
            // Boxed: a task is as large as the largest that it can become.
            streams.track(Box::pin(Socket::new(app, socket, address, authorization, place).serve())).await;
        })
}

/// The token of the handshake, if it has one.
fn check(app: &App, headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    check_origin(app, headers)?;
    Ok(bearer(headers)?.map(str::to_owned))
}

/// Browsers say from where a page is, and let it open a WebSocket to anywhere: there is no CORS.
fn check_origin(app: &App, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let same_host = origin.split_once("://").is_some_and(|(_, of)| Some(of) == host);
    if same_host || app.allowed_origins.iter().any(|allowed| allowed == origin) {
        return Ok(());
    }
    let message =
        "Pages of this origin may not open a WebSocket. Add it to the setting http.allowed_origins.";
    Err(Refusal::new(StatusCode::FORBIDDEN, "ORIGIN_NOT_ALLOWED", message))
}
