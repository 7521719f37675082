//! A WebSocket with graphql-transport-ws.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        handshake::client::Request,
        http::{HeaderName, HeaderValue},
        protocol::CloseFrame,
    },
};

use super::PATIENCE;

/// The client's end of a WebSocket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens one, and says nothing yet.
    pub async fn open(url: &str) -> Self {
        let opened = Self::open_with(url, &[("sec-websocket-protocol", "graphql-transport-ws")]).await;
        opened.unwrap_or_else(|status| panic!("refused with {status}"))
    }

    /// Opens one, says whose it is, and waits for the acknowledgement.
    pub async fn open_as(url: &str, token: Option<&str>) -> Self {
        let mut socket = Self::open(url).await;
        socket.init(token).await;
        assert_eq!(socket.hear().await, json!({ "type": "connection_ack" }));
        socket
    }

    /// Opens one with these headers; or the status of the refusal.
    pub async fn open_with(url: &str, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let address = format!("{}/graphql", url.replacen("http://", "ws://", 1));
        let mut request: Request = address.into_client_request().expect("an address");
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).expect("a header");
            request.headers_mut().append(HeaderName::from_static(name), value);
        }
        match timeout(PATIENCE, connect_async(request)).await.expect("an answer in time") {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Says whose it is.
    pub async fn init(&mut self, token: Option<&str>) {
        let payload = token.map(|token| json!({ "Authorization": format!("Bearer {token}") }));
        self.say(json!({ "type": "connection_init", "payload": payload })).await;
    }

    /// Sends a message.
    pub async fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    /// Asks for an operation.
    pub async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({ "type": "subscribe", "id": id, "payload": { "query": query } })).await;
    }

    /// Sends a frame of any kind.
    pub async fn send(&mut self, message: Message) {
        self.try_send(message).await.expect("the socket is open");
    }

    /// The same, to a server that may not take it.
    pub async fn try_send(&mut self, message: Message) -> Result<(), Error> {
        timeout(PATIENCE, self.0.send(message)).await.expect("it is taken in time")
    }

    /// Writes bytes that are no frame of the library's.
    pub async fn write(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).await.expect("the socket is open");
    }

    /// The next message of the protocol.
    pub async fn hear(&mut self) -> Value {
        match self.frame().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).expect("a message in JSON"),
            other => panic!("{other:?}"),
        }
    }

    /// The next message of the protocol; nothing if the server ends it instead.
    pub async fn hears_or_is_closed(&mut self) -> Option<Value> {
        match self.frame().await {
            Some(Message::Text(text)) => Some(serde_json::from_str(&text).expect("a message in JSON")),
            _ => None,
        }
    }

    /// The server must end it, whatever it says before: the code, and the reason.
    pub async fn is_closed(&mut self) -> (u16, String) {
        let (_, frame) = self.rest().await;
        (frame.code.into(), frame.reason.to_string())
    }

    /// All that the server says until it ends it, and with which code.
    pub async fn to_the_end(&mut self) -> (Vec<Value>, u16) {
        let (messages, frame) = self.rest().await;
        (messages, frame.code.into())
    }

    async fn rest(&mut self) -> (Vec<Value>, CloseFrame) {
        let mut messages = Vec::new();
        loop {
            match self.frame().await {
                Some(Message::Close(Some(frame))) => return (messages, frame),
                Some(Message::Text(text)) => messages.push(serde_json::from_str(&text).expect("JSON")),
                other => panic!("{other:?}"),
            }
        }
    }

    /// The connection must have ended, with or without a word.
    pub async fn is_gone(&mut self) {
        while !matches!(self.frame().await, None | Some(Message::Close(_))) {}
    }

    /// Waits until the server asks whether somebody is there.
    pub async fn is_pinged(&mut self) {
        let ping = async { while !matches!(self.0.next().await, Some(Ok(Message::Ping(_)))) {} };
        timeout(PATIENCE, ping).await.expect("a ping in time");
    }

    /// Ends it from this side, in good order.
    pub async fn close(mut self) {
        self.0.close(None).await.expect("the socket is open");
        self.is_gone().await;
    }

    /// The next frame that is no ping or pong; nothing if the connection has ended.
    async fn frame(&mut self) -> Option<Message> {
        let next = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(message)) => return Some(message),
                    Some(Err(_)) | None => return None,
                }
            }
        };
        timeout(PATIENCE, next).await.expect("something in time")
    }
}
