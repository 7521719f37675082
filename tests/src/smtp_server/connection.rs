//! One connection, plain or encrypted: lines in, answers out.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {
    /// Has its end be a reset.
    fn reset_at_end(&self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn reset_at_end(&self) -> io::Result<()> {
        self.set_zero_linger()
    }
}

impl Stream for TlsStream<Box<dyn Stream>> {
    fn reset_at_end(&self) -> io::Result<()> {
        self.get_ref().0.reset_at_end()
    }
}

pub(super) struct Connection(BufReader<Box<dyn Stream>>);

impl Connection {
    pub(super) fn new(stream: impl Stream + 'static) -> Self {
        Self(BufReader::new(Box::new(stream)))
    }

    /// Goes on encrypted. What the client has sent too early, in clear, is dropped.
    pub(super) async fn encrypt(self, acceptor: &TlsAcceptor) -> io::Result<Self> {
        Ok(Self::new(acceptor.accept(self.0.into_inner()).await?))
    }

    /// The next line without its CR LF, or nothing if the client has closed the connection.
    pub(super) async fn read_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        loop {
            if self.0.read_until(b'\n', &mut line).await? == 0 {
                return Ok(None);
            }
            // A bare LF is part of the line.
            if line.ends_with(b"\r\n") {
                line.truncate(line.len() - 2);
                return Ok(Some(line));
            }
        }
    }

    /// The mail that follows `DATA`, up to the line with a single dot, without the dots that escape others.
    pub(super) async fn read_mail(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut mail = Vec::new();
        while let Some(line) = self.read_line().await? {
            if line == b"." {
                return Ok(Some(mail));
            }
            mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            mail.extend_from_slice(b"\r\n");
        }
        Ok(None)
    }

    /// Ends the connection in the manner of a machine that has crashed.
    pub(super) fn reset(self) -> io::Result<()> {
        self.0.get_ref().reset_at_end()
    }

    pub(super) async fn write_line(&mut self, line: &str) -> io::Result<()> {
        self.0.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.0.flush().await
    }
}
