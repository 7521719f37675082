//! Shared test infrastructure of Roster.

pub mod smtp_server;
