//! The sweep: finds the notifications in the database that are due and puts their ids into the queue. It makes up for
//! whatever the queue has lost or had no room for. Every worker may sweep: no two find the same rows.

use chrono::{DateTime, TimeDelta, Utc};
use roster_entity::{
    CrashPoint, NotificationId,
    notification::{Column, Entity, queued},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr,
    sea_query::{LockBehavior, LockType, Order, Query},
};

use crate::{
    delivery::Courier,
    queue::{self, Queue},
};

/// How long the sweep leaves a notification to the queue before it puts it there again.
const AGAIN_AFTER: TimeDelta = TimeDelta::seconds(60);
/// The most notifications found by one statement.
const ROUND: usize = 1000;

/// Why a sweep did not get to its end.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The database.
    #[error("the database: {0}")]
    Database(#[from] DbErr),
    /// The queue.
    #[error(transparent)]
    Queue(#[from] queue::Error),
}

impl Courier {
    /// Puts what is due into the queue, the oldest first, while there is room, and returns how many that were.
    pub async fn sweep(&self, queue: &Queue) -> Result<usize, SweepError> {
        let mut total = 0;
        loop {
            let limit = queue.room().await?.min(ROUND);
            if limit == 0 {
                return Ok(total);
            }
            let ids = due(&self.db, self.clock.now(), limit).await?;
            // What does not get there comes again in the sweep after AGAIN_AFTER.
            total += queue.push(&ids).await?;
            CrashPoint::Swept.reached();
            if ids.len() < limit {
                return Ok(total);
            }
        }
    }
}

async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<NotificationId>, DbErr> {
    let oldest = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(queued())
        .and_where(Column::SweepAt.lte(now))
        .order_by(Column::SweepAt, Order::Asc)
        .limit(limit as u64)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .to_owned();
    let claim = Query::update()
        .table(Entity)
        .value(Column::SweepAt, now + AGAIN_AFTER)
        .and_where(Column::Id.in_subquery(oldest))
        .returning_col(Column::Id)
        .to_owned();
    let rows = db.query_all(&claim).await?;
    let mut ids: Vec<NotificationId> =
        rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
    // RETURNING has no order; ids have the order in which they were made.
    ids.sort_unstable();
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        queue,
        testing::{office::Office, removed},
    };

    async fn notified(office: &Office, count: usize) -> Vec<NotificationId> {
        let mut ids = Vec::new();
        for _ in 0..count {
            ids.push(office.notify(removed()).await);
        }
        ids
    }

    /// With room for three.
    fn small_queue() -> Queue {
        Queue::connect(&queue::tests::config("in-process")).unwrap()
    }

    #[tokio::test]
    async fn the_oldest_come_first_and_the_others_when_there_is_room() {
        let office = Office::open().await;
        let (courier, queue, ids) = (office.courier(), small_queue(), notified(&office, 5).await);
        assert_eq!(courier.sweep(&queue).await.unwrap(), 3);
        assert_eq!(courier.sweep(&queue).await.unwrap(), 0);
        assert_eq!(queue.pop(9).await.unwrap(), ids[..3]);
        assert_eq!(courier.sweep(&queue).await.unwrap(), 2);
        assert_eq!(queue.pop(9).await.unwrap(), ids[3..]);
    }

    #[tokio::test]
    async fn what_the_queue_has_lost_is_found_again_a_minute_later() {
        let office = Office::open().await;
        let (courier, queue, ids) = (office.courier(), small_queue(), notified(&office, 1).await);
        courier.sweep(&queue).await.unwrap();
        queue.pop(1).await.unwrap();
        office.pass(59);
        assert_eq!(courier.sweep(&queue).await.unwrap(), 0);
        office.pass(1);
        assert_eq!(courier.sweep(&queue).await.unwrap(), 1);
        assert_eq!(queue.pop(9).await.unwrap(), ids);
    }

    #[tokio::test]
    async fn what_was_sent_or_waits_for_its_next_attempt_is_left_alone() {
        let office = Office::open().await;
        let (courier, queue, ids) = (office.courier(), small_queue(), notified(&office, 2).await);
        courier.deliver(ids[0]).await.unwrap();
        std::fs::remove_dir_all(&office.outbox).unwrap();
        std::fs::write(&office.outbox, "").unwrap();
        courier.deliver(ids[1]).await.unwrap();
        assert_eq!(courier.sweep(&queue).await.unwrap(), 0);
        office.pass(30);
        assert_eq!(courier.sweep(&queue).await.unwrap(), 1);
        assert_eq!(queue.pop(9).await.unwrap(), ids[1..]);
        office.pass(24 * 60 * 60);
        assert_eq!(courier.sweep(&queue).await.unwrap(), 1);
        assert_eq!(queue.pop(9).await.unwrap(), ids[1..]);
    }
}
