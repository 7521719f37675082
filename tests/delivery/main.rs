//! How emails come to people, whatever happens on the way; and the real processes.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

mod attempts;
mod emails;
mod newer_schema;
mod processes;
mod queue;
mod transports;
