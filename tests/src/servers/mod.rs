//! Servers of a test's own, for tests that kill them. They end with the test, also when it fails.

mod postgres;
mod redis;
#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, TcpListener};

pub use postgres::{PostgresServer, Stop};
pub use redis::RedisServer;

/// How often another port is tried, as somebody else may take it before the server does.
const ATTEMPTS: usize = 5;

/// A port that is probably free, below those which the kernel gives to clients: so it is still free when the server is
/// started again.
pub(crate) fn draw_port() -> u16 {
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    std::iter::repeat_with(|| fastrand::u16(20_000..32_000)).find(free).expect("it goes on for ever")
}
