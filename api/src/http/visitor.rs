//! Who asks: somebody who has shown who they are, or somebody from somewhere. Requests and guesses are counted here.

use std::net::IpAddr;

use async_graphql::Request;

use super::{App, bearer::authenticate, refusal::Refusal};
use crate::{
    identity::Caller,
    rate_limit::{Guesses, Standing, Who},
};

/// Who asks.
pub(super) struct Visitor {
    /// `None`: nobody is signed in.
    pub(super) caller: Option<Caller>,
    address: IpAddr,
}

impl Visitor {
    /// Whoever comes from an address with a token. A client that has guessed too often is not listened to for a moment.
    pub(super) async fn identify(app: &App, address: IpAddr, token: Option<&str>) -> Result<Self, Refusal> {
        let Some(token) = token else { return Ok(Self { caller: None, address }) };
        let limited =
            |exceeded| Refusal::rate_limited("You have sent too many tokens that are not good.", exceeded);
        app.rate_limits.may_try(address).map_err(limited)?;
        let caller = authenticate(&app.authenticator, token).await;
        if caller.as_ref().is_err_and(Refusal::is_of_the_token) {
            app.rate_limits.failed(address).await;
        }
        Ok(Self { caller: Some(caller?), address })
    }

    /// The same, for several requests one after the other: what the first changes, the next must see.
    pub(super) fn of_a_batch(mut self) -> Self {
        if let Some(caller) = &mut self.caller {
            caller.standings = None;
        }
        self
    }

    /// Counts so many requests. Refused if that is too often.
    pub(super) async fn count(&self, app: &App, requests: usize) -> Result<Option<Standing>, Refusal> {
        let who = self.caller.as_ref().map_or(Who::Address(self.address), Who::Caller);
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        let standing = app.rate_limits.requests(who, requests).await;
        standing.map_err(|exceeded| Refusal::rate_limited("You have sent too many requests.", exceeded))
    }

    /// The same request, with who asks.
    pub(super) fn introduce(&self, app: &App, request: Request) -> Request {
        let request = request.data(Guesses::new(app.rate_limits.clone(), self.address));
        match &self.caller {
            Some(caller) => request.data(caller.clone()),
            None => request,
        }
    }
}
