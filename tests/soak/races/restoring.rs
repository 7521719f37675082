//! Undoing a removal, and what else is done to the person at the same moment.

use chrono::TimeDelta;
use roster_tests::{Member, On, Person};
use rstest::rstest;
use serde_json::json;

use super::{
    course::Course,
    story::{INVITED, REMOVED, RESTORED, joined, joined_and, story},
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn removing_and_restoring_somebody_who_is_there(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("removing and restoring somebody who is there", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let bob = joined(&acme, round).await;
        let olivia = acme.owner.through(&course.there);
        let (removed, restored) = course.race(acme.owner.remove(&bob), olivia.restore(&bob)).await;
        let expected = match course.saw(&removed, &restored) {
            ("done", "NOT_REMOVED") => joined_and("REMOVED", &["MEMBER_REMOVED"], &[REMOVED]),
            ("done", "done") => {
                joined_and("ACTIVE", &["MEMBER_REMOVED", "MEMBER_RESTORED"], &[REMOVED, RESTORED])
            }
            both => panic!("{both:?}"),
        };
        assert_eq!(story(&acme, &bob).await, expected);
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn removing_and_restoring_somebody_who_was_removed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("removing and restoring somebody who was removed", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let design = acme.group("Design", &[]).await;
        let bob = acme.member_as(&format!("Bob {round}"), "MEMBER", &[&design]).await;
        acme.owner.remove(&bob).await.succeeds();
        let olivia = acme.owner.through(&course.there);
        let (removed, restored) = course.race(acme.owner.remove(&bob), olivia.restore(&bob)).await;
        let mut log = vec!["MEMBER_REMOVED", "MEMBER_RESTORED"];
        let mut mails = vec![REMOVED, RESTORED];
        let status = match course.saw(&removed, &restored) {
            ("unchanged", "done") => "ACTIVE",
            ("done", "done") => {
                log.push("MEMBER_REMOVED");
                mails.push(REMOVED);
                "REMOVED"
            }
            both => panic!("{both:?}"),
        };
        assert_eq!(story(&acme, &bob).await, joined_and(status, &log, &mails));
    }
    course.finish(2).await;
}

/// Two who do not agree: each answer tells what was done, and the log and the emails tell the same.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn removing_and_restoring_back_and_forth(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("removing and restoring back and forth", on).await;
    let back_and_forth = async |olivia: &Person, bob: &Member| {
        [olivia.remove(bob).await, olivia.restore(bob).await, olivia.remove(bob).await]
    };
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let design = acme.group("Design", &[]).await;
        let bob = acme.member_as(&format!("Bob {round}"), "MEMBER", &[&design]).await;
        let olivia = acme.owner.through(&course.there);
        let (one, other) =
            course.race(back_and_forth(&acme.owner, &bob), back_and_forth(&olivia, &bob)).await;
        let answers = || one.iter().chain(&other);
        assert!(
            answers().all(|answer| ["done", "unchanged"].contains(&answer.outcome())),
            "{one:?} {other:?}"
        );
        let done = answers().filter(|answer| answer.outcome() == "done").count();
        course.count(&format!("{done} done"));
        // Removed first and last.
        let log = ["MEMBER_REMOVED", "MEMBER_RESTORED"].into_iter().cycle().take(done).collect::<Vec<_>>();
        let mails = [REMOVED, RESTORED].into_iter().cycle().take(done).collect::<Vec<_>>();
        assert_eq!(story(&acme, &bob).await, joined_and("REMOVED", &log, &mails));
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn restoring_twice(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("restoring twice", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let design = acme.group("Design", &[]).await;
        let bob = acme.member_as(&format!("Bob {round}"), "MEMBER", &[&design]).await;
        acme.owner.remove(&bob).await.succeeds();
        let olivia = acme.owner.through(&course.there);
        let (one, other) = course.race(acme.owner.restore(&bob), olivia.restore(&bob)).await;
        course.saw_one_winner(&one, &other, "unchanged");
        let log = ["MEMBER_REMOVED", "MEMBER_RESTORED"];
        assert_eq!(story(&acme, &bob).await, joined_and("ACTIVE", &log, &[REMOVED, RESTORED]));
        let groups = acme.member_seen_by(&acme.owner, &bob, "groups { name }").await;
        assert_eq!(groups, json!({ "groups": [{ "name": "Design" }] }));
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn restoring_and_inviting_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("restoring and inviting again", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let bob = joined(&acme, round).await;
        acme.owner.remove(&bob).await.succeeds();
        let olivia = acme.owner.through(&course.there);
        let (restored, invited) =
            course.race(acme.owner.restore(&bob), acme.invite_by(&olivia, &bob.address, "MEMBER", &[])).await;
        let (status, logged, mailed) = match course.saw(&restored, &invited) {
            ("done", "ALREADY_MEMBER") => ("ACTIVE", "MEMBER_RESTORED", RESTORED),
            ("NOT_REMOVED", "done") => ("INVITED", "MEMBER_INVITED", INVITED),
            both => panic!("{both:?}"),
        };
        let expected = joined_and(status, &["MEMBER_REMOVED", logged], &[REMOVED, mailed]);
        assert_eq!(story(&acme, &bob).await, expected);
    }
    course.finish(2).await;
}

/// Once the removal is undone, its email is not sent again.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn restoring_and_sending_the_email_of_the_removal_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("restoring and sending the email of the removal again", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let bob = joined(&acme, round).await;
        acme.owner.remove(&bob).await.succeeds();
        course.roster.deliver_all_to(&bob.address).await;
        course.roster.pass(TimeDelta::hours(1));
        let email = acme.last_notification().await["id"].as_str().unwrap().to_owned();
        let olivia = acme.owner.through(&course.there);
        let (resent, restored) =
            course.race(acme.owner.resend_notification(&email), olivia.restore(&bob)).await;
        let expected = match course.saw(&resent, &restored) {
            ("done", "done") => {
                let log = ["MEMBER_REMOVED", "NOTIFICATION_RESENT", "MEMBER_RESTORED"];
                joined_and("ACTIVE", &log, &[REMOVED, REMOVED, RESTORED])
            }
            ("NOTIFICATION_OVERTAKEN", "done") => {
                joined_and("ACTIVE", &["MEMBER_REMOVED", "MEMBER_RESTORED"], &[REMOVED, RESTORED])
            }
            both => panic!("{both:?}"),
        };
        assert_eq!(story(&acme, &bob).await, expected);
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sending_an_email_again_twice(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("sending an email again twice", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let bob = joined(&acme, round).await;
        acme.owner.remove(&bob).await.succeeds();
        course.roster.deliver_all_to(&bob.address).await;
        course.roster.pass(TimeDelta::hours(1));
        let email = acme.last_notification().await["id"].as_str().unwrap().to_owned();
        let olivia = acme.owner.through(&course.there);
        let (one, other) =
            course.race(acme.owner.resend_notification(&email), olivia.resend_notification(&email)).await;
        course.saw_one_winner(&one, &other, "unchanged");
        let log = ["MEMBER_REMOVED", "NOTIFICATION_RESENT"];
        assert_eq!(story(&acme, &bob).await, joined_and("REMOVED", &log, &[REMOVED, REMOVED]));
    }
    course.finish(2).await;
}
