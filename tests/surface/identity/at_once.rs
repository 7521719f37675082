//! Several first requests of one person at the same time, as a page sends them: they make one person.

use std::time::Duration;

use roster_tests::{On, Person, Roster};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Database, DatabaseTransaction, DbBackend, Statement, TransactionTrait};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use super::counts;

const ME: &str = "{ viewer { user { id } } }";

#[rstest]
#[case::new(false, true)]
#[case::new_and_not_verified(false, false)]
#[case::invited(true, true)]
#[tokio::test]
async fn many_first_requests_of_one_person_make_one_person(
    #[case] invited: bool,
    #[case] verified: bool,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    if invited {
        acme.invited("Bob").await;
    }
    let bob = roster.person_with_claims("Bob", |claims| claims.email_verified = verified);

    let ids = at_once(&bob, on).await;

    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(counts(&roster).await, (2, 2));
}

#[rstest]
#[tokio::test]
async fn many_first_requests_after_the_address_was_verified_make_one_person(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.invited("Bob").await;
    let unverified = roster.person_with_claims("Bob", |claims| claims.email_verified = false);
    unverified.query(ME).await.data();
    assert_eq!(counts(&roster).await, (3, 2));

    let ids = at_once(&roster.person_with_claims("Bob", |_| {}), on).await;

    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(counts(&roster).await, (2, 2));
}

/// Ten requests at the same time: who the person is, each time. On PostgreSQL several of them have read, and want to
/// write, before the first one may; SQLite lets in one after the other anyway.
async fn at_once(person: &Person, on: On) -> Vec<String> {
    let gate = match on {
        On::Sqlite => None,
        On::Postgres => Some(Gate::close(&person.roster).await),
    };
    let mut requests = JoinSet::new();
    for _ in 0..10 {
        let person = person.clone();
        requests.spawn(async move { person.query(ME).await.text("/viewer/user/id") });
    }
    if let Some(gate) = gate {
        gate.open_for_several().await;
    }
    requests.join_all().await
}

/// Keeps everybody from writing people.
struct Gate(DatabaseTransaction);

impl Gate {
    async fn close(roster: &Roster) -> Self {
        let url = roster.parts().config.database.url.expose_secret();
        let tx = Database::connect(url).await.unwrap().begin().await.unwrap();
        tx.execute_unprepared("LOCK TABLE users, identities IN EXCLUSIVE MODE").await.unwrap();
        Self(tx)
    }

    /// Opens as soon as several wait.
    async fn open_for_several(self) {
        let waiting = "SELECT count(*) AS waiting FROM pg_locks JOIN pg_database d ON d.oid = database
            WHERE NOT granted AND datname = current_database()";
        let several = async {
            loop {
                let row = self.0.query_one_raw(Statement::from_string(DbBackend::Postgres, waiting)).await;
                if row.unwrap().unwrap().try_get::<i64>("", "waiting").unwrap() >= 2 {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), several).await.expect("several requests write");
        self.0.commit().await.unwrap();
    }
}
