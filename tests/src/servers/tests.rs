//! Tests of the servers: what they promise to a test that hurts them.

use sea_orm::{ConnectionTrait, Database};
use tokio::net::TcpStream;

use super::{PostgresServer, RedisServer, Stop};

#[tokio::test]
async fn postgres_keeps_what_was_committed_and_its_port() {
    let mut postgres = PostgresServer::start().await;
    let url = postgres.url();
    let db = Database::connect(&url).await.unwrap();
    db.execute_unprepared("CREATE TABLE kept (number integer)").await.unwrap();
    for how in [Stop::Fast, Stop::Immediate] {
        postgres.stop(how).await;
        postgres.start_again().await;
        let db = Database::connect(&url).await.unwrap();
        let inserted = db.execute_unprepared("INSERT INTO kept VALUES (1)").await.unwrap();
        assert_eq!(inserted.rows_affected(), 1);
    }
    let (_, address) = url.rsplit_once('@').unwrap();
    let address = address.strip_suffix("/postgres").unwrap().to_owned();
    drop(postgres);
    assert!(TcpStream::connect(address).await.is_err(), "it has outlived its test");
}

#[tokio::test]
async fn redis_keeps_nothing_but_its_port() {
    let mut redis = RedisServer::start().await;
    let url = redis.url();
    for lose in [false, true] {
        redis.push("list", &["a".to_owned(), "b".to_owned()]).await;
        assert_eq!(redis.length("list").await, 2);
        match lose {
            false => redis.flush_all().await,
            true => {
                redis.kill().await;
                redis.start_again().await;
            }
        }
        assert_eq!((redis.length("list").await, redis.url()), (0, url.clone()));
    }
}
