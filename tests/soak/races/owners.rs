//! The last two owners, who remove each other, leave, or take the role from each other: one of them stays.

use roster_tests::{Member, On, Organization};
use rstest::rstest;
use serde_json::json;

use super::{
    course::Course,
    story::{REMOVED, mails_to, two_owners},
};

/// That this owner is the only one left, as they see it themselves.
async fn is_left_alone(acme: &Organization, owner: &Member) {
    let seen = Organization { owner: owner.clone(), ..acme.clone() };
    let owners = seen.members(json!({ "role": "OWNER", "status": "ACTIVE" })).await;
    assert_eq!(owners, [format!("{}: ACTIVE", owner.name)]);
}

/// How often somebody was told of a removal from this organization.
async fn told_of_removal(acme: &Organization, member: &Member) -> usize {
    let subject = REMOVED.replace('…', &acme.name);
    let mails = mails_to(&acme.owner.roster, &member.address).await;
    mails.iter().filter(|mail| mail.subject() == subject).count()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn removing_each_other(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("owners removing each other", on).await;
    for round in course.rounds() {
        let (acme, ada) = two_owners(&course, round).await;
        let (one, other) = course.race(acme.owner.remove(&ada), ada.remove(&acme.owner)).await;
        let (winner, loser) = match course.saw(&one, &other) {
            ("done", "NOT_FOUND") => (&acme.owner, &ada),
            ("NOT_FOUND", "done") => (&ada, &acme.owner),
            both => panic!("{both:?}"),
        };
        is_left_alone(&acme, winner).await;
        assert_eq!((told_of_removal(&acme, winner).await, told_of_removal(&acme, loser).await), (0, 1));
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn leaving_both(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("the last two owners leaving", on).await;
    for round in course.rounds() {
        let (acme, ada) = two_owners(&course, round).await;
        let (one, other) = course.race(acme.owner.leave(&acme.id), ada.leave(&acme.id)).await;
        let stays = match course.saw(&one, &other) {
            ("done", "LAST_OWNER") => &ada,
            ("LAST_OWNER", "done") => &acme.owner,
            both => panic!("{both:?}"),
        };
        is_left_alone(&acme, stays).await;
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn leaving_and_being_removed_by_the_one_who_leaves(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("an owner leaving and removing the other", on).await;
    for round in course.rounds() {
        let (acme, ada) = two_owners(&course, round).await;
        let also_ada = ada.through(&course.roster);
        let (left, removed) = course.race(also_ada.leave(&acme.id), ada.remove(&acme.owner)).await;
        let stays = match course.saw(&left, &removed) {
            ("done", "NOT_FOUND") => &acme.owner,
            ("LAST_OWNER", "done") => &ada,
            both => panic!("{both:?}"),
        };
        is_left_alone(&acme, stays).await;
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn leaving_and_being_removed_by_the_other(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("an owner leaving and being removed by the other", on).await;
    for round in course.rounds() {
        let (acme, ada) = two_owners(&course, round).await;
        let (removed, left) = course.race(acme.owner.remove(&ada), ada.leave(&acme.id)).await;
        let told = match course.saw(&removed, &left) {
            ("unchanged", "done") => 0,
            ("done", "NOT_A_MEMBER") => 1,
            both => panic!("{both:?}"),
        };
        is_left_alone(&acme, &acme.owner).await;
        assert_eq!(told_of_removal(&acme, &ada).await, told);
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn losing_the_role_and_removing_the_other(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("an owner losing the role and removing the other", on).await;
    for round in course.rounds() {
        let (acme, ada) = two_owners(&course, round).await;
        let (changed, removed) =
            course.race(acme.owner.change_role(&ada, "MEMBER"), ada.remove(&acme.owner)).await;
        let stays = match course.saw(&changed, &removed) {
            ("done", "NOT_PERMITTED") => &acme.owner,
            ("NOT_FOUND", "done") => &ada,
            both => panic!("{both:?}"),
        };
        is_left_alone(&acme, stays).await;
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn losing_the_role_and_leaving(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("an owner losing the role and the other leaving", on).await;
    for round in course.rounds() {
        let (acme, ada) = two_owners(&course, round).await;
        let also_olivia = acme.owner.through(&course.there);
        let (changed, left) =
            course.race(acme.owner.change_role(&ada, "MEMBER"), also_olivia.leave(&acme.id)).await;
        let stays = match course.saw(&changed, &left) {
            ("done", "LAST_OWNER") => &acme.owner,
            ("NOT_FOUND", "done") => &ada,
            both => panic!("{both:?}"),
        };
        is_left_alone(&acme, stays).await;
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn taking_the_role_from_each_other(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("owners taking the role from each other", on).await;
    for round in course.rounds() {
        let (acme, ada) = two_owners(&course, round).await;
        let (one, other) =
            course.race(acme.owner.change_role(&ada, "MEMBER"), ada.change_role(&acme.owner, "MEMBER")).await;
        let stays = match course.saw(&one, &other) {
            ("done", "NOT_PERMITTED") => &acme.owner,
            ("NOT_PERMITTED", "done") => &ada,
            both => panic!("{both:?}"),
        };
        is_left_alone(&acme, stays).await;
    }
    course.finish(2).await;
}

/// Olivia has removed the other owner. Now she wants to leave, and to have the other one back.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn leaving_and_restoring_the_other(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("an owner leaving and restoring the other", on).await;
    for round in course.rounds() {
        let (acme, ada) = two_owners(&course, round).await;
        acme.owner.remove(&ada).await.succeeds();
        let also_olivia = acme.owner.through(&course.there);
        let (left, restored) = course.race(acme.owner.leave(&acme.id), also_olivia.restore(&ada)).await;
        match course.saw(&left, &restored) {
            ("done", "done") => is_left_alone(&acme, &ada).await,
            ("LAST_OWNER", "done") => {
                acme.owner.leave(&acme.id).await.succeeds();
                is_left_alone(&acme, &ada).await;
            }
            both => panic!("{both:?}"),
        }
    }
    course.finish(2).await;
}
