//! The sweep: finds the notifications in the database that are due and puts their ids into the queue. It makes up for
//! whatever the queue has lost or had no room for. Every worker may sweep: no two find the same rows.

use chrono::{DateTime, TimeDelta, Utc};
use roster_entity::{
    CrashPoint, NotificationId,
    notification::{Column, Entity, queued},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr,
    sea_query::{ExprTrait, LockBehavior, LockType, Order, Query},
};

use crate::{
    delivery::{Courier, backoff::backoff},
    queue::{self, Queue},
};

/// The longest that a new notification is left to the queue, and then some.
const NEW: TimeDelta = TimeDelta::seconds(60);
/// The most notifications found by one statement.
const ROUND: usize = 1000;
/// After so many attempts the pauses do not grow any more, whatever the first was.
const LONGEST_AFTER: u32 = 16;

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
            let now = self.clock.now();
            let ids = due(&self.db, now, now + self.config.lease_delta() / 2, limit).await?;
            // What does not get there is found again after that time.
            total += queue.push(&ids).await?;
            CrashPoint::Swept.reached();
            if ids.len() < limit {
                return Ok(total);
            }
        }
    }

    /// Finds what waits for a time that nobody can have meant, because the clock was wrong when it was written, or has been
    /// set back since: no lease and no pause is as long. It waits for a lease more, as a worker may be sending it, and is
    /// then due. Returns how many that were.
    pub async fn rescue(&self) -> Result<usize, SweepError> {
        let (now, lease) = (self.clock.now(), self.config.lease_delta());
        let meant = |attempts| lease.max(NEW).max(backoff(self.config.retry_seconds, attempts));
        let mut too_late = Condition::any();
        for attempts in 0..LONGEST_AFTER {
            let these = Column::Attempts.eq(attempts);
            too_late = too_late.add(these.and(Column::SweepAt.gt(now + meant(attempts))));
        }
        let others = Column::Attempts.gte(LONGEST_AFTER);
        too_late = too_late.add(others.and(Column::SweepAt.gt(now + meant(LONGEST_AFTER))));
        let rescue = Query::update()
            .table(Entity)
            .value(Column::AvailableAt, now + lease)
            .value(Column::SweepAt, now + lease)
            .and_where(queued())
            // What the index can answer.
            .and_where(Column::SweepAt.gt(now + meant(0)))
            .cond_where(too_late)
            .to_owned();
        let found = self.db.execute(&rescue).await?.rows_affected();
        if found > 0 {
            tracing::warn!(found, "emails waited for a time far ahead; is the clock of a machine wrong?");
        }
        Ok(found as usize)
    }
}

async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    again: DateTime<Utc>,
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
        .value(Column::SweepAt, again)
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
        Outcome,
        delivery::row,
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

    const DAY: i64 = 24 * 60 * 60;

    #[tokio::test]
    async fn when_the_clock_is_set_back_leases_and_pauses_end_as_if_they_had_just_begun() {
        let office = Office::open().await;
        let (courier, queue, ids) = (office.courier(), small_queue(), notified(&office, 2).await);
        // A worker dies with the first; the second could not be sent.
        let now = office.clock.now();
        row::claim(&office.db, ids[0], now, now + courier.config.lease_delta()).await.unwrap().unwrap();
        std::fs::write(&office.outbox, "").unwrap();
        courier.deliver(ids[1]).await.unwrap();
        std::fs::remove_file(&office.outbox).unwrap();

        office.pass(-DAY);
        assert_eq!(courier.rescue().await.unwrap(), 2);
        assert_eq!(courier.rescue().await.unwrap(), 0);
        office.pass(119);
        assert_eq!(courier.sweep(&queue).await.unwrap(), 0, "a worker may be sending them");
        office.pass(1);
        assert_eq!(courier.sweep(&queue).await.unwrap(), 2);
        for id in ids {
            assert_eq!(courier.deliver(id).await.unwrap(), Outcome::Sent);
        }
    }

    #[tokio::test]
    async fn what_a_machine_with_a_wrong_clock_has_written_is_sent_all_the_same() {
        let office = Office::open().await;
        office.pass(DAY);
        let (courier, queue, ids) = (office.courier(), small_queue(), notified(&office, 2).await);
        office.pass(-DAY);
        assert_eq!(courier.deliver(ids[0]).await.unwrap(), Outcome::Sent);
        assert_eq!(courier.sweep(&queue).await.unwrap(), 0);
        assert_eq!(courier.rescue().await.unwrap(), 1);
        office.pass(120);
        assert_eq!(courier.sweep(&queue).await.unwrap(), 1);
        assert_eq!(queue.pop(9).await.unwrap(), ids[1..]);
    }

    #[tokio::test]
    async fn what_waits_as_long_as_it_should_is_left_alone() {
        let office = Office::open().await;
        let (courier, id) = (office.courier(), notified(&office, 1).await[0]);
        for attempts in [1, 2, 3, 4, 10, 11, 16, 17, 40] {
            let until = office.clock.now() + backoff(30, attempts);
            let sql = format!(
                "UPDATE notifications SET attempts = {attempts}, available_at = '{0}', sweep_at = '{0}'",
                until.to_rfc3339()
            );
            office.db.execute_unprepared(&sql).await.unwrap();
            assert_eq!(courier.rescue().await.unwrap(), 0, "after {attempts} attempts");
            assert_eq!(office.row(id).await.available_at, until);
        }
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
