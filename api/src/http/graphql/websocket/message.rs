//! The messages of graphql-transport-ws.

use async_graphql::{Request, ServerError};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::close::Close;
use crate::http::{
    graphql::{answer::Answer, read},
    guard::{Limits, values::check_json},
};

/// The longest id of an operation, in bytes. Clients number them, or use UUIDs.
const MAX_ID: usize = 128;

/// What a client says.
pub(super) enum FromClient {
    /// Who it is: its `Authorization`, if it gives one.
    Init(Option<String>),
    Ping(Option<Box<RawValue>>),
    Pong,
    /// Run this, and call it so.
    Subscribe(String, Box<Request>),
    /// No more of this.
    Complete(String),
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: Kind,
    id: Option<String>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    ConnectionInit,
    Ping,
    Pong,
    Subscribe,
    Complete,
}

/// The payload of `connection_init`. What else it may hold is the business of others.
#[derive(Default, Deserialize)]
#[serde(expecting = "an object")]
struct Init {
    #[serde(alias = "Authorization")]
    authorization: Option<String>,
}

impl FromClient {
    /// Reads a message, after it was counted.
    pub(super) fn read(text: &str, limits: &Limits) -> Result<Self, Close> {
        check_json(text.as_bytes(), limits).map_err(|error| Close::Invalid(error.message.into()))?;
        let envelope: Envelope<'_> =
            serde_json::from_str(text).map_err(|e| Close::Invalid(format!("Invalid message: {e}").into()))?;
        let payload = envelope.payload.filter(|payload| payload.get() != "null");
        Ok(match envelope.kind {
            Kind::ConnectionInit => {
                let init = payload.map(|payload| serde_json::from_str::<Init>(payload.get()));
                let init = init.transpose().map_err(|e| invalid_payload(&e))?;
                Self::Init(init.unwrap_or_default().authorization)
            }
            Kind::Ping => {
                is_object(payload)?;
                Self::Ping(payload.map(RawValue::to_owned))
            }
            Kind::Pong => {
                is_object(payload)?;
                Self::Pong
            }
            Kind::Complete => Self::Complete(valid_id(envelope.id)?),
            Kind::Subscribe => {
                let id = valid_id(envelope.id)?;
                let json =
                    payload.ok_or(Close::Invalid("Invalid message: subscribe needs a payload".into()))?;
                let request = read::from_object(json.get().as_bytes());
                let request = request.map_err(|refusal| Close::Invalid(refusal.to_string().into()))?;
                Self::Subscribe(id, Box::new(request))
            }
        })
    }
}

fn valid_id(id: Option<String>) -> Result<String, Close> {
    match id {
        Some(id) if (1..=MAX_ID).contains(&id.len()) => Ok(id),
        _ => Err(Close::Invalid("Invalid message: the id should be a text of 1 to 128 bytes".into())),
    }
}

fn is_object(payload: Option<&RawValue>) -> Result<(), Close> {
    let Some(payload) = payload else { return Ok(()) };
    let object: Result<std::collections::HashMap<String, IgnoredAny>, _> =
        serde_json::from_str(payload.get());
    object.map(drop).map_err(|e| invalid_payload(&e))
}

fn invalid_payload(error: &serde_json::Error) -> Close {
    Close::Invalid(format!("Invalid payload: {error}").into())
}

/// What a client is told.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ToClient<'a> {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Box<RawValue>>,
    },
    Next {
        id: &'a str,
        payload: &'a Answer,
    },
    Error {
        id: &'a str,
        payload: &'a [ServerError],
    },
    Complete {
        id: &'a str,
    },
}

impl ToClient<'_> {
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a message is plain data")
    }
}
