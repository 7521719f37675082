//! Nothing lost, one winner: what PRODUCT.md promises in section 5, under faults, races, crashes, hostile clocks and chance.
//! `make test` runs a short form of each, `make soak` a long one.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

mod crash_points;
mod faults;
mod lost_connections;
mod model;
mod races;
mod time;
