//! Somebody else holds what a change needs, for longer than the settings let it wait.

use roster_tests::{On, Roster};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Database, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use secrecy::ExposeSecret;

use crate::refusal::Refused;

#[rstest]
#[tokio::test]
async fn who_waits_too_long_for_others_is_told_to_try_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start_with(on, |config| config.database.lock_timeout_seconds = 1).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;

    let other = Database::connect(roster.parts().config.database.url.expose_secret()).await.unwrap();
    let mode = Some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() };
    let holder = other.begin_with_options(options).await.unwrap();
    if on == On::Postgres {
        holder.execute_unprepared("SELECT 1 FROM organizations FOR UPDATE").await.unwrap();
    }
    let refused = acme.owner.remove(&bob).await;
    refused
        .is_refused("CONFLICT", &["Others are changing the same things", "Nothing was changed. Try again."]);

    holder.rollback().await.unwrap();
    acme.owner.remove(&bob).await.succeeds();
}
