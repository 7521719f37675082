//! Who calls: tokens of an identity provider, what they make of a person, and API tokens.

mod api_tokens;
mod at_once;
mod first_sight;
mod providers;
mod public_keys;
mod stored;
mod tokens;
mod unverified;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use roster_entity::{identity, user};
use roster_tests::Roster;
use sea_orm::{EntityTrait, PaginatorTrait};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::reply::{Reply, post};

/// The claims of a good token.
fn claims(roster: &Roster) -> Value {
    json!({
        "iss": "roster",
        "aud": "roster",
        "sub": "user-7",
        "exp": roster.now().timestamp() + 3_600,
        "email": "bob@example.com",
        "email_verified": true,
        "name": "Bob",
    })
}

/// The claims of a good token with one claim more, or another one in its place.
fn claims_with(roster: &Roster, claim: &str, value: Value) -> Value {
    let mut claims = claims(roster);
    claims[claim] = value;
    claims
}

/// A token with these claims, as the identity provider of the tests signs it.
fn signed(roster: &Roster, claims: &Value) -> String {
    let secret = roster.parts().config.auth.hs256_secret.expose_secret();
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).unwrap()
}

/// What somebody with this `Authorization` is told about themselves.
async fn who_is(roster: &Roster, authorization: &str) -> Reply {
    let query = json!({ "query": "{ viewer { user { name email } emailVerified } }" });
    Reply::to(post(roster, &query).header("Authorization", authorization)).await
}

/// The token must be refused with a sentence, and in the way that HTTP asks for.
async fn refused(roster: &Roster, token: &str) -> String {
    let reply = who_is(roster, &format!("Bearer {token}")).await;
    assert!(reply.header("www-authenticate").starts_with("Bearer "), "{reply:?}");
    reply.is_refused_with(401, "UNAUTHENTICATED")
}

/// The name that somebody with this token is known by.
async fn name_by(roster: &Roster, token: &str) -> Value {
    who_is(roster, &format!("Bearer {token}")).await.answer().at("/viewer/user/name").clone()
}

/// How many people and identities there are.
async fn counts(roster: &Roster) -> (u64, u64) {
    let db = roster.parts().database.read();
    (user::Entity::find().count(db).await.unwrap(), identity::Entity::find().count(db).await.unwrap())
}
