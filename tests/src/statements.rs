//! The statements that reach PostgreSQL, counted on their way, and its remarks; and connections to it that are lost.

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::{On, Roster};

/// The statements that were sent to a database so far.
#[derive(Clone, Default)]
pub struct Statements {
    seen: Arc<Mutex<Vec<String>>>,
    notices: Arc<Mutex<Vec<String>>>,
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
        self.seen_so_far().clone()
    }

    /// What the server has remarked since this was asked last.
    pub(crate) fn take_notices(&self) -> Vec<String> {
        std::mem::take(&mut *self.notices.lock().expect("nothing panics while it holds the list"))
    }

    /// Cuts the connection once, that which comes to this point.
    pub fn cut(&self, cut: Cut) {
        *self.plan() = Some(cut);
    }

    /// Whether the cut that was asked for has not been made yet.
    pub fn is_whole(&self) -> bool {
        self.plan().is_some()
    }

    /// The cut that is due at a statement; it is used up.
    fn take_cut(&self, statement: &str) -> Option<Cut> {
        let mut plan = self.plan();
        match *plan {
            Some(Cut::Before(0)) => plan.take(),
            Some(Cut::AfterCommit) if statement == "COMMIT" => plan.take(),
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

    fn seen_so_far(&self) -> MutexGuard<'_, Vec<String>> {
        self.seen.lock().expect("nothing panics while it holds the list")
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

async fn forward(listener: TcpListener, server: String, statements: Statements) {
    while let Ok((client, _)) = listener.accept().await {
        let server = TcpStream::connect(&server).await.expect("the tests' PostgreSQL can be reached");
        // Messages pass one by one: none waits until the one before was heard.
        client.set_nodelay(true).expect("a socket");
        server.set_nodelay(true).expect("a socket");
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let is_cut = Arc::<AtomicBool>::default();
        tokio::spawn(answers(from_server, to_client, statements.clone(), is_cut.clone()));
        tokio::spawn(messages(from_client, to_server, statements.clone(), is_cut));
    }
}

/// Passes what the server says on, until the connection is cut: what comes then is not heard, and the client sees its end.
async fn answers(
    server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    statements: Statements,
    is_cut: Arc<AtomicBool>,
) -> io::Result<()> {
    let mut server = BufReader::new(server);
    loop {
        let mut message = vec![0; 5];
        server.read_exact(&mut message).await?;
        let length = message[1..].try_into().map(u32::from_be_bytes).expect("four bytes");
        message.resize(1 + length as usize, 0);
        server.read_exact(&mut message[5..]).await?;
        if is_cut.load(Ordering::SeqCst) {
            return Ok(());
        }
        if message[0] == b'N' {
            let text = text_of(&message[5..]);
            statements.notices.lock().expect("nothing panics while it holds the list").push(text);
        }
        client.write_all(&message).await?;
    }
}

/// The text of a notice, among its fields: each a letter and a text that ends with a zero.
fn text_of(notice: &[u8]) -> String {
    let text = notice.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"M"));
    String::from_utf8_lossy(text.unwrap_or_default()).into_owned()
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
        let text = match kind {
            b"E" => Some("…".to_owned()),
            b"Q" => Some(String::from_utf8_lossy(&body).trim_end_matches('\0').to_owned()),
            _ => None,
        };
        if let Some(text) = text {
            let cut = statements.take_cut(&text);
            statements.seen_so_far().push(text);
            if cut.is_some() {
                is_cut.store(true, Ordering::SeqCst);
            }
            if let Some(Cut::Before(_)) = cut {
                return Ok(());
            }
        }
        head.extend(body);
        server.write_all(&head).await?;
        has_kind = true;
    }
}
