//! Subscriptions: what those who watch an organization are told, over which transports, and how it ends.

mod access;
mod kinds;
mod protocol;
mod server_sent_events;
mod slow_readers;
mod sockets;
