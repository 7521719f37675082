//! The background worker: brings notifications from the database to the mail server.
//!
//! The way of a notification: a mutation of the API writes its row and, after the commit, pushes its id into the
//! [`queue`]; a worker takes the id and [delivers](Courier::deliver) the email. What the queue loses, the
//! [sweep](Courier::sweep) finds in the database.

mod config;
mod delivery;
pub mod events;
mod interruption;
pub mod link;
pub mod mail;
mod outage;
pub mod queue;
pub mod redis;
mod run;
mod sweep;
#[cfg(test)]
mod testing;

pub use self::{
    config::{Config, ConfigError},
    delivery::{Courier, Outcome},
    run::run,
    sweep::SweepError,
};
