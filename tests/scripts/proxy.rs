//! What stands between a script and Roster, and fails as a test decides.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use roster_tests::Roster;
use tokio::{
    net::TcpListener,
    sync::{Notify, Semaphore},
};

/// What is done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is carried out and answered.
    Through,
    /// It is carried out, and the answer is lost.
    Lost,
    /// It does not arrive: 503.
    Refused,
    /// It does not arrive: 429, and it may come again at once.
    Postponed,
    /// It waits until the test lets it go on.
    Held,
}

/// Passes requests on to a Roster.
#[derive(Clone)]
pub(crate) struct Proxy(Arc<Inner>);

struct Inner {
    roster: Roster,
    url: String,
    /// Of the requests that change something, in the order in which they come; the last holds for all that follow.
    fates: Vec<Fate>,
    changes: Mutex<Vec<String>>,
    held: Notify,
    released: Semaphore,
}

impl Proxy {
    /// What meets with these fates are requests with this mutation.
    pub(crate) async fn before(roster: &Roster, fates: &[Fate]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let proxy = Self(Arc::new(Inner {
            roster: roster.clone(),
            url,
            fates: fates.to_vec(),
            changes: Mutex::default(),
            held: Notify::new(),
            released: Semaphore::new(0),
        }));
        let router = Router::new().fallback(pass).with_state(proxy.clone());
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        proxy
    }

    pub(crate) fn url(&self) -> &str {
        &self.0.url
    }

    /// The idempotency keys of the changes that came, in their order.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.0.changes.lock().unwrap().clone()
    }

    /// Waits until a request is held.
    pub(crate) async fn holds(&self) {
        self.0.held.notified().await;
    }

    /// Lets what is held go on.
    pub(crate) fn release(&self) {
        self.0.released.add_permits(1);
    }

    fn fate(&self, body: &[u8]) -> Fate {
        let request: serde_json::Value = serde_json::from_slice(body).unwrap();
        let Some(key) = request["variables"]["input"]["idempotencyKey"].as_str() else {
            return Fate::Through;
        };
        let mut changes = self.0.changes.lock().unwrap();
        changes.push(key.to_owned());
        *self.0.fates.get(changes.len() - 1).unwrap_or_else(|| self.0.fates.last().unwrap())
    }
}

async fn pass(State(proxy): State<Proxy>, headers: HeaderMap, body: Bytes) -> Response {
    let fate = proxy.fate(&body);
    if fate == Fate::Refused {
        return answer(StatusCode::SERVICE_UNAVAILABLE, "being deployed");
    }
    if fate == Fate::Postponed {
        let mut answer = answer(StatusCode::TOO_MANY_REQUESTS, "too many requests");
        answer.headers_mut().insert(header::RETRY_AFTER, 0.into());
        return answer;
    }
    if fate == Fate::Held {
        proxy.0.held.notify_one();
        proxy.0.released.acquire().await.unwrap().forget();
    }
    let request = proxy.0.roster.http().post(format!("{}/graphql", proxy.0.roster.url())).body(body);
    let kept =
        [header::AUTHORIZATION, header::CONTENT_TYPE].map(|name| (name.clone(), headers[&name].clone()));
    let reply = request.headers(HeaderMap::from_iter(kept)).send().await.unwrap();
    let (status, bytes) = (reply.status(), reply.bytes().await.unwrap());
    match fate {
        Fate::Lost => answer(StatusCode::BAD_GATEWAY, "lost"),
        _ => answer(StatusCode::from_u16(status.as_u16()).unwrap(), bytes),
    }
}

fn answer(status: StatusCode, body: impl Into<Body>) -> Response {
    Response::builder().status(status).body(body.into()).unwrap()
}
