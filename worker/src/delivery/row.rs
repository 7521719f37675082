//! What delivery does to the row of a notification: one conditional statement each, so that two workers with the same
//! id cannot both have it. The status is bound, for what [`queued`](roster_entity::notification::queued) says.

use chrono::{DateTime, Utc};
use roster_entity::{
    NotificationId,
    notification::{Column, Entity, Model, Status},
};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, DbErr, FromQueryResult,
    sea_query::{Expr, ExprTrait, Query, UpdateStatement},
};

/// A notification that this worker has to itself until the lease ends.
pub(crate) struct Claim {
    pub(super) id: NotificationId,
    /// Which attempt this is. With `resends`, what tells this claim from a later one.
    pub(super) attempt: i32,
    /// How often somebody had the email sent again, which begins the attempts anew.
    resends: i32,
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
    let claim = Query::update()
        .table(Entity)
        .value(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .value(Column::AvailableAt, lease_end)
        .value(Column::SweepAt, lease_end)
        .and_where(Column::Id.eq(id))
        .and_where(Column::Status.eq(Status::Queued))
        // Nobody has begun with it yet: there is nothing to wait for, whatever the clock said that wrote the time.
        .and_where(Column::Attempts.eq(0).or(Column::AvailableAt.lte(now)))
        .returning_all()
        .to_owned();
    let Some(row) = db.query_one(&claim).await? else { return Ok(None) };
    let (attempt, resends) = (row.try_get("", "attempts")?, row.try_get("", "resends")?);
    Ok(Some(Claim { id, attempt, resends, notification: Model::from_query_result(&row, "") }))
}

/// The mail server has taken it. This is true whoever has claimed the row since, unless somebody had it sent again.
pub(super) async fn sent(
    db: &impl ConnectionTrait,
    claim: &Claim,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let update = Query::update()
        .table(Entity)
        .value(Column::Status, Status::Sent.to_value())
        .value(Column::SentAt, now)
        .value(Column::LastError, Option::<String>::None)
        .and_where(Column::Id.eq(claim.id))
        .and_where(Column::Status.eq(Status::Queued))
        .and_where(Column::Resends.eq(claim.resends))
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
