//! How Roster is reached: lists, identity, HTTP, and input of every kind.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

mod export;
mod http;
mod identity;
mod input;
mod list;
mod lists;
mod nodes;
mod reply;
mod rows;
mod subscriptions;
