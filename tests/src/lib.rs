//! The tests' own Roster: the real router on a real port, a real database, the real courier and a mail server that keeps
//! what it is given. Tests speak of people and organizations:
//!
//! ```no_run
//! # use roster_tests::{On, Roster};
//! # async fn test() {
//! let roster = Roster::start(On::Sqlite).await;
//! let acme = roster.organization("Acme").await;
//! let bob = acme.member("Bob").await;
//! acme.owner.remove(&bob).await.succeeds();
//! assert!(roster.last_mail_to(&bob).await.text().contains("removed from Acme"));
//! # }
//! ```

mod administration;
mod answer;
mod api_token;
mod binary;
mod crowd;
mod databases;
mod door;
mod effort;
mod fingerprint;
pub mod hostile;
mod identity_provider;
mod installation;
mod log;
mod operator;
mod organization;
mod person;
mod plans;
mod process;
mod redis;
mod reply;
mod roster;
mod seed;
mod servers;
pub mod smtp_server;
mod statements;
mod storage;
mod watching;

pub use answer::{Answer, Payload};
pub use api_token::ApiToken;
pub use binary::binary;
pub use databases::{
    On, copy_of_postgres_database, drop_postgres_database, empty_postgres_database, postgres_database,
    redis_url,
};
pub use door::{Answered, Door};
pub use effort::Effort;
pub use identity_provider::{Answers, IdentityProvider, SigningKey, unsigned};
pub use installation::{Api, Installation, NOBODY};
pub use organization::Organization;
pub use person::{Member, Person};
pub use plans::Plans;
pub use process::{Finished, Process, run};
pub use redis::{RedisChannel, RedisMonitor, redis_keys, redis_list};
pub use reply::Reply;
pub use roster::{Roster, noon, test_config};
pub use seed::{seed_members, seed_outbox};
pub use servers::{PostgresServer, RedisServer, Stop};
pub use statements::{Cut, Statements};
pub use watching::{EventStream, Over, Socket, Watcher};
