//! The statements that reach PostgreSQL, counted on their way.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::{On, Roster};

/// How many statements a Roster has sent to its database so far.
#[derive(Clone, Default)]
pub struct Statements(Arc<AtomicUsize>);

impl Statements {
    /// So many until now.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Roster {
    /// A Roster on PostgreSQL, where statements can be seen on the wire, and how many it has sent.
    pub async fn counting_statements() -> (Self, Statements) {
        let statements = Statements::default();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        let listener = TcpListener::from_std(listener).expect("a socket");
        let port = listener.local_addr().expect("a bound port").port();
        let count = statements.clone();
        let roster = Self::start_with(On::Postgres, |config| {
            let url = config.database.url.expose_secret();
            let (scheme, rest) = url.split_once("://").expect("an address");
            let (server, database) = rest.rsplit_once('/').expect("an address with a database");
            let (user, server) = server.rsplit_once('@').expect("an address with a user");
            tokio::spawn(forward(listener, server.to_owned(), count));
            config.database.url =
                format!("{scheme}://{user}@127.0.0.1:{port}/{database}?sslmode=disable").into();
        })
        .await;
        (roster, statements)
    }
}

async fn forward(listener: TcpListener, server: String, count: Statements) {
    while let Ok((client, _)) = listener.accept().await {
        let (from_client, mut to_client) = client.into_split();
        let server = TcpStream::connect(&server).await.expect("the tests' PostgreSQL can be reached");
        let (mut from_server, to_server) = server.into_split();
        tokio::spawn(async move { copy(&mut from_server, &mut to_client).await });
        tokio::spawn(count_statements(from_client, to_server, count.clone()));
    }
}

/// Passes the messages of the PostgreSQL protocol on, and counts those that run something: Execute and Query.
async fn count_statements(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    count: Statements,
) -> std::io::Result<()> {
    // Only the first message has no letter that says of which kind it is.
    let mut has_kind = false;
    loop {
        let mut head = vec![0; if has_kind { 5 } else { 4 }];
        client.read_exact(&mut head).await?;
        let (kind, length) = head.split_at(head.len() - 4);
        if matches!(kind, [b'E' | b'Q']) {
            count.0.fetch_add(1, Ordering::SeqCst);
        }
        let length = length.try_into().map(u32::from_be_bytes).expect("four bytes");
        let mut body = vec![0; length as usize - 4];
        client.read_exact(&mut body).await?;
        server.write_all(&head).await?;
        server.write_all(&body).await?;
        has_kind = true;
    }
}
