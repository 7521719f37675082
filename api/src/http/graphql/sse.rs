//! Server-sent events: an operation with the answers that it has, as the protocol graphql-sse has them in "distinct connections
//! mode": one event `next` for each answer, and one `complete` at the end.

use std::{convert::Infallible, pin::Pin, time::Duration};

use async_graphql::{Request, Response as GraphqlResponse, parser::types::OperationType};
use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use futures_util::{Stream, StreamExt, stream};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_util::{sync::WaitForCancellationFutureOwned, task::AbortOnDropHandle};

use super::{
    super::{
        App,
        refusal::{Refusal, protect},
        streams::{NoPlace, Place},
        visitor::Visitor,
    },
    answer::Answer,
    operation::Operation,
};

/// A comment: a client does nothing with it.
const KEEP_ALIVE: &str = ":\n\n";
const COMPLETE: &str = "event: complete\ndata:\n\n";

/// Tells proxies, nginx first, to pass on what comes when it comes.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// Answers a request with a stream. Errors of the document come as its only event: a browser's `EventSource` does not
/// show the body of another status.
pub(super) fn answer(
    app: &App,
    method: &Method,
    visitor: &Visitor,
    request: Request,
) -> Result<Response, Refusal> {
    let mut place = app.streams.place().map_err(no_place)?;
    place.take_for(visitor.caller.as_ref()).map_err(no_place)?;
    let body = match Operation::admit(app, request, visitor) {
        Ok(operation) if operation.kind() == OperationType::Mutation && method == Method::GET => {
            return Err(Refusal::method(super::QUERIES_ONLY, "POST"));
        }
        Ok(operation) => Body::from_stream(EventStream::of(app, operation, place).events()),
        Err(error) => {
            let only = next(GraphqlResponse::from_errors(vec![error]));
            Body::from(only + COMPLETE)
        }
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(UNBUFFERED.0, UNBUFFERED.1);
    protect(headers);
    Ok(response)
}

fn no_place(reason: NoPlace) -> Refusal {
    let status = match reason {
        NoPlace::Here => StatusCode::SERVICE_UNAVAILABLE,
        NoPlace::ForYou => StatusCode::TOO_MANY_REQUESTS,
    };
    Refusal::new(status, "TOO_MANY_CONNECTIONS", reason.to_string())
}

fn next(answer: GraphqlResponse) -> String {
    format!("event: next\ndata: {}\n\n", Answer::of(answer).to_json())
}

/// The events of one operation, which runs in a task of its own: a client that does not read must not hold up a mutation.
struct EventStream {
    /// `None`: there will be no more. A task that ends without it has given the client up.
    answers: mpsc::Receiver<Option<String>>,
    keep_alive: Duration,
    stopped: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Only a subscription is broken off when the process stops.
    is_subscription: bool,
    _task: AbortOnDropHandle<()>,
    _place: Place,
}

impl EventStream {
    fn of(app: &App, operation: Operation, place: Place) -> Self {
        let (sender, answers) = mpsc::channel(1);
        let patience = app.streams.settings().send_timeout();
        let is_subscription = operation.kind() == OperationType::Subscription;
        let run = operation.run(app).map(|answer| Some(next(answer))).chain(stream::iter([None]));
        let task = tokio::spawn(async move {
            let mut run = std::pin::pin!(run);
            while let Some(event) = run.next().await {
                if !matches!(timeout(patience, sender.send(event)).await, Ok(Ok(()))) {
                    return;
                }
            }
        });
        Self {
            answers,
            keep_alive: app.streams.settings().keep_alive(),
            stopped: Box::pin(app.streams.stopped()),
            is_subscription,
            _task: AbortOnDropHandle::new(task),
            _place: place,
        }
    }

    fn events(self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        // The first comment sends the head of the answer on its way.
        let first = stream::iter([KEEP_ALIVE.into()]);
        let events = stream::unfold(Some(self), |stream| async {
            let mut stream = stream?;
            tokio::select! {
                answer = stream.answers.recv() => match answer? {
                    Some(event) => Some((event.into(), Some(stream))),
                    None => Some((COMPLETE.into(), None)),
                },
                () = sleep(stream.keep_alive) => Some((KEEP_ALIVE.into(), Some(stream))),
                // Without `complete`, so that the client comes again.
                () = &mut stream.stopped, if stream.is_subscription => None,
            }
        });
        first.chain(events).map(Ok)
    }
}
