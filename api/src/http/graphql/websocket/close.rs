//! How a WebSocket ends: the codes of graphql-transport-ws, and those of WebSockets for the rest.

use std::borrow::Cow;

use axum::extract::ws::{CloseFrame, Message};
use tokio_tungstenite::tungstenite::Error;

/// The most bytes of a reason that fit into a frame.
const MAX_REASON: usize = 123;

/// Why this side ends a WebSocket.
#[derive(Debug)]
pub(super) enum Close {
    /// What came is no message of the protocol.
    Invalid(Cow<'static, str>),
    /// Something was asked for before the connection was acknowledged.
    Unauthorized,
    /// The token was refused, or no longer holds.
    Forbidden(String),
    /// The client offers no protocol that is spoken here.
    Protocol,
    /// The client did not say in time who it is.
    InitTimeout,
    /// An operation with this id is running.
    Exists(String),
    /// The client has said twice who it is.
    InitTwice,
    /// There are too many.
    TooMany(String),
    /// The process stops.
    GoingAway,
    /// What came cannot be read.
    Unreadable(u16, &'static str),
}

impl Close {
    /// What to tell a client whose message cannot be read; nothing if the connection is gone.
    pub(super) fn of(error: axum::Error) -> Option<Self> {
        match error.into_inner().downcast_ref::<Error>()? {
            Error::Capacity(_) => Some(Self::Unreadable(1009, "The message is too large.")),
            Error::Utf8(_) => Some(Self::Unreadable(1007, "The message is not UTF-8.")),
            Error::Protocol(_) => Some(Self::Unreadable(1002, "This is not as a WebSocket should be.")),
            _ => None,
        }
    }

    pub(super) fn message(self) -> Message {
        let (code, reason): (u16, Cow<'static, str>) = match self {
            Self::Invalid(reason) => (4400, reason),
            Self::Unauthorized => (4401, "Unauthorized".into()),
            Self::Forbidden(reason) => (4403, format!("Forbidden: {reason}").into()),
            Self::Protocol => (4406, "Subprotocol not acceptable: use graphql-transport-ws".into()),
            Self::InitTimeout => (4408, "Connection initialisation timeout".into()),
            Self::Exists(id) => (4409, format!("Subscriber for {id} already exists").into()),
            Self::InitTwice => (4429, "Too many initialisation requests".into()),
            Self::TooMany(reason) => (1013, reason.into()),
            Self::GoingAway => (1001, "The server stops. Connect again.".into()),
            Self::Unreadable(code, reason) => (code, reason.into()),
        };
        let reason = &reason[..reason.floor_char_boundary(MAX_REASON)];
        Message::Close(Some(CloseFrame { code, reason: reason.into() }))
    }
}
