//! The statements that reach PostgreSQL, counted on their way; and connections to it that are lost.

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::{On, Roster};

/// The statements that a Roster sends to its database.
#[derive(Clone, Default)]
pub struct Statements {
    count: Arc<AtomicUsize>,
    cut: Arc<Mutex<Option<Cut>>>,
}

/// Where the connection to the database is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Instead of so many statements more: 0 is the next.
    Before(usize),
    /// When the next commit has arrived, and instead of the answer to it.
    AfterCommit,
}

impl Statements {
    /// So many until now.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// Cuts the connection once, that which comes to this point.
    pub fn cut(&self, cut: Cut) {
        *self.plan() = Some(cut);
    }

    /// Whether the cut that was asked for has not been made yet.
    pub fn is_whole(&self) -> bool {
        self.plan().is_some()
    }

    /// The cut that is due at a message; it is used up.
    fn take_cut(&self, message: &[u8]) -> Option<Cut> {
        let mut plan = self.plan();
        match *plan {
            Some(Cut::Before(0)) => plan.take(),
            Some(Cut::AfterCommit) if message.starts_with(b"COMMIT") => plan.take(),
            Some(Cut::Before(more)) => {
                *plan = Some(Cut::Before(more - 1));
                None
            }
            _ => None,
        }
    }

    fn plan(&self) -> MutexGuard<'_, Option<Cut>> {
        self.cut.lock().expect("nothing panics while it holds the plan")
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

async fn forward(listener: TcpListener, server: String, statements: Statements) {
    while let Ok((client, _)) = listener.accept().await {
        let (from_client, to_client) = client.into_split();
        let server = TcpStream::connect(&server).await.expect("the tests' PostgreSQL can be reached");
        let (from_server, to_server) = server.into_split();
        let is_cut = Arc::<AtomicBool>::default();
        tokio::spawn(answers(from_server, to_client, is_cut.clone()));
        tokio::spawn(messages(from_client, to_server, statements.clone(), is_cut));
    }
}

/// Passes what the server says on, until the connection is cut: what comes then is not heard, and the client sees its end.
async fn answers(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    is_cut: Arc<AtomicBool>,
) -> io::Result<()> {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let read = server.read(&mut bytes).await?;
        if read == 0 || is_cut.load(Ordering::SeqCst) {
            return Ok(());
        }
        client.write_all(&bytes[..read]).await?;
    }
}

/// Passes the messages of the PostgreSQL protocol on, and counts those that run something: Execute and Query.
async fn messages(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    statements: Statements,
    is_cut: Arc<AtomicBool>,
) -> io::Result<()> {
    // Only the first message has no letter that says of which kind it is.
    let mut has_kind = false;
    loop {
        let mut head = vec![0; if has_kind { 5 } else { 4 }];
        client.read_exact(&mut head).await?;
        let (kind, length) = head.split_at(head.len() - 4);
        let length = length.try_into().map(u32::from_be_bytes).expect("four bytes");
        let mut body = vec![0; length as usize - 4];
        client.read_exact(&mut body).await?;
        if matches!(kind, [b'E' | b'Q']) {
            statements.count.fetch_add(1, Ordering::SeqCst);
            match statements.take_cut(&body) {
                None => {}
                Some(Cut::Before(_)) => {
                    is_cut.store(true, Ordering::SeqCst);
                    return Ok(());
                }
                Some(Cut::AfterCommit) => is_cut.store(true, Ordering::SeqCst),
            }
        }
        server.write_all(&head).await?;
        server.write_all(&body).await?;
        has_kind = true;
    }
}
