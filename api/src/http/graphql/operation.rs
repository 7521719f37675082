//! Running one operation whose answers are streamed: a subscription, or a query or mutation with its one answer.

use std::panic::AssertUnwindSafe;

use async_graphql::{Request, Response as GraphqlResponse, ServerError, parser::types::OperationType};
use futures_util::{FutureExt, Stream, StreamExt};

use super::super::{
    App,
    guard::{Budget, request_error},
    visitor::Visitor,
};

/// An operation that may be run.
pub(super) struct Operation {
    request: Request,
    kind: OperationType,
}

impl Operation {
    /// Checks a request of somebody, with a budget of its own.
    pub(super) fn admit(app: &App, mut request: Request, visitor: &Visitor) -> Result<Self, ServerError> {
        let kind = app.admit(&mut request, &mut Budget::new(&app.limits))?;
        Ok(Self { request: visitor.introduce(app, request), kind })
    }

    pub(super) fn kind(&self) -> OperationType {
        self.kind
    }

    /// Runs it. A query or mutation may take as long as a request may; a subscription as long as somebody listens.
    pub(super) fn run(self, app: &App) -> impl Stream<Item = GraphqlResponse> + Send + 'static {
        let (schema, patience) = (app.schema.clone(), app.request_timeout);
        let answers = if self.kind == OperationType::Subscription {
            schema.execute_stream(self.request)
        } else {
            let answer = async move {
                let answer = tokio::time::timeout(patience, schema.execute(self.request)).await;
                answer.unwrap_or_else(|_| refused("TIMEOUT", super::TOO_LONG))
            };
            answer.into_stream().boxed()
        };
        // A task of its own is outside of the layer that answers where code panics.
        let answers = AssertUnwindSafe(answers).catch_unwind();
        answers.map(|answer| answer.unwrap_or_else(|_| refused("INTERNAL_SERVER_ERROR", super::OUR_FAULT)))
    }
}

/// An answer that is one error, of the request as a whole.
pub(super) fn refused(code: &str, message: &str) -> GraphqlResponse {
    GraphqlResponse::from_errors(vec![request_error(code, message)])
}
