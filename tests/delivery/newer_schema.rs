//! A deployment under way: processes of the version before, on the schema of the next one.

use roster_tests::{On, Roster};
use rstest::rstest;
use sea_orm::ConnectionTrait;

#[rstest]
#[tokio::test]
async fn a_process_starts_on_the_schema_of_a_newer_version(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let database = &roster.parts().database;
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_newer', 0)";
    database.write().execute_unprepared(newer).await.unwrap();

    database.require_schema().await.unwrap();
    assert_eq!(database.migrate().await.unwrap(), 0);
}

#[rstest]
#[tokio::test]
async fn a_schema_that_lacks_a_migration_is_refused(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let database = &roster.parts().database;
    database.write().execute_unprepared("DELETE FROM seaql_migrations").await.unwrap();

    let error = database.require_schema().await.unwrap_err().to_string();
    assert!(error.contains("roster migrate"), "{error}");
}
