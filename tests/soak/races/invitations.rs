//! An open invitation, and two who end it or send it again.

use chrono::TimeDelta;
use roster_tests::On;
use rstest::rstest;

use super::{
    course::Course,
    story::{INVITED, REMOVED, WITHDRAWN, invited, invited_and, joined_and, story},
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn accepting_twice(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("accepting twice", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (bob, token) = invited(&acme, round).await;
        let there = bob.through(&course.there);
        let (one, other) = course.race(bob.accept(&token), there.accept(&token)).await;
        course.saw_one_winner(&one, &other, "unchanged");
        assert_eq!(story(&acme, &bob).await, joined_and("ACTIVE", &[], &[]));
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn accepting_and_revoking(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("accepting and revoking", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (bob, token) = invited(&acme, round).await;
        let olivia = acme.owner.through(&course.there);
        let (accepted, revoked) = course.race(bob.accept(&token), olivia.revoke_invitation_of(&bob)).await;
        let expected = match course.saw(&accepted, &revoked) {
            ("done", "INVITATION_ALREADY_ACCEPTED") => joined_and("ACTIVE", &[], &[]),
            ("INVITATION_REVOKED", "done") => invited_and("REMOVED", &["INVITATION_REVOKED"], &[WITHDRAWN]),
            both => panic!("{both:?}"),
        };
        assert_eq!(story(&acme, &bob).await, expected);
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn accepting_and_sending_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("accepting and sending again", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (bob, token) = invited(&acme, round).await;
        course.roster.pass(TimeDelta::hours(1));
        let olivia = acme.owner.through(&course.there);
        let (accepted, resent) = course.race(bob.accept(&token), olivia.resend_invitation_of(&bob)).await;
        match course.saw(&accepted, &resent) {
            ("done", "INVITATION_ALREADY_ACCEPTED") => {
                assert_eq!(story(&acme, &bob).await, joined_and("ACTIVE", &[], &[]));
            }
            // The older link no longer works; the newer one does.
            ("INVITATION_NOT_FOUND", "done") => {
                let expected = invited_and("INVITED", &["INVITATION_RESENT"], &[INVITED]);
                assert_eq!(story(&acme, &bob).await, expected);
                let newest = course.roster.link_token(&bob.address).await;
                bob.accept(&newest).await.succeeds();
            }
            both => panic!("{both:?}"),
        }
    }
    course.finish(2).await;
}

/// Removed in any case; what was lost, the invitation or the membership, is what the email says.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn accepting_and_removing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("accepting and removing", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (bob, token) = invited(&acme, round).await;
        let olivia = acme.owner.through(&course.there);
        let (accepted, removed) = course.race(bob.accept(&token), olivia.remove(&bob)).await;
        let expected = match course.saw(&accepted, &removed) {
            ("done", "done") => joined_and("REMOVED", &["MEMBER_REMOVED"], &[REMOVED]),
            ("INVITATION_REVOKED", "done") => invited_and("REMOVED", &["INVITATION_REVOKED"], &[WITHDRAWN]),
            both => panic!("{both:?}"),
        };
        assert_eq!(story(&acme, &bob).await, expected);
        assert_eq!(acme.rights_of(&bob).await, "refused: NOT_FOUND");
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn accepting_and_declining(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("accepting and declining", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (bob, token) = invited(&acme, round).await;
        let there = bob.through(&course.there);
        let (accepted, declined) = course.race(bob.accept(&token), there.decline(&token)).await;
        let expected = match course.saw(&accepted, &declined) {
            ("done", "INVITATION_ALREADY_ACCEPTED") => joined_and("ACTIVE", &[], &[]),
            ("INVITATION_DECLINED", "done") => invited_and("REMOVED", &["INVITATION_DECLINED"], &[]),
            both => panic!("{both:?}"),
        };
        assert_eq!(story(&acme, &bob).await, expected);
    }
    course.finish(2).await;
}

/// Who has declined gets no email.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn declining_and_revoking(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("declining and revoking", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (bob, token) = invited(&acme, round).await;
        let olivia = acme.owner.through(&course.there);
        let (declined, revoked) = course.race(bob.decline(&token), olivia.revoke_invitation_of(&bob)).await;
        let expected = match course.saw(&declined, &revoked) {
            ("done", "INVITATION_DECLINED") => invited_and("REMOVED", &["INVITATION_DECLINED"], &[]),
            ("INVITATION_REVOKED", "done") => invited_and("REMOVED", &["INVITATION_REVOKED"], &[WITHDRAWN]),
            both => panic!("{both:?}"),
        };
        assert_eq!(story(&acme, &bob).await, expected);
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn revoking_twice(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("revoking twice", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (bob, _) = invited(&acme, round).await;
        let olivia = acme.owner.through(&course.there);
        let (one, other) =
            course.race(acme.owner.revoke_invitation_of(&bob), olivia.revoke_invitation_of(&bob)).await;
        course.saw_one_winner(&one, &other, "unchanged");
        let expected = invited_and("REMOVED", &["INVITATION_REVOKED"], &[WITHDRAWN]);
        assert_eq!(story(&acme, &bob).await, expected);
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sending_again_twice(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("sending again twice", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (bob, older) = invited(&acme, round).await;
        course.roster.pass(TimeDelta::hours(1));
        let olivia = acme.owner.through(&course.there);
        let (one, other) =
            course.race(acme.owner.resend_invitation_of(&bob), olivia.resend_invitation_of(&bob)).await;
        course.saw_one_winner(&one, &other, "RESEND_TOO_SOON");
        let expected = invited_and("INVITED", &["INVITATION_RESENT"], &[INVITED]);
        assert_eq!(story(&acme, &bob).await, expected);
        bob.accept(&older).await.fails_with("INVITATION_NOT_FOUND");
        bob.accept(&course.roster.link_token(&bob.address).await).await.succeeds();
    }
    course.finish(2).await;
}

/// A new link that is revoked before its email has left is not sent any more.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sending_again_and_revoking(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("sending again and revoking", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (bob, token) = invited(&acme, round).await;
        course.roster.pass(TimeDelta::hours(1));
        let olivia = acme.owner.through(&course.there);
        let (resent, revoked) =
            course.race(acme.owner.resend_invitation_of(&bob), olivia.revoke_invitation_of(&bob)).await;
        let log: &[_] = match course.saw(&resent, &revoked) {
            ("done", "done") => &["INVITATION_RESENT", "INVITATION_REVOKED"],
            ("INVITATION_REVOKED", "done") => &["INVITATION_REVOKED"],
            both => panic!("{both:?}"),
        };
        assert_eq!(story(&acme, &bob).await, invited_and("REMOVED", log, &[WITHDRAWN]));
        assert_ne!(bob.accept(&token).await.outcome(), "done");
    }
    course.finish(2).await;
}
