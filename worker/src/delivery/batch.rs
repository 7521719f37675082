//! Delivery of the notifications that came from the queue together. What is new is claimed with one statement. What has been
//! begun before is claimed alone: if it has ended its worker, it takes no others with it again and again.

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
    /// Delivers all of them, each on its own: whatever becomes of one, the others do not notice. Returns those that were not
    /// begun, because of an interruption or for want of a connection.
    pub(crate) async fn deliver_all(
        &self,
        Batch { ids, mut slots }: Batch,
        interruption: &Interruption,
    ) -> Vec<NotificationId> {
        let (claimed_at, mut claims) = (Instant::now(), self.claim_new(&ids).await);
        let mut deliveries = JoinSet::new();
        for id in ids {
            let (courier, interruption) = (self.clone(), interruption.clone());
            let (claim, slot) = (claims.remove(&id), slots.split(1));
            deliveries.spawn(async move {
                let _slot = slot;
                let delivered = match claim {
                    Some(claim) => courier.deliver_claimed(claim, claimed_at, interruption.begins()).await,
                    None => courier.deliver_unless(id, interruption.begins()).await,
                };
                not_begun(id, delivered, &interruption)
            });
        }
        let mut given_back = Vec::new();
        while let Some(delivered) = deliveries.join_next().await {
            match delivered {
                Ok(not_begun) => given_back.extend(not_begun),
                Err(_) => {
                    tracing::error!("a delivery panicked; the email is tried again when its lease has run out")
                }
            }
        }
        given_back.sort();
        given_back
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

/// The id, if its delivery was not begun.
fn not_begun(
    id: NotificationId,
    delivered: Result<Outcome, DbErr>,
    interruption: &Interruption,
) -> Option<NotificationId> {
    match delivered {
        Ok(Outcome::NotBegun) => return Some(id),
        Ok(Outcome::Outage(_)) => interruption.outage.begin(),
        Ok(_) => {}
        Err(error) => {
            tracing::error!(%id, %error, "a database error; the sweep will find the email again")
        }
    }
    None
}
