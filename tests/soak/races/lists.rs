//! Lists of removals, and requests under one idempotency key.

use roster_tests::{Member, On, Organization, Payload, Person};
use rstest::rstest;
use serde_json::json;

use super::{
    course::Course,
    story::{REMOVED, joined_and, story, two_owners},
};

async fn bobs(acme: &Organization, round: usize) -> Vec<Member> {
    let mut bobs = Vec::new();
    for n in 0..3 {
        bobs.push(acme.member(&format!("Bob {round} {n}")).await);
    }
    bobs
}

async fn remove_all(
    acme: &Organization,
    caller: &Person,
    members: &[Member],
    mode: &str,
    key: Option<&str>,
) -> Payload {
    let items: Vec<_> = members.iter().map(|member| json!({ "memberId": member.id })).collect();
    let input = json!({ "members": items, "mode": mode, "idempotencyKey": key });
    caller.remove_all_with(acme, input).await
}

/// That each of them was removed once and told once.
async fn were_removed_once(acme: &Organization, members: &[Member]) {
    for member in members {
        assert_eq!(story(acme, member).await, joined_and("REMOVED", &["MEMBER_REMOVED"], &[REMOVED]));
    }
}

/// Kim removes all owners in one list while one of them takes the role from the other.
#[rstest]
#[case::whoever_can_be("PARTIAL")]
#[case::all_or_nobody("ATOMIC")]
#[tokio::test(flavor = "multi_thread")]
async fn removing_all_owners_and_changing_the_role_of_one(
    #[case] mode: &str,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let course = Course::open(&format!("removing all owners and changing the role of one, {mode}"), on).await;
    for round in course.rounds() {
        let (acme, ada) = two_owners(&course, round).await;
        let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
        let kim = acme.member_as("Kim", "ADMIN", &[&keys]).await;
        let (owners, olivia) = ([acme.owner.clone(), ada.clone()], acme.owner.through(&course.there));
        let (list, changed) = course
            .race(remove_all(&acme, &kim, &owners, mode, None), olivia.change_role(&ada, "MEMBER"))
            .await;
        let outcome = format!("{} + {}", list.outcomes().join(", "), changed.outcome());
        let stays = match (mode, outcome.as_str()) {
            ("PARTIAL", "done, LAST_OWNER + NOT_FOUND") => "Ada: ACTIVE",
            ("PARTIAL", "LAST_OWNER, done + done")
            | ("ATOMIC", "unchanged, LAST_OWNER + done" | "LAST_OWNER, unchanged + done") => "Olivia: ACTIVE",
            both => panic!("{both:?}"),
        };
        course.count(&outcome);
        let seen = Organization { owner: kim, ..acme.clone() };
        assert_eq!(seen.members(json!({ "role": "OWNER", "status": "ACTIVE" })).await, [stays]);
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_lists_of_the_same_people(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("two lists of the same people", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (bobs, olivia) = (bobs(&acme, round).await, acme.owner.through(&course.there));
        let backwards: Vec<_> = bobs.iter().rev().cloned().collect();
        let (one, other) = course
            .race(
                remove_all(&acme, &acme.owner, &bobs, "PARTIAL", None),
                remove_all(&acme, &olivia, &backwards, "PARTIAL", None),
            )
            .await;
        course.saw_one_winner(&one, &other, "unchanged");
        let mut outcomes = [one.outcomes(), other.outcomes()];
        outcomes.sort();
        assert_eq!(outcomes, [["done"; 3], ["unchanged"; 3]]);
        were_removed_once(&acme, &bobs).await;
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_twice_under_one_key(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("the same request twice under one key", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (bobs, olivia) = (bobs(&acme, round).await, acme.owner.through(&course.there));
        let (one, other) = course
            .race(
                remove_all(&acme, &acme.owner, &bobs, "PARTIAL", Some("the key")),
                remove_all(&acme, &olivia, &bobs, "PARTIAL", Some("the key")),
            )
            .await;
        let replayed = [&one, &other].map(|answer| answer.succeeds()["replayed"].as_bool().unwrap());
        assert_ne!(replayed[0], replayed[1]);
        course.count(if replayed[0] { "the second one first" } else { "the first one first" });
        assert_eq!((one.outcomes(), other.outcomes()), (vec!["done"; 3], vec!["done"; 3]));
        assert_eq!(one.message(), other.message());
        were_removed_once(&acme, &bobs).await;
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_requests_under_one_key(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("two requests under one key", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (bobs, olivia) = (bobs(&acme, round).await, acme.owner.through(&course.there));
        let (first, others) = bobs.split_at(1);
        let (one, other) = course
            .race(
                remove_all(&acme, &acme.owner, first, "PARTIAL", Some("the key")),
                remove_all(&acme, &olivia, others, "PARTIAL", Some("the key")),
            )
            .await;
        let (removed, left) = match course.saw(&one, &other) {
            ("done", "IDEMPOTENCY_KEY_REUSED") => (first, others),
            ("IDEMPOTENCY_KEY_REUSED", "done") => (others, first),
            both => panic!("{both:?}"),
        };
        were_removed_once(&acme, removed).await;
        for bob in left {
            assert_eq!(story(&acme, bob).await, joined_and("ACTIVE", &[], &[]));
        }
    }
    course.finish(2).await;
}
