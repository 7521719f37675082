//! Mail servers and clients beside Roster.

pub(crate) mod bare;
pub(crate) mod relay;
mod relay_client;

pub(crate) use relay_client::Relay;
