//! Load: requests over a number of connections, each with one request at a time.

use std::{
    cell::RefCell,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::task::LocalSet;

use crate::http::{Connection, Request};

/// What is sent.
pub(crate) enum Requests {
    /// The same, for so long.
    Same(Request, Duration),
    /// Each of these once.
    Each(Vec<Request>),
}

/// How a good answer is told: cheaply, because each is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Good {
    /// A body of this length: the first one was read in full.
    Length(usize),
    /// A body with this text in it.
    Contains(&'static str),
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Answers {
    /// How long each took; sorted.
    pub(crate) latencies: Vec<Duration>,
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
}

impl Answers {
    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }
}

/// What the connections take their next request from.
enum Source {
    Same(Request, Instant),
    Each(std::vec::IntoIter<Request>),
}

impl Source {
    fn next(&mut self) -> Option<Request> {
        match self {
            Self::Same(request, end) => (Instant::now() < *end).then(|| request.clone()),
            Self::Each(requests) => requests.next(),
        }
    }
}

/// Sends requests over so many connections, which go to the servers by turns. The first answer that is not good ends it with
/// an error.
pub(crate) async fn send(
    servers: &[SocketAddr],
    connections: usize,
    requests: Requests,
    good: Good,
) -> Result<Answers> {
    let mut open = Vec::new();
    for index in 0..connections {
        let server = servers[index % servers.len()];
        open.push(Connection::open(server).await.with_context(|| format!("{server} cannot be reached"))?);
    }
    let start = Instant::now();
    let source = Rc::new(RefCell::new(match requests {
        Requests::Same(request, duration) => Source::Same(request, start + duration),
        Requests::Each(requests) => Source::Each(requests.into_iter()),
    }));
    let local = LocalSet::new();
    let tasks: Vec<_> = open
        .into_iter()
        .map(|connection| local.spawn_local(keep_asking(connection, source.clone(), good)))
        .collect();
    local.await;
    let elapsed = start.elapsed();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    latencies.sort_unstable();
    Ok(Answers { latencies, elapsed })
}

async fn keep_asking(
    mut connection: Connection,
    source: Rc<RefCell<Source>>,
    good: Good,
) -> Result<Vec<Duration>> {
    let mut latencies = Vec::with_capacity(4096);
    loop {
        let request = source.borrow_mut().next();
        let Some(request) = request else { return Ok(latencies) };
        let start = Instant::now();
        let (status, body) = connection.exchange(&request).await?;
        latencies.push(start.elapsed());
        check(status, body, good)?;
    }
}

/// An error with the answer, if it is not good.
pub(crate) fn check(status: u16, body: &[u8], good: Good) -> Result<()> {
    let is_good = match good {
        Good::Length(length) => body.len() == length,
        Good::Contains(text) => body.windows(text.len()).any(|part| part == text.as_bytes()),
    };
    if status == 200 && is_good {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&body[..body.len().min(2000)]);
    bail!("not the answer that was expected ({good:?}), but {status}, {} bytes: {text}", body.len())
}
