//! The real binary in processes of its own, as an operator runs it. Nothing waits by sleeping: only for lines of output,
//! for an exit, or for an email.

mod commands;
mod embedded;
#[cfg(target_os = "linux")]
mod exports;
mod headers;
mod identity_provider;
mod logs;
mod people;
mod production;
mod rotated_keys;
mod secrets;
mod starting;
mod subscriptions;
