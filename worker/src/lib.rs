//! The background worker: brings notifications from the database to the mail server.

pub mod link;
