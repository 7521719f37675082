//! One WebSocket, from its first message to its last.

use std::{net::IpAddr, sync::Arc, time::Duration};

use async_graphql::ServerError;
use axum::extract::ws::{Message, WebSocket};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use super::{
    PROTOCOL,
    close::Close,
    message::{FromClient, ToClient},
    operations::Operations,
};
use crate::http::{
    App, bearer::token, graphql::operation::Operation, guard::request_error, refusal::Refusal,
    streams::Place, visitor::Visitor,
};

/// After how many pings without any word a client is taken for gone.
const PATIENCE: u32 = 3;

/// How long a client may take to answer the end, so that it reads why.
const GOODBYE: Duration = Duration::from_secs(2);

/// A WebSocket.
pub(super) struct Socket {
    app: Arc<App>,
    socket: WebSocket,
    address: IpAddr,
    /// The token: of the handshake, or of `connection_init`.
    token: Option<SecretString>,
    is_acknowledged: bool,
    is_stopping: bool,
    operations: Operations,
    place: Place,
}

/// How it ended.
enum End {
    /// The client has gone, or does not read.
    Gone,
    /// This side has a reason.
    Because(Close),
}

impl From<Close> for End {
    fn from(reason: Close) -> Self {
        Self::Because(reason)
    }
}

impl Socket {
    pub(super) fn new(
        app: Arc<App>,
        socket: WebSocket,
        address: IpAddr,
        token: Option<String>,
        place: Place,
    ) -> Self {
        let token = token.map(SecretString::from);
        let operations = Operations::new();
        Self { app, socket, address, token, is_acknowledged: false, is_stopping: false, operations, place }
    }

    /// Serves it until it ends.
    pub(super) async fn serve(mut self) {
        let Err(end) = self.converse().await;
        // Nothing of them reaches the client any more.
        self.operations = Operations::new();
        if let End::Because(reason) = end {
            tracing::debug!(?reason, "closing a WebSocket");
            let goodbye = async {
                self.socket.send(reason.message()).await?;
                while self.socket.recv().await.transpose()?.is_some() {}
                Ok::<_, axum::Error>(())
            };
            // Whether the client hears it or not, this is the end.
            let _ = timeout(GOODBYE, goodbye).await;
        }
    }

    async fn converse(&mut self) -> Result<std::convert::Infallible, End> {
        if self.socket.protocol().is_none_or(|protocol| protocol != PROTOCOL) {
            return Err(Close::Protocol.into());
        }
        let settings = self.app.streams.settings();
        let (init_end, keep_alive) = (Instant::now() + settings.init_timeout(), settings.keep_alive());
        let mut pings = interval(keep_alive);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        let mut stopped = Box::pin(self.app.streams.stopped());
        loop {
            if self.is_stopping && self.operations.len() == 0 {
                return Err(Close::GoingAway.into());
            }
            tokio::select! {
                message = self.socket.recv() => {
                    heard = Instant::now();
                    // Boxed, because a socket is as large as the largest that it can become.
                    Box::pin(self.receive(message)).await?;
                }
                text = self.operations.next() => self.send(Message::text(text)).await?,
                () = sleep_until(init_end), if !self.is_acknowledged => return Err(Close::InitTimeout.into()),
                _ = pings.tick() => {
                    if heard.elapsed() > keep_alive * PATIENCE {
                        return Err(End::Gone);
                    }
                    self.send(Message::Ping(Default::default())).await?;
                }
                () = &mut stopped, if !self.is_stopping => {
                    self.is_stopping = true;
                    self.operations.end_subscriptions();
                }
            }
        }
    }

    async fn receive(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => {
                return Err(Close::Invalid("Only texts are messages".into()).into());
            }
            Some(Ok(Message::Close(_))) => {
                // Answered by the library, as soon as it is asked for more.
                let _ = timeout(GOODBYE, self.socket.recv()).await;
                return Err(End::Gone);
            }
            Some(Err(error)) => return Err(Close::of(error).map_or(End::Gone, End::Because)),
            None => return Err(End::Gone),
        };
        match FromClient::read(&text, &self.app.limits)? {
            FromClient::Init(authorization) => self.init(authorization).await,
            FromClient::Ping(payload) => self.say(&ToClient::Pong { payload }).await,
            FromClient::Pong => Ok(()),
            FromClient::Complete(id) => {
                self.operations.end(&id);
                Ok(())
            }
            FromClient::Subscribe(_, _) if !self.is_acknowledged => Err(Close::Unauthorized.into()),
            FromClient::Subscribe(id, _) if self.operations.is_running(&id) => Err(Close::Exists(id).into()),
            // It will be asked for again, at another process.
            FromClient::Subscribe(_, _) if self.is_stopping => Ok(()),
            FromClient::Subscribe(id, request) => self.subscribe(id, *request).await,
        }
    }

    async fn init(&mut self, authorization: Option<String>) -> Result<(), End> {
        if self.is_acknowledged {
            return Err(Close::InitTwice.into());
        }
        if let Some(authorization) = authorization {
            let token = token(&authorization).map_err(|refusal| Close::Forbidden(refusal.to_string()))?;
            self.token = Some(token.to_owned().into());
        }
        let visitor = self.visitor().await.map_err(|refusal| Close::Forbidden(refusal.to_string()))?;
        self.place.take_for(visitor.caller.as_ref()).map_err(|reason| Close::TooMany(reason.to_string()))?;
        self.is_acknowledged = true;
        self.say(&ToClient::ConnectionAck).await
    }

    async fn subscribe(&mut self, id: String, request: async_graphql::Request) -> Result<(), End> {
        let most = self.app.streams.settings().operations_per_socket;
        if self.operations.len() >= most {
            let message = format!("At most {most} operations can run at one time on one WebSocket.");
            return self.refuse(&id, request_error("TOO_MANY_OPERATIONS", message)).await;
        }
        // Anew for each: a socket lives longer than a token.
        let visitor = self.visitor().await.map_err(|refusal| Close::Forbidden(refusal.to_string()))?;
        if let Err(refusal) = visitor.count(&self.app, 1).await {
            return self.refuse(&id, refusal.into_error()).await;
        }
        match Operation::admit(&self.app, request, &visitor) {
            Ok(operation) => {
                self.operations.start(&self.app, id, operation);
                Ok(())
            }
            Err(error) => self.refuse(&id, error).await,
        }
    }

    /// Who is at the other end, if their token still holds.
    async fn visitor(&mut self) -> Result<Visitor, Refusal> {
        let token = self.token.as_ref().map(ExposeSecret::expose_secret);
        let visitor = Visitor::identify(&self.app, self.address, token);
        let visitor = timeout(self.app.request_timeout, visitor).await;
        visitor.unwrap_or_else(|_| Err(Refusal::timeout(crate::http::graphql::TOO_LONG)))
    }

    async fn refuse(&mut self, id: &str, error: ServerError) -> Result<(), End> {
        self.say(&ToClient::Error { id, payload: &[error] }).await
    }

    async fn say(&mut self, message: &ToClient<'_>) -> Result<(), End> {
        self.send(Message::text(message.to_json())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        let patience = self.app.streams.settings().send_timeout();
        match timeout(patience, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(End::Gone),
        }
    }
}
