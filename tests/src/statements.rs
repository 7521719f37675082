//! The statements that reach PostgreSQL, counted on their way.

use std::sync::{Arc, Mutex, PoisonError};

use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::{On, Roster};

/// The statements that were sent to a database so far.
#[derive(Clone, Default)]
pub struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    /// A way to a database on which statements can be seen: its address, and what is seen there.
    pub fn on_the_way_to(url: &str) -> (String, Self) {
        let statements = Self::default();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        let listener = TcpListener::from_std(listener).expect("a socket");
        let port = listener.local_addr().expect("a bound port").port();
        let (scheme, rest) = url.split_once("://").expect("an address");
        let (server, database) = rest.rsplit_once('/').expect("an address with a database");
        let (user, server) = server.rsplit_once('@').expect("an address with a user");
        tokio::spawn(forward(listener, server.to_owned(), statements.clone()));
        (format!("{scheme}://{user}@127.0.0.1:{port}/{database}?sslmode=disable"), statements)
    }

    /// So many until now.
    pub fn count(&self) -> usize {
        self.seen().len()
    }

    /// Those until now: `BEGIN` and the like in their words, and `…` for each that was prepared before.
    pub fn seen(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, statement: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(statement);
    }
}

impl Roster {
    /// A Roster on PostgreSQL, where statements can be seen on the wire, and those that it has sent.
    pub async fn counting_statements() -> (Self, Statements) {
        let mut statements = Statements::default();
        let roster = Self::start_with(On::Postgres, |config| {
            let (url, seen) = Statements::on_the_way_to(config.database.url.expose_secret());
            (config.database.url, statements) = (url.into(), seen);
        })
        .await;
        (roster, statements)
    }
}

async fn forward(listener: TcpListener, server: String, seen: Statements) {
    while let Ok((client, _)) = listener.accept().await {
        let (from_client, mut to_client) = client.into_split();
        let server = TcpStream::connect(&server).await.expect("the tests' PostgreSQL can be reached");
        let (mut from_server, to_server) = server.into_split();
        tokio::spawn(async move { copy(&mut from_server, &mut to_client).await });
        tokio::spawn(watch(from_client, to_server, seen.clone()));
    }
}

/// Passes the messages of the PostgreSQL protocol on, and notes those that run something: Execute and Query.
async fn watch(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    seen: Statements,
) -> std::io::Result<()> {
    // Only the first message has no letter that says of which kind it is.
    let mut has_kind = false;
    loop {
        let mut head = vec![0; if has_kind { 5 } else { 4 }];
        client.read_exact(&mut head).await?;
        let (kind, length) = head.split_at(head.len() - 4);
        let length = length.try_into().map(u32::from_be_bytes).expect("four bytes");
        let mut body = vec![0; length as usize - 4];
        client.read_exact(&mut body).await?;
        match kind {
            b"E" => seen.add("…".to_owned()),
            b"Q" => seen.add(String::from_utf8_lossy(&body).trim_end_matches('\0').to_owned()),
            _ => {}
        }
        server.write_all(&head).await?;
        server.write_all(&body).await?;
        has_kind = true;
    }
}
