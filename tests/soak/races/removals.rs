//! Removing somebody, and what else is done to them at the same moment.

use roster_tests::On;
use rstest::rstest;

use super::{
    course::Course,
    story::{REMOVED, joined, joined_and, story},
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn removing_twice(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("removing twice", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let ada = acme.member_as("Ada", "ADMIN", &[]).await.through(&course.there);
        let bob = joined(&acme, round).await;
        let (one, other) = course.race(acme.owner.remove(&bob), ada.remove(&bob)).await;
        course.saw_one_winner(&one, &other, "unchanged");
        assert_eq!(story(&acme, &bob).await, joined_and("REMOVED", &["MEMBER_REMOVED"], &[REMOVED]));
    }
    course.finish(2).await;
}

/// Who has left gets no email.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn removing_and_leaving(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("removing and leaving", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let bob = joined(&acme, round).await;
        let olivia = acme.owner.through(&course.there);
        let (left, removed) = course.race(bob.leave(&acme.id), olivia.remove(&bob)).await;
        let expected = match course.saw(&left, &removed) {
            ("done", "unchanged") => joined_and("REMOVED", &["MEMBER_LEFT"], &[]),
            ("NOT_A_MEMBER", "done") => joined_and("REMOVED", &["MEMBER_REMOVED"], &[REMOVED]),
            both => panic!("{both:?}"),
        };
        assert_eq!(story(&acme, &bob).await, expected);
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn removing_and_changing_the_role(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("removing and changing the role", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let bob = joined(&acme, round).await;
        let olivia = acme.owner.through(&course.there);
        let (removed, changed) =
            course.race(acme.owner.remove(&bob), olivia.change_role(&bob, "ADMIN")).await;
        let expected = match course.saw(&removed, &changed) {
            ("done", "ALREADY_REMOVED") => joined_and("REMOVED", &["MEMBER_REMOVED"], &[REMOVED]),
            ("done", "done") => {
                let log = ["MEMBER_ROLE_CHANGED", "MEMBER_REMOVED"];
                joined_and("REMOVED", &log, &["Your role in … is now admin", REMOVED])
            }
            both => panic!("{both:?}"),
        };
        assert_eq!(story(&acme, &bob).await, expected);
    }
    course.finish(2).await;
}

/// The last one counts, and the log says what each of them found.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn changing_the_role_twice(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("changing the role twice", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let bob = joined(&acme, round).await;
        let olivia = acme.owner.through(&course.there);
        let (one, other) =
            course.race(acme.owner.change_role(&bob, "ADMIN"), olivia.change_role(&bob, "OWNER")).await;
        one.succeeds();
        other.succeeds();
        let role = acme.member_seen_by(&acme.owner, &bob, "role").await["role"].clone();
        course.count(role.as_str().unwrap());
        let mut mails = ["Your role in … is now owner", "Your role in … is now admin"];
        if role == "OWNER" {
            mails.reverse();
        }
        let log = ["MEMBER_ROLE_CHANGED", "MEMBER_ROLE_CHANGED"];
        assert_eq!(story(&acme, &bob).await, joined_and("ACTIVE", &log, &mails));
    }
    course.finish(2).await;
}
