//! A client that says exactly what a test wants.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::super::SmtpServer;

pub(super) struct Client(BufReader<TcpStream>);

impl Client {
    /// Connects and reads nothing.
    pub(super) async fn connect(server: &SmtpServer) -> Self {
        Self(BufReader::new(TcpStream::connect(server.address()).await.unwrap()))
    }

    /// Connects and says hello.
    pub(super) async fn greeted(server: &SmtpServer) -> Self {
        let mut client = Self::connect(server).await;
        assert_eq!(client.answer().await, "220 localhost ESMTP");
        client.say("EHLO client").await;
        client
    }

    pub(super) async fn send(&mut self, bytes: &str) {
        self.0.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// Sends one line and returns the answer to it.
    pub(super) async fn say(&mut self, line: &str) -> String {
        self.send(&format!("{line}\r\n")).await;
        self.answer().await
    }

    /// The next answer, whose lines are joined by LF; empty if the server has closed the connection.
    pub(super) async fn answer(&mut self) -> String {
        self.try_answer().await.unwrap()
    }

    pub(super) async fn try_answer(&mut self) -> io::Result<String> {
        let mut answer = String::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await? == 0 {
                return Ok(answer);
            }
            answer.push_str(line.trim_end_matches("\r\n"));
            if line.as_bytes()[3] == b' ' {
                return Ok(answer);
            }
            answer.push('\n');
        }
    }

    /// Sends a mail from Ann to Bob and returns the last answer, which need not be about all of it.
    pub(super) async fn send_mail(&mut self, raw: &str) -> String {
        for command in ["MAIL FROM:<ann@example.com>", "RCPT TO:<bob@example.com>", "DATA"] {
            let answer = self.say(command).await;
            if !answer.starts_with(['2', '3']) {
                return answer;
            }
        }
        self.say(&format!("{raw}\r\n.")).await
    }
}
