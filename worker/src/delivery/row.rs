//! What delivery does to the rows of notifications: conditional statements, so that two workers with the same id cannot
//! both have it. Where one is for many rows, it passes over those that somebody else has locked: it never waits while it
//! holds some itself, so that it can neither be part of a deadlock nor hold up the others. What it has passed over is
//! done alone. The status is bound, for what [`queued`](roster_entity::notification::queued) says.

use chrono::{DateTime, Utc};
use roster_entity::{
    NotificationId,
    notification::{Column, Entity, Model, Status},
    one_of,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, DbErr, FromQueryResult, QueryResult,
    sea_query::{
        Expr, ExprTrait, LockBehavior, LockType, Query, SelectStatement, SimpleExpr, UpdateStatement,
    },
};

/// A notification that this worker has to itself until the lease ends.
pub(crate) struct Claim {
    pub(super) id: NotificationId,
    /// Which attempt this is. With `resends`, what tells this claim from a later one.
    pub(super) attempt: i32,
    /// How often somebody had the email sent again, which begins the attempts anew.
    pub(super) resends: i32,
    /// The row; or why it cannot be read, if a newer version of Roster has written it.
    pub(super) notification: Result<Model, DbErr>,
}

/// Claims a notification, if it is still to be sent and due.
pub(crate) async fn claim(
    db: &impl ConnectionTrait,
    id: NotificationId,
    now: DateTime<Utc>,
    lease_end: DateTime<Utc>,
) -> Result<Option<Claim>, DbErr> {
    // Nobody has begun with it yet: there is nothing to wait for, whatever the clock said that wrote the time.
    let is_due = Column::Attempts.eq(0).or(Column::AvailableAt.lte(now));
    let claim = claiming(lease_end)
        .and_where(Column::Id.eq(id))
        .and_where(Column::Status.eq(Status::Queued))
        .and_where(is_due)
        .to_owned();
    db.query_one(&claim).await?.as_ref().map(read).transpose()
}

/// Claims those notifications that nobody has begun with yet.
pub(super) async fn claim_new(
    db: &impl ConnectionTrait,
    ids: &[NotificationId],
    lease_end: DateTime<Utc>,
) -> Result<Vec<Claim>, DbErr> {
    let new = Column::Attempts.eq(0);
    let claim = claiming(lease_end).and_where(Column::Id.in_subquery(free(db, ids, new))).to_owned();
    db.query_all(&claim).await?.iter().map(read).collect()
}

fn claiming(lease_end: DateTime<Utc>) -> UpdateStatement {
    Query::update()
        .table(Entity)
        .value(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .value(Column::AvailableAt, lease_end)
        .value(Column::SweepAt, lease_end)
        .returning_all()
        .to_owned()
}

fn read(row: &QueryResult) -> Result<Claim, DbErr> {
    let (id, attempt, resends) =
        (row.try_get("", "id")?, row.try_get("", "attempts")?, row.try_get("", "resends")?);
    Ok(Claim { id, attempt, resends, notification: Model::from_query_result(row, "") })
}

/// Those queued notifications that nobody has locked. (On SQLite nobody can have.)
fn free(db: &impl ConnectionTrait, ids: &[NotificationId], condition: SimpleExpr) -> SelectStatement {
    Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(one_of(db.get_database_backend(), Column::Id, ids.iter().copied()))
        .and_where(Column::Status.eq(Status::Queued))
        .and_where(condition)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .to_owned()
}

/// The mail server has taken it. This is true whoever has claimed the row since, unless somebody had it sent again.
pub(super) async fn sent(
    db: &impl ConnectionTrait,
    claim: &Claim,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let update = sending(now)
        .and_where(Column::Id.eq(claim.id))
        .and_where(Column::Status.eq(Status::Queued))
        .and_where(Column::Resends.eq(claim.resends))
        .to_owned();
    changed(db, &update).await
}

/// The same for many that were sent again as often; which of them are marked now.
pub(super) async fn all_sent(
    db: &impl ConnectionTrait,
    ids: &[NotificationId],
    resends: i32,
    now: DateTime<Utc>,
) -> Result<Vec<NotificationId>, DbErr> {
    let free = free(db, ids, Column::Resends.eq(resends));
    let update = sending(now).and_where(Column::Id.in_subquery(free)).returning_col(Column::Id).to_owned();
    db.query_all(&update).await?.iter().map(|row| row.try_get("", "id")).collect()
}

fn sending(now: DateTime<Utc>) -> UpdateStatement {
    Query::update()
        .table(Entity)
        .value(Column::Status, Status::Sent.to_value())
        .value(Column::SentAt, now)
        .value(Column::LastError, Option::<String>::None)
        .to_owned()
}

/// Nobody has begun to send it: as if it had not been claimed. It is due at once; the sweep leaves it to the queue until
/// `sweep`.
pub(super) async fn given_back(
    db: &impl ConnectionTrait,
    claim: &Claim,
    now: DateTime<Utc>,
    sweep: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let update = ours(claim)
        .value(Column::Attempts, claim.attempt - 1)
        .value(Column::AvailableAt, now)
        .value(Column::SweepAt, sweep)
        .to_owned();
    changed(db, &update).await
}

/// It cannot be sent: given up.
pub(super) async fn failed(
    db: &impl ConnectionTrait,
    claim: &Claim,
    attempts: i32,
    error: &str,
) -> Result<bool, DbErr> {
    let update = ours(claim)
        .value(Column::Status, Status::Failed.to_value())
        .value(Column::Attempts, attempts)
        .value(Column::LastError, error)
        .to_owned();
    changed(db, &update).await
}

/// It could not be sent this time: tried again at `next`.
pub(super) async fn postponed(
    db: &impl ConnectionTrait,
    claim: &Claim,
    next: DateTime<Utc>,
    error: &str,
) -> Result<bool, DbErr> {
    let update = ours(claim)
        .value(Column::AvailableAt, next)
        .value(Column::SweepAt, next)
        .value(Column::LastError, error)
        .to_owned();
    changed(db, &update).await
}

/// Only while the row is queued and nobody has claimed it after us.
fn ours(claim: &Claim) -> UpdateStatement {
    Query::update()
        .table(Entity)
        .and_where(Column::Id.eq(claim.id))
        .and_where(Column::Status.eq(Status::Queued))
        .and_where(Column::Attempts.eq(claim.attempt))
        .and_where(Column::Resends.eq(claim.resends))
        .to_owned()
}

async fn changed(db: &impl ConnectionTrait, update: &UpdateStatement) -> Result<bool, DbErr> {
    Ok(db.execute(update).await?.rows_affected() > 0)
}
