//! Tests of the server, as nothing else tells whether it behaves like a real one.

mod client;
mod dialogue;
mod mails;
mod misbehaviour;
mod outages;
mod receipts;
mod transports;
