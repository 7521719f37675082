//! Delivery of the notifications that came from the queue together. What is new is claimed with one statement. What has been
//! begun before is claimed alone: if it has ended its worker, it takes no others with it again and again.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use roster_entity::NotificationId;
use sea_orm::DbErr;
use tokio::{sync::OwnedSemaphorePermit, task::JoinSet, time::Instant};

use super::{
    Courier, Outcome,
    row::{self, Claim},
};
use crate::interruption::Interruption;

/// Ids that were taken from the queue together.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) ids: Vec<NotificationId>,
    /// The right to work on so many, each given back when it is done. Without it nothing is taken, so that nothing that is
    /// claimed waits for its turn while its lease goes by.
    pub(crate) slots: OwnedSemaphorePermit,
}

impl Courier {
    /// Delivers all of them, and returns those that were not begun, because of an interruption or for want of a connection.
    pub(crate) async fn deliver_all(&self, batch: Batch, interruption: &Interruption) -> Vec<NotificationId> {
        let (claimed_at, mut claims) = (Instant::now(), self.claim_new(&batch.ids).await);
        let deliver = |id| {
            let (courier, interruption, claim) = (self.clone(), interruption.clone(), claims.remove(&id));
            async move {
                match claim {
                    Some(claim) => courier.deliver_claimed(claim, claimed_at, &interruption).await,
                    None => courier.deliver_one(id, &interruption).await,
                }
            }
        };
        each_alone(batch, deliver).await
    }

    /// One alone is claimed in any case with one statement.
    async fn claim_new(&self, ids: &[NotificationId]) -> HashMap<NotificationId, Claim> {
        if ids.len() < 2 {
            return HashMap::new();
        }
        let lease_end = self.clock.now() + self.config.lease_delta();
        match row::claim_new(&self.db, ids, lease_end).await {
            Ok(claims) => claims.into_iter().map(|claim| (claim.id, claim)).collect(),
            Err(error) => {
                tracing::warn!(%error, "emails could not be claimed together; trying one by one");
                HashMap::new()
            }
        }
    }
}

/// Delivers each in a task of its own: whatever becomes of one, a panic too, the others do not notice. Returns those that were
/// not begun.
async fn each_alone<F>(
    Batch { ids, mut slots }: Batch,
    mut deliver: impl FnMut(NotificationId) -> F,
) -> Vec<NotificationId>
where
    F: Future<Output = Result<Outcome, DbErr>> + Send + 'static,
{
    let mut deliveries = JoinSet::new();
    for id in ids {
        let (delivery, slot) = (deliver(id), slots.split(1));
        deliveries.spawn(async move {
            let _slot = slot;
            match delivery.await {
                Ok(Outcome::NotBegun) => return Some(id),
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(%id, %error, "a database error; the sweep will find the email again")
                }
            }
            None
        });
    }
    let mut not_begun = Vec::new();
    while let Some(delivered) = deliveries.join_next().await {
        match delivered {
            Ok(id) => not_begun.extend(id),
            Err(_) => {
                tracing::error!("a delivery panicked; the email is tried again when its lease has run out")
            }
        }
    }
    // Ids sort by time: the oldest is the first again.
    not_begun.sort();
    not_begun
}
