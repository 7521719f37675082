//! Marks: that emails were sent, written down for many with one statement. The first one is written at once; those that
//! come while it is written go together into the next statement.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, MutexGuard},
};

use roster_entity::{Clock, NotificationId, OrganizationId};
use sea_orm::{DatabaseConnection, DbErr};
use tokio::sync::oneshot;

use super::row::{self, Claim};
use crate::events::{Event, Events, Message};

/// Writes marks, and tells of the emails. Clones write together.
#[derive(Clone)]
pub(super) struct Marks(Arc<Inner>);

struct Inner {
    db: DatabaseConnection,
    clock: Clock,
    events: Events,
    waiting: Mutex<Vec<Waiting>>,
    /// Whoever has it writes what all are waiting for.
    turn: tokio::sync::Mutex<()>,
}

struct Waiting {
    id: NotificationId,
    resends: i32,
    /// What is told when it is written; nothing, if this version of Roster cannot read the row.
    event: Option<(OrganizationId, Event)>,
    /// Hears whether it is written. If it is not, somebody else has the row, or it is not to be marked.
    written: oneshot::Sender<Result<bool, DbErr>>,
}

impl Marks {
    pub(super) fn new(db: DatabaseConnection, clock: Clock, events: Events) -> Self {
        let (waiting, turn) = (Mutex::default(), tokio::sync::Mutex::default());
        Self(Arc::new(Inner { db, clock, events, waiting, turn }))
    }

    /// Marks an email as sent, unless it is not to be marked any more.
    pub(super) async fn sent(
        &self,
        claim: &Claim,
        event: Option<(OrganizationId, Event)>,
    ) -> Result<bool, DbErr> {
        let Inner { db, clock, .. } = &*self.0;
        if self.together(claim, event).await? {
            return Ok(true);
        }
        // Alone, it can wait for whoever has the row.
        let written = row::sent(db, claim, clock.now()).await?;
        if written {
            self.tell(event).await;
        }
        Ok(written)
    }

    async fn together(&self, claim: &Claim, event: Option<(OrganizationId, Event)>) -> Result<bool, DbErr> {
        let (written, mut is_written) = oneshot::channel();
        self.waiting().push(Waiting { id: claim.id, resends: claim.resends, event, written });
        let turn = tokio::select! {
            biased;
            result = &mut is_written => return result.unwrap_or_else(|_| Err(dropped())),
            turn = self.0.turn.lock() => turn,
        };
        let batch = mem::take(&mut *self.waiting());
        let events = self.write(batch).await;
        drop(turn);
        self.tell(events).await;
        is_written.await.unwrap_or_else(|_| Err(dropped()))
    }

    /// Writes what waits, one statement for those that were ordered again as often: as good as always all. Returns what is to
    /// be told.
    async fn write(&self, batch: Vec<Waiting>) -> Vec<(OrganizationId, Event)> {
        let now = self.0.clock.now();
        let mut by_resends = BTreeMap::<_, Vec<_>>::new();
        for waiting in batch {
            by_resends.entry(waiting.resends).or_default().push(waiting);
        }
        let mut events = Vec::new();
        for (resends, batch) in by_resends {
            let ids: Vec<_> = batch.iter().map(|waiting| waiting.id).collect();
            let result = row::all_sent(&self.0.db, &ids, resends, now).await;
            for Waiting { id, event, written, .. } in batch {
                let result = result.as_ref().map(|ids| ids.contains(&id)).map_err(DbErr::clone);
                if let Ok(true) = result {
                    events.extend(event);
                }
                // An error means that nobody waits any more.
                let _ = written.send(result);
            }
        }
        events
    }

    /// Tells those who watch the organizations, as well as that goes.
    pub(super) async fn tell(&self, events: impl IntoIterator<Item = (OrganizationId, Event)>) {
        let mut by_organization = BTreeMap::<_, Vec<_>>::new();
        for (organization, event) in events {
            by_organization.entry(organization).or_default().push(event);
        }
        let now = self.0.clock.now();
        let messages = by_organization.into_iter().flat_map(|(id, events)| Message::all(id, now, events));
        self.0.events.publish(messages.collect()).await;
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.0.waiting.lock().expect("nothing panics while it holds the list")
    }
}

/// Whoever had the turn is gone.
fn dropped() -> DbErr {
    DbErr::Custom("it was not written down".to_owned())
}
