//! Somebody else holds what a change needs, for longer than the settings let it wait.

use roster_tests::{On, Roster};
use rstest::rstest;
use sea_orm::{
    ConnectionTrait, Database, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use secrecy::ExposeSecret;

use crate::refusal::Refused;

/// Somebody holds all organizations, until the transaction ends.
async fn holder(roster: &Roster, on: On) -> DatabaseTransaction {
    let other = Database::connect(roster.parts().config.database.url.expose_secret()).await.unwrap();
    let mode = Some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() };
    let holder = other.begin_with_options(options).await.unwrap();
    if on == On::Postgres {
        holder.execute_unprepared("SELECT 1 FROM organizations FOR UPDATE").await.unwrap();
    }
    holder
}

#[rstest]
#[tokio::test]
async fn who_waits_too_long_for_others_is_told_to_try_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start_with(on, |config| config.database.lock_timeout_seconds = 1).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;

    let holder = holder(&roster, on).await;
    let refused = acme.owner.remove(&bob).await;
    refused
        .is_refused("CONFLICT", &["Others are changing the same things", "Nothing was changed. Try again."]);

    holder.rollback().await.unwrap();
    acme.owner.remove(&bob).await.succeeds();
}

/// Or anybody could make an organization wait. Only on PostgreSQL: on SQLite everybody waits for everybody.
#[tokio::test]
async fn whose_organization_it_is_not_does_not_come_as_far_as_waiting_for_it() {
    let roster = Roster::start_with(On::Postgres, |config| config.database.lock_timeout_seconds = 1).await;
    let (acme, globex) = (roster.organization("Acme").await, roster.organization("Globex").await);
    let (bob, zoe) = (acme.member("Bob").await, acme.member("Zoe").await);
    let group = acme.group("Design", &[]).await;
    acme.owner.remove(&zoe).await.succeeds();
    let script = globex.api_token_of(&globex.owner).await;

    let _holder = holder(&roster, On::Postgres).await;
    for outsider in [roster.person("Mallory"), zoe.person, script.person] {
        outsider.remove(&bob).await.is_refused_with("NOT_FOUND");
        outsider.delete_group(&group).await.is_refused_with("NOT_FOUND");
        acme.invite_by(&outsider, "eve@example.com", "MEMBER", &[]).await.is_refused_with("NOT_FOUND");
    }
}
