//! An export that cannot go on breaks off, and no client takes the part for the whole.

use reqwest::Response;
use roster_tests::{Member, On, Organization, Person, Roster, seed_members};
use rstest::rstest;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

use super::export;
use crate::reply::Reply;

/// With what follows, more than the buffers of both ends hold: the server cannot be done before the client has read.
const MEMBERS: usize = 20_000;
const LONG_NAME: usize = 1_000;

async fn large(on: On) -> (Organization, Member) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let name = "x".repeat(LONG_NAME);
    seed_members(roster.parts().database.write(), &acme.id, &design, 1..=MEMBERS, &name).await;
    let adam = acme.member_as("Adam", "ADMIN", &[]).await;
    (acme, adam)
}

/// An export of which the first part has come.
async fn begun(organization: &Organization, person: &Person) -> Response {
    let mut response = export(person, "members", &[("organization", &organization.id)]).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let first = response.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"id,name,email"), "{first:?}");
    response
}

/// Reads on: how many lines come, and whether the body ends as it should.
async fn rest(mut response: Response) -> (usize, bool) {
    let mut lines = 0;
    loop {
        match response.chunk().await {
            Ok(Some(part)) => lines += part.iter().filter(|byte| **byte == b'\n').count(),
            Ok(None) => return (lines, true),
            Err(_) => return (lines, false),
        }
    }
}

#[rstest]
#[tokio::test]
async fn whoever_is_removed_meanwhile_does_not_get_the_rest(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, adam) = large(on).await;

    let untouched = begun(&acme, &adam).await;
    let (lines, whole) = rest(untouched).await;
    assert!(whole && lines > MEMBERS - 1_000, "{lines}");

    let export = begun(&acme, &adam).await;
    acme.owner.remove(&adam).await.succeeds();
    let (lines, whole) = rest(export).await;
    assert!(!whole && lines < MEMBERS, "{lines} lines, whole: {whole}");
}

#[rstest]
#[tokio::test]
async fn a_token_that_is_revoked_meanwhile_does_not_get_the_rest(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, adam) = large(on).await;
    let script = acme.api_token_of(&adam).await;
    let db = acme.owner.roster.parts().database.write();

    let export = begun(&acme, &script).await;
    let id: roster_entity::ApiTokenId = script.id.parse().unwrap();
    let token = roster_entity::api_token::Entity::find_by_id(id).one(db).await.unwrap().unwrap();
    let mut token = token.into_active_model();
    token.revoked_at = sea_orm::ActiveValue::Set(Some(acme.owner.roster.now()));
    roster_entity::api_token::Entity::update(token).exec(db).await.unwrap();

    let (lines, whole) = rest(export).await;
    assert!(!whole && lines < MEMBERS, "{lines} lines, whole: {whole}");
}

/// The table could not be renamed if the export held anything while the client does not read.
#[rstest]
#[tokio::test]
async fn an_export_that_fails_breaks_off_and_holds_nothing_before(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let (acme, adam) = large(on).await;
    let db = acme.owner.roster.parts().database.write();

    let export = begun(&acme, &adam).await;
    db.execute_unprepared("ALTER TABLE members RENAME TO elsewhere").await.unwrap();

    let (lines, whole) = rest(export).await;
    assert!(!whole && lines < MEMBERS, "{lines} lines, whole: {whole}");
}

#[rstest]
#[tokio::test]
async fn an_export_that_fails_before_it_begins_is_an_error(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let db = roster.parts().database.write();

    for (table, renamed) in [("members", "group_members"), ("activities", "activities")] {
        db.execute_unprepared(&format!("ALTER TABLE {renamed} RENAME TO elsewhere")).await.unwrap();
        let reply = Reply::to(export(&acme.owner, table, &[("organization", &acme.id)])).await;
        let told = reply.is_refused_with(500, "INTERNAL_SERVER_ERROR");
        assert!(told.starts_with("Something went wrong on our side.") && !told.contains(renamed), "{told}");
        db.execute_unprepared(&format!("ALTER TABLE elsewhere RENAME TO {renamed}")).await.unwrap();
    }
}
