//! Who may watch an organization, what of it, and for how long.

use chrono::TimeDelta;
use roster_entity::{Permission, Permissions, member};
use roster_tests::{On, Organization, Over, Person, Roster, Watcher};
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};

const FIELDS: &str = "member { id } invitation { id } notification { id } activity { id }";

async fn ask(over: Over, person: &Person, organization: &str) -> Watcher {
    Watcher::ask(over, person.roster.url(), person.token.as_deref(), organization, FIELDS).await
}

fn only(permissions: &[Permission]) -> Option<Permissions> {
    Some(permissions.iter().copied().collect())
}

/// A Roster on which nothing happens by itself but the look at access, every so many seconds.
async fn checked_every(on: On, seconds: u32) -> Organization {
    let roster = Roster::start_with(on, |config| config.streams.check_interval_seconds = seconds).await;
    roster.organization("Acme").await
}

#[rstest]
#[tokio::test]
async fn who_may_not_read_the_members_is_answered_as_by_a_query(
    #[values(On::Sqlite, On::Postgres)] on: On,
    #[values(Over::Socket, Over::EventStream)] over: Over,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let roster = &acme.owner.roster;
    let globex = roster.organization_of("Gwen", "Globex").await;
    let (invited, removed) = (acme.invited("Ina").await, acme.member("Rob").await);
    acme.owner.remove(&removed).await.succeeds();
    let script_elsewhere = globex.api_token_of(&globex.owner).await;
    let unknown = "organization_01h455vb4pex5vsknk084sn02q";

    let mut answers = Vec::new();
    let strangers = [
        &globex.owner.person,
        &invited.person,
        &removed.person,
        &script_elsewhere.person,
        &roster.person("Stan"),
    ];
    for stranger in strangers {
        for id in [acme.id.as_str(), unknown] {
            let mut watcher = ask(over, stranger, id).await;
            let answer = watcher.answer().await.unwrap();
            assert_eq!(answer.error_code(), "NOT_FOUND");
            assert!(watcher.answer().await.is_none());
            answers.push(answer.0);
        }
    }
    assert!(answers.windows(2).all(|two| two[0] == two[1]), "{answers:#?}");

    assert_eq!(ask(over, &roster.anonymous(), &acme.id).await.ends().await, "UNAUTHENTICATED");
    assert_eq!(ask(over, &acme.owner, "member_x").await.ends().await, "BAD_USER_INPUT");
    let script = acme.api_token_with(&acme.owner, only(&[Permission::ActivitiesRead])).await;
    assert_eq!(ask(over, &script, &acme.id).await.ends().await, "NOT_PERMITTED");
}

#[rstest]
#[tokio::test]
async fn each_is_told_what_they_may_see(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let plain = acme.member("Paul").await;
    let script =
        acme.api_token_with(&acme.owner, only(&[Permission::MembersRead, Permission::ActivitiesRead])).await;
    let mailer = acme
        .api_token_with(&acme.owner, only(&[Permission::MembersRead, Permission::NotificationsRead]))
        .await;
    let mut watchers = Vec::new();
    for person in [&plain.person, &script.person, &mailer.person] {
        watchers.push(acme.watched_by(person, Over::Socket, FIELDS).await);
    }
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    let expected: [&[&str]; 3] = [
        &["MEMBER_INVITED member", "MEMBER_JOINED member", "MEMBER_REMOVED member"],
        &[
            "MEMBER_INVITED activity member",
            "MEMBER_JOINED activity member",
            "MEMBER_REMOVED activity member",
        ],
        &[
            "MEMBER_INVITED member",
            "NOTIFICATION_DELIVERED member notification",
            "MEMBER_JOINED member",
            "MEMBER_REMOVED member",
        ],
    ];
    for (watcher, expected) in watchers.iter_mut().zip(expected) {
        let mut told = Vec::new();
        while told.last().is_none_or(|last: &String| !last.starts_with("MEMBER_REMOVED")) {
            let Value::Object(event) = watcher.event().await else { panic!("no object") };
            let shown = event.iter().filter(|(name, value)| *name != "kind" && !value.is_null());
            let shown = shown.map(|(name, _)| format!(" {name}")).collect::<String>();
            told.push(format!("{}{shown}", event["kind"].as_str().unwrap()));
        }
        assert_eq!(told, expected);
    }
}

#[rstest]
#[tokio::test]
async fn the_stream_of_somebody_who_is_removed_ends_and_tells_them_nothing(
    #[values(On::Sqlite, On::Postgres)] on: On,
    #[values(Over::Socket, Over::EventStream)] over: Over,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let (bob, zoe) = (acme.member_as("Bob", "ADMIN", &[]).await, acme.member("Zoe").await);
    let script = acme.api_token_of(&bob).await;
    let [mut of_bob, mut of_script, mut of_zoe] = [
        acme.watched_by(&bob, over, FIELDS).await,
        acme.watched_by(&script, over, FIELDS).await,
        acme.watched_by(&zoe, over, FIELDS).await,
    ];
    acme.owner.remove(&bob).await.succeeds();
    assert_eq!(of_bob.ends().await, "NOT_FOUND");
    assert_eq!(of_script.ends().await, "UNAUTHENTICATED");
    assert_eq!(of_zoe.is_told("MEMBER_REMOVED").await["member"]["id"], bob.id);
    assert_eq!(ask(over, &bob, &acme.id).await.ends().await, "NOT_FOUND");
}

