//! A mail server that answers as a test wants, and remembers what it was told on each connection.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

/// Longer than anything takes here.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the server does.
pub(crate) enum Answer {
    Say(&'static str),
    /// Rings the bell, and says it as soon as the test lets it.
    Hold(&'static str),
    /// Rings the bell, then says nothing for ever.
    Silence,
    /// Says it, and closes the connection.
    SayAndClose(&'static str),
}

/// Answers a line that came on a connection (they count from 1). The line is `CONNECT` at the start, and `.` when an
/// email is complete.
pub(crate) type Script = fn(connection: usize, line: &str) -> Answer;

pub(crate) struct SmtpServer {
    pub(crate) port: u16,
    /// A permit for each ring.
    bell: Arc<Semaphore>,
    /// A permit for each answer that may be given after it was held.
    gate: Arc<Semaphore>,
    connections: Arc<Mutex<Vec<Vec<String>>>>,
}

/// Takes every email.
pub(crate) fn polite(_: usize, line: &str) -> Answer {
    Answer::Say(match line.split(' ').next().unwrap_or_default() {
        "CONNECT" => "220 mail.example.com",
        "EHLO" => "250-mail.example.com\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN",
        "STARTTLS" => "220 go on",
        "AUTH" => "235 welcome",
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        _ => "250 ok",
    })
}

impl SmtpServer {
    pub(crate) async fn start(script: Script) -> Self {
        Self::start_with(script, None, false).await
    }

    /// With TLS from the first byte, or after STARTTLS.
    pub(crate) async fn start_with(script: Script, tls: Option<TlsAcceptor>, from_first_byte: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (bell, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let connections = Arc::<Mutex<Vec<Vec<String>>>>::default();
        let server = Self { port, bell: bell.clone(), gate: gate.clone(), connections: connections.clone() };
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let number = {
                    let mut connections = connections.lock().unwrap();
                    connections.push(Vec::new());
                    connections.len()
                };
                let conversation = Conversation {
                    script,
                    number,
                    bell: bell.clone(),
                    gate: gate.clone(),
                    connections: connections.clone(),
                };
                tokio::spawn(conversation.serve(tcp, tls.clone(), from_first_byte));
            }
        });
        server
    }

    /// Waits for the bell to have rung so many times more.
    pub(crate) fn rung(&self, times: u32) -> impl Future<Output = ()> + Send + use<> {
        let bell = self.bell.clone();
        async move { bell.acquire_many(times).await.unwrap().forget() }
    }

    /// Lets so many held answers go.
    pub(crate) fn release(&self, answers: usize) {
        self.gate.add_permits(answers);
    }

    /// Waits until this is the last line that came on a connection.
    pub(crate) async fn heard_last(&self, connection: usize, line: &str) {
        let heard = async {
            while self.heard()[connection - 1].last().is_none_or(|last| last != line) {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, heard).await.unwrap_or_else(|_| panic!("no {line} in {:?}", self.heard()));
    }

    /// The lines that came on each connection.
    pub(crate) fn heard(&self) -> Vec<Vec<String>> {
        self.connections.lock().unwrap().clone()
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

struct Conversation {
    script: Script,
    number: usize,
    bell: Arc<Semaphore>,
    gate: Arc<Semaphore>,
    connections: Arc<Mutex<Vec<Vec<String>>>>,
}

impl Conversation {
    /// A client that hangs up ends it; so does a handshake that fails.
    async fn serve(self, tcp: TcpStream, tls: Option<TlsAcceptor>, from_first_byte: bool) -> Option<()> {
        let mut stream: Box<dyn Stream> = match &tls {
            Some(tls) if from_first_byte => Box::new(tls.accept(tcp).await.ok()?),
            _ => Box::new(tcp),
        };
        self.answer(&mut stream, "CONNECT").await?;
        let mut reader = BufReader::new(stream);
        let mut in_email = false;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            self.connections.lock().unwrap()[self.number - 1].push(line.to_owned());
            if in_email && line != "." {
                continue;
            }
            self.answer(reader.get_mut(), line).await?;
            in_email = line == "DATA";
            if let ("STARTTLS", Some(tls)) = (line, &tls) {
                reader = BufReader::new(Box::new(tls.accept(reader.into_inner()).await.ok()?));
            }
        }
    }

    async fn answer(&self, stream: &mut Box<dyn Stream>, line: &str) -> Option<()> {
        match (self.script)(self.number, line) {
            Answer::Say(reply) => stream.write_all(format!("{reply}\r\n").as_bytes()).await.ok(),
            Answer::SayAndClose(reply) => {
                stream.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
                None
            }
            Answer::Hold(reply) => {
                self.bell.add_permits(1);
                self.gate.acquire().await.unwrap().forget();
                stream.write_all(format!("{reply}\r\n").as_bytes()).await.ok()
            }
            Answer::Silence => {
                self.bell.add_permits(1);
                std::future::pending().await
            }
        }
    }
}
