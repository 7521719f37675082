//! Subscriptions that nothing is told.

use std::net::SocketAddr;

use anyhow::{Result, bail, ensure};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{seed::Block, site::Site};

const SUBSCRIPTION: &str =
    "subscription ($organization: ID!) { organizationEvents(organizationId: $organization) { kind } }";
/// The first event of each.
const STARTED: &[u8] = b"STREAM_STARTED";

/// How subscriptions come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    WebSocket,
    EventStream,
}

impl Transport {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::WebSocket => "WebSockets",
            Self::EventStream => "event streams (SSE)",
        }
    }
}

/// The memory of a `roster serve` without subscriptions, and with so many, in bytes.
pub(super) async fn memory(
    site: &Site,
    block: &Block,
    token: &str,
    transport: Transport,
    count: usize,
) -> Result<(u64, u64)> {
    let mut command = site.roster(&["serve"]);
    command.env("ROSTER_STREAMS__CONNECTIONS_PER_CALLER", (2 * count).to_string());
    let server = site.serve_as(command, token).await?;
    // One before it is measured, for what is made once.
    let mut open = vec![subscribe(server.address, transport, block, token).await?];
    let before = server.memory()?;
    for _ in 0..count {
        open.push(subscribe(server.address, transport, block, token).await?);
    }
    let with = server.memory()?;
    ensure!(open.len() == count + 1, "all of them are open until here");
    server.process.stop().await?;
    Ok((before, with))
}

/// A connection with a subscription that has started.
async fn subscribe(
    server: SocketAddr,
    transport: Transport,
    block: &Block,
    token: &str,
) -> Result<TcpStream> {
    let stream = TcpStream::connect(server).await;
    let mut stream = stream.map_err(|error| anyhow::anyhow!("{error}: is `ulimit -n` at least 4096?"))?;
    let operation = json!({ "query": SUBSCRIPTION, "variables": { "organization": block.organization() } });
    match transport {
        Transport::WebSocket => {
            let upgrade = "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n";
            stream.write_all(upgrade.as_bytes()).await?;
            wait_for(&mut stream, b"101 Switching Protocols").await?;
            let authorization = json!({ "Authorization": format!("Bearer {token}") });
            let init = json!({ "type": "connection_init", "payload": authorization });
            stream.write_all(&frame(&init.to_string())).await?;
            wait_for(&mut stream, b"connection_ack").await?;
            let subscribe = json!({ "type": "subscribe", "id": "1", "payload": operation });
            stream.write_all(&frame(&subscribe.to_string())).await?;
        }
        Transport::EventStream => {
            let body = operation.to_string();
            let head = format!(
                "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(head.as_bytes()).await?;
        }
    }
    wait_for(&mut stream, STARTED).await?;
    Ok(stream)
}

async fn wait_for(stream: &mut TcpStream, part: &[u8]) -> Result<()> {
    let mut seen = Vec::new();
    while !seen.windows(part.len()).any(|some| some == part) {
        if stream.read_buf(&mut seen).await? == 0 {
            bail!("closed instead of {}: {}", String::from_utf8_lossy(part), String::from_utf8_lossy(&seen));
        }
    }
    Ok(())
}

/// A text message as a client sends it: masked, here with zeros, which change nothing.
fn frame(text: &str) -> Vec<u8> {
    const FINAL_TEXT: u8 = 0x81;
    const MASKED: u8 = 0x80;
    let mut frame = vec![FINAL_TEXT];
    match u16::try_from(text.len()) {
        Ok(length @ 0..126) => frame.push(MASKED | length as u8),
        Ok(length) => {
            frame.push(MASKED | 126);
            frame.extend(length.to_be_bytes());
        }
        Err(_) => unreachable!("what is sent here is short"),
    }
    frame.extend([0; 4]);
    frame.extend(text.bytes());
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_have_their_length() {
        assert_eq!(frame("ab"), b"\x81\x82\0\0\0\0ab");
        let long = frame(&"x".repeat(300));
        assert_eq!((&long[..4], long.len()), (&b"\x81\xfe\x01\x2c"[..], 308));
    }
}