#[rstest]
#[tokio::test]
async fn with_the_role_goes_what_it_let_somebody_see(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.member_as("Bob", "ADMIN", &[]).await;
    let mut watcher = acme.watched_by(&bob, Over::Socket, FIELDS).await;
    let zoe = acme.invited("Zoe").await;
    assert_eq!(watcher.is_told("MEMBER_INVITED").await["invitation"]["id"], zoe.invitation_id);
    acme.owner.change_role(&bob, "MEMBER").await.succeeds();
    assert_eq!(watcher.is_told("MEMBER_CHANGED").await["activity"], Value::Null);
    acme.owner.revoke_invitation_of(&zoe).await.succeeds();
    let told = watcher.is_told("MEMBER_REMOVED").await;
    assert_eq!((&told["member"]["id"], &told["invitation"]), (&json!(zoe.id), &Value::Null));
    // Of the invitation itself nothing was told.
    acme.owner.remove(&bob).await.succeeds();
    assert_eq!(watcher.ends().await, "NOT_FOUND");
}

#[rstest]
#[tokio::test]
async fn the_stream_of_a_token_ends_when_the_token_is_revoked(
    #[values(On::Sqlite, On::Postgres)] on: On,
    #[values(Over::Socket, Over::EventStream)] over: Over,
) {
    let acme = checked_every(on, 3_600).await;
    let [script, other] = [acme.api_token_of(&acme.owner).await, acme.api_token_of(&acme.owner).await];
    let mut watcher = acme.watched_by(&script, over, FIELDS).await;
    let mut goes_on = acme.watched_by(&other, over, FIELDS).await;
    acme.owner.mutate("revokeApiToken", json!({ "apiTokenId": script.id }), "changed").await.succeeds();
    assert_eq!(watcher.ends().await, "UNAUTHENTICATED");
    acme.invited("Bob").await;
    goes_on.is_told("MEMBER_INVITED").await;
}

/// The clock of the tests stands still: that the time has come is known a second later at the latest.
#[rstest]
#[tokio::test]
async fn the_stream_of_a_token_ends_with_the_token_although_nothing_happens(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = checked_every(on, 1).await;
    let expires = (acme.owner.roster.now() + TimeDelta::minutes(5)).to_rfc3339();
    let input = json!({ "organizationId": acme.id, "name": "script", "permissions": ["MEMBERS_READ"], "expiresAt": expires });
    let created = acme.owner.mutate("createApiToken", input, "secret").await;
    let script = acme.owner.with_token(created.succeeds()["secret"].as_str().unwrap());
    let session = acme.owner.roster.person_with_claims("Olivia", |claims| claims.exp -= 86_400 - 300);
    let mut watchers = Vec::new();
    for person in [&script, &session] {
        for over in [Over::Socket, Over::EventStream] {
            watchers.push(acme.watched_by(person, over, FIELDS).await);
        }
    }
    let mut of_owner = acme.watched_by(&acme.owner, Over::Socket, FIELDS).await;
    acme.owner.roster.pass(TimeDelta::minutes(7));
    for watcher in &mut watchers {
        assert_eq!(watcher.ends().await, "UNAUTHENTICATED");
    }
    acme.invited("Bob").await;
    of_owner.is_told("MEMBER_INVITED").await;
}

/// At its time, not when it is looked at next.
#[tokio::test]
async fn the_end_of_a_token_is_waited_for() {
    let acme = checked_every(On::Sqlite, 3_600).await;
    let session = acme.owner.roster.person_with_claims("Olivia", |claims| claims.exp -= 86_400 + 58);
    let mut watcher = acme.watched_by(&session, Over::Socket, FIELDS).await;
    // The two seconds that are left pass at once; the server waits for them.
    acme.owner.roster.pass(TimeDelta::seconds(2));
    assert_eq!(watcher.ends().await, "UNAUTHENTICATED");
}

/// As if the message had been lost.
#[rstest]
#[tokio::test]
async fn who_is_no_longer_a_member_without_a_word_is_found_out(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = checked_every(on, 1).await;
    let bob = acme.member("Bob").await;
    let mut watcher = acme.watched_by(&bob, Over::Socket, FIELDS).await;
    let not_active = member::Entity::update_many()
        .col_expr(member::Column::Status, Expr::value("INVITED"))
        .filter(member::Column::Id.eq(bob.id.parse::<roster_entity::MemberId>().unwrap()));
    not_active.exec(acme.owner.roster.parts().database.write()).await.unwrap();
    assert_eq!(watcher.ends().await, "NOT_FOUND");
}
