//! API tokens, whose owner is removed or which are revoked while they are used.

use roster_tests::{ApiToken, Member, On, Organization, Payload};
use rstest::rstest;
use serde_json::json;

use super::{
    course::Course,
    story::{REMOVED, mails_to},
};

/// Ada, who is an admin, and a script of hers.
async fn ada_with_a_script(acme: &Organization) -> (Member, ApiToken) {
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let script = acme.api_token_of(&ada).await;
    (ada, script)
}

/// That the invitation is there if the script was told so, and not otherwise; it is one outcome or the other.
async fn was_invited_if_told(course: &Course, acme: &Organization, invited: &Payload, address: &str) {
    let told = match invited.outcome() {
        "done" => 1,
        // Before it is known who calls, or after.
        "UNAUTHENTICATED" | "NOT_FOUND" => 0,
        other => panic!("{other}"),
    };
    course.count(if told == 1 { "invited" } else { "refused" });
    assert_eq!(acme.members(json!({ "search": address })).await.len(), told);
    assert_eq!(mails_to(&course.roster, address).await.len(), told);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn reading_and_removing_the_owner(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("reading with a token and removing its owner", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (ada, script) = ada_with_a_script(&acme).await;
        let olivia = acme.owner.through(&course.there);
        let (read, removed) = course.race(acme.seen_by(&script, "name"), olivia.remove(&ada)).await;
        removed.succeeds();
        match read.outcome() {
            "done" => assert_eq!(read.text("/organization/name"), acme.name),
            "UNAUTHENTICATED" | "NOT_FOUND" => assert!(read.0["data"]["organization"].is_null()),
            other => panic!("{other}"),
        }
        course.count(if read.outcome() == "done" { "read" } else { "refused" });
        assert_eq!(acme.rights_of(&script).await, "refused: UNAUTHENTICATED");
        let subject = REMOVED.replace('…', &acme.name);
        let mails = mails_to(&course.roster, &ada.address).await;
        assert_eq!(mails.iter().filter(|mail| mail.subject() == subject).count(), 1);
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn inviting_and_removing_the_owner(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("inviting with a token and removing its owner", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (ada, script) = ada_with_a_script(&acme).await;
        let (address, olivia) = (format!("bob.{round}@example.com"), acme.owner.through(&course.there));
        let (invited, removed) =
            course.race(acme.invite_by(&script, &address, "MEMBER", &[]), olivia.remove(&ada)).await;
        removed.succeeds();
        was_invited_if_told(&course, &acme, &invited, &address).await;
        assert_eq!(acme.rights_of(&script).await, "refused: UNAUTHENTICATED");
        assert_eq!(acme.rights_of(&ada).await, "refused: NOT_FOUND");
    }
    course.finish(2).await;
}

/// The removal ends the token for good, also for a request that was on its way when the owner came back.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn inviting_and_removing_and_restoring_the_owner(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("inviting with a token and removing and restoring its owner", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (ada, script) = ada_with_a_script(&acme).await;
        let (address, olivia) = (format!("bob.{round}@example.com"), acme.owner.through(&course.there));
        let away_and_back = async {
            olivia.remove(&ada).await.succeeds();
            olivia.restore(&ada).await.succeeds();
        };
        let (invited, ()) =
            course.race(acme.invite_by(&script, &address, "MEMBER", &[]), away_and_back).await;
        was_invited_if_told(&course, &acme, &invited, &address).await;
        assert_eq!(acme.rights_of(&script).await, "refused: UNAUTHENTICATED");
        assert_eq!(acme.rights_of(&ada).await.split(' ').next(), Some("MEMBERS_READ"));
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn inviting_and_revoking_the_token(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("inviting with a token and revoking it", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (_, script) = ada_with_a_script(&acme).await;
        let (address, olivia) = (format!("bob.{round}@example.com"), acme.owner.through(&course.there));
        let (invited, revoked) =
            course.race(acme.invite_by(&script, &address, "MEMBER", &[]), olivia.revoke_token(&script)).await;
        revoked.succeeds();
        was_invited_if_told(&course, &acme, &invited, &address).await;
        assert_eq!(acme.rights_of(&script).await, "refused: UNAUTHENTICATED");
    }
    course.finish(2).await;
}

/// A token that comes about at the last moment ends with the membership all the same.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn creating_a_token_and_being_removed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("creating a token and being removed", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let ada = acme.member_as("Ada", "ADMIN", &[]).await;
        let olivia = acme.owner.through(&course.there);
        let input = json!({ "organizationId": acme.id, "name": "Late", "permissions": ["MEMBERS_READ"] });
        let (created, removed) =
            course.race(ada.mutate("createApiToken", input, "secret"), olivia.remove(&ada)).await;
        match course.saw(&created, &removed) {
            ("done", "done") => {
                let script = ada.with_token(created.payload()["secret"].as_str().unwrap());
                assert_eq!(acme.rights_of(&script).await, "refused: UNAUTHENTICATED");
            }
            ("NOT_FOUND", "done") => {}
            both => panic!("{both:?}"),
        }
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn revoking_a_token_twice(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("revoking a token twice", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (ada, script) = ada_with_a_script(&acme).await;
        let olivia = acme.owner.through(&course.there);
        let (one, other) = course.race(ada.revoke_token(&script), olivia.revoke_token(&script)).await;
        course.saw_one_winner(&one, &other, "unchanged");
        assert_eq!(acme.rights_of(&script).await, "refused: UNAUTHENTICATED");
    }
    course.finish(2).await;
}
