//! A client for HTTP/1.1 that costs next to nothing: it shares the machine with what it measures. It sends requests that
//! were made beforehand, and reads answers that have a `Content-Length`.

use std::{io, net::SocketAddr, rc::Rc};

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A request as it goes over the wire.
pub(crate) type Request = Rc<[u8]>;

/// A POST of JSON to `/graphql`, by whoever has `token`.
pub(crate) fn graphql(token: &str, query: &str, variables: &serde_json::Value) -> Request {
    let body = serde_json::json!({ "query": query, "variables": variables }).to_string();
    let length = body.len();
    format!(
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
    .into()
}

/// A GET.
pub(crate) fn get(path: &str) -> Request {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n").into_bytes().into()
}

/// A connection that stays open.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// The head of an answer.
#[derive(Debug, PartialEq)]
struct Head {
    status: u16,
    /// Where the body begins.
    start: usize,
    /// The length of the body.
    length: usize,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request; the status and body of the answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let mut head = None;
        let head = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the server has closed the connection before its answer was complete");
            }
            if head.is_none() {
                head = Head::parse(&self.buffer)?;
            }
            let Some(Head { start, length, .. }) = head else { continue };
            let missing = (start + length).saturating_sub(self.buffer.len());
            if missing == 0 {
                break head.context("it was found")?;
            }
            self.buffer.reserve(missing);
        };
        Ok((head.status, &self.buffer[head.start..head.start + head.length]))
    }
}

impl Head {
    /// `None` while it is not complete.
    fn parse(bytes: &[u8]) -> Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
        let text = str::from_utf8(&bytes[..end]).context("the head of an answer is text")?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let mut headers = lines.filter_map(|line| line.split_once(':'));
        let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let length = length.and_then(|(_, value)| value.trim().parse().ok());
        match (status, length) {
            (Some(status), Some(length)) => Ok(Some(Self { status, start: end + 4, length })),
            _ => bail!("an answer needs a status and a Content-Length:\n{text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_when_it_is_complete() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(Head::parse(&answer[..40]).unwrap(), None);
        let head = Head::parse(answer).unwrap().unwrap();
        assert_eq!(head, Head { status: 200, start: answer.len() - 2, length: 2 });
    }

    #[test]
    fn an_answer_without_a_length_is_refused() {
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}").is_err());
    }

    #[tokio::test]
    async fn answers_that_come_in_pieces_are_put_together() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            for piece in [
                "HTTP/1.1 200 OK\r\ncontent-le",
                "ngth: 5\r\n\r\nab",
                "cde",
                "HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n",
            ] {
                stream.write_all(piece.as_bytes()).await.unwrap();
                if piece.starts_with("cde") {
                    stream.read_exact(&mut [0; 1]).await.unwrap();
                }
                tokio::task::yield_now().await;
            }
        });
        let mut connection = Connection::open(address).await.unwrap();
        assert_eq!(connection.exchange(b"").await.unwrap(), (200, &b"abcde"[..]));
        assert_eq!(connection.exchange(b"x").await.unwrap(), (404, &b""[..]));
        server.await.unwrap();
    }
}
