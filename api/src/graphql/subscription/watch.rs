//! Watching an organization: from the messages that this process hears to the events of one subscriber.
//!
//! Nothing is told before the subscriber's access was looked at again: at each message, again while a slow client takes the
//! events of one, when the token ends, and now and then where nothing happens, as messages can be lost.

use std::{sync::Arc, time::Duration};

use async_graphql::{Error as GraphqlError, ErrorExtensions, Result};
use futures_util::{Stream, stream};
use roster_entity::{OrganizationId, Permission};
use roster_worker::events::{Heard, Subscription};
use tokio::time::{Instant, sleep, sleep_until};

use super::{
    batch::Batch,
    event::{OrganizationEvent, OrganizationEventKind},
};
use crate::{
    graphql::{error::to_graphql, scope::Scope},
    identity::Caller,
    membership::{Access, Error, Membership},
};

/// How long the events of one message are told without looking at the subscriber's access again.
const FRESH: Duration = Duration::from_secs(1);

/// How often, and after which pauses in seconds, access is looked at again while the database is away.
const PAUSES: [u64; 5] = [1, 2, 4, 8, 16];

/// One subscriber.
pub(super) struct Watch {
    membership: Membership,
    caller: Caller,
    organization: OrganizationId,
    /// How often the access is looked at where nothing happens.
    check_interval: Duration,
    heard: Subscription,
    /// When the access was last looked at; `None`: the stream has not begun.
    looked: Option<Instant>,
    /// What is being told.
    telling: Option<Telling>,
    ended: bool,
}

/// A message, and how far it was told.
struct Telling {
    batch: Arc<Batch>,
    next: usize,
}

impl Watch {
    /// Begins, if the caller may; with the answer of a query otherwise.
    pub(super) async fn start(
        membership: &Membership,
        caller: &Caller,
        organization: OrganizationId,
        check_interval: Duration,
    ) -> Result<Self> {
        let access = Access::to(membership.database().read(), caller, organization).await;
        access.and_then(|access| access.require(Permission::MembersRead)).map_err(to_graphql)?;
        Ok(Self {
            membership: membership.clone(),
            caller: caller.clone(),
            organization,
            check_interval,
            heard: membership.events().subscribe(organization).await,
            looked: None,
            telling: None,
            ended: false,
        })
    }

    /// The events, until one of them is an error.
    pub(super) fn stream(self) -> impl Stream<Item = Result<OrganizationEvent>> {
        stream::unfold(self, |mut watch| async move {
            if watch.ended {
                return None;
            }
            let event = watch.next().await;
            watch.ended = event.is_err();
            Some((event, watch))
        })
    }

    async fn next(&mut self) -> Result<OrganizationEvent> {
        if self.looked.is_none() {
            // Since it was first looked at, the caller may have been removed, with nobody listening to the message.
            self.look().await?;
            return Ok(self.notice(OrganizationEventKind::StreamStarted));
        }
        loop {
            if let Some(event) = self.tell().await? {
                return Ok(event);
            }
            let next_look = self.next_look();
            tokio::select! {
                heard = self.heard.next() => match heard {
                    Heard::Message(message) => {
                        let batch = Batch::new(self.look().await?, message);
                        self.telling = Some(Telling { batch, next: 0 });
                    }
                    Heard::Missed => {
                        self.look().await?;
                        return Ok(self.notice(OrganizationEventKind::EventsMissed));
                    }
                },
                () = sleep_until(next_look) => drop(self.look().await?),
            }
        }
    }

    /// The next event of the message that is being told, if there is one that the subscriber may see.
    async fn tell(&mut self) -> Result<Option<OrganizationEvent>> {
        while let Some(telling) = &self.telling {
            let (batch, index) = (telling.batch.clone(), telling.next);
            let Some(event) = batch.message.events.get(index).copied() else {
                self.telling = None;
                break;
            };
            let fresh = self.looked.is_some_and(|looked| looked.elapsed() < FRESH);
            let batch = match fresh {
                true => batch,
                false => Batch::new(self.look().await?, batch.message.clone()),
            };
            self.telling = Some(Telling { batch: batch.clone(), next: index + 1 });
            if let Some(event) = OrganizationEvent::of(batch, event) {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// What the subscriber may do now. Waits for a database that is away: the messages wait too.
    async fn look(&mut self) -> Result<Arc<Scope>> {
        let mut pauses = PAUSES.into_iter().map(Duration::from_secs);
        loop {
            let (conn, now) = (self.membership.database().read(), self.membership.clock().now());
            // Boxed, because a stream is as large as the largest that it can become, and there may be thousands.
            let access = Box::pin(Access::still(conn, &self.caller, self.organization, now)).await;
            let access = access.and_then(|access| {
                access.require(Permission::MembersRead)?;
                Ok(access)
            });
            match (access, pauses.next()) {
                (Ok(access), _) => {
                    self.looked = Some(Instant::now());
                    return Ok(Scope::new(&self.membership, access));
                }
                (Err(Error::Internal(error)), Some(pause)) => {
                    tracing::warn!(%error, "cannot look whether a stream may go on; trying again in {pause:?}");
                    sleep(pause).await;
                }
                (Err(Error::Unauthenticated), _) => return Err(token_ended()),
                (Err(error), _) => return Err(to_graphql(error)),
            }
        }
    }

    fn next_look(&self) -> Instant {
        let now = Instant::now();
        let regular = self.looked.unwrap_or(now) + self.check_interval;
        let end = self.caller.expires_at.map(|end| end - self.membership.clock().now());
        // An end that has passed is seen at once; one that lies too far ahead to be counted is not waited for.
        let end = end.and_then(|left| now.checked_add(left.to_std().unwrap_or_default()));
        end.map_or(regular, |end| end.min(regular))
    }

    /// An event about the stream itself.
    fn notice(&self, kind: OrganizationEventKind) -> OrganizationEvent {
        OrganizationEvent::notice(kind, self.membership.clock().now())
    }
}

fn token_ended() -> GraphqlError {
    let message = "Your token has ended: it has expired or was revoked. Subscribe again with another one.";
    GraphqlError::new(message).extend_with(|_, extensions| extensions.set("code", "UNAUTHENTICATED"))
}
