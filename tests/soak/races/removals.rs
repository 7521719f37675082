//! Removing and restoring, one and many, at the same moment. Which of the two wins is left open.

use roster_tests::{Member, On, Organization, Payload, Person, Roster};
use rstest::rstest;
use serde_json::json;

use super::invitations_and_owners::{
    INVITED, REMOVED, ROUNDS, outcome, owners, sorted, story, told, two_owners,
};

const RESTORED: &str = "You are a member of … again";
const JOINED: [&str; 2] = ["MEMBER_INVITED", "INVITATION_ACCEPTED"];

/// What the log says of somebody who has joined, and after that this.
fn joined_and(later: &[&'static str]) -> Vec<&'static str> {
    [&JOINED, later].concat()
}

/// Acme, and Ada, who is an admin there.
async fn acme_and_ada(on: On) -> (Roster, Organization, Member) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    (roster, acme, ada)
}

async fn bobs(acme: &Organization, round: usize) -> Vec<Member> {
    let mut bobs = Vec::new();
    for n in 0..3 {
        bobs.push(acme.member(&format!("Bob {round} {n}")).await);
    }
    bobs
}

async fn remove_all(acme: &Organization, caller: &Person, members: &[Member], key: Option<&str>) -> Payload {
    let items: Vec<_> = members.iter().map(|member| json!({ "memberId": member.id })).collect();
    caller.remove_all_with(acme, json!({ "members": items, "idempotencyKey": key })).await
}

/// That each of them was removed once and told once.
async fn were_removed_once(acme: &Organization, members: &[Member]) {
    for member in members {
        let expected = told("REMOVED", &joined_and(&["MEMBER_REMOVED"]), &[INVITED, REMOVED]);
        assert_eq!(story(acme, member).await, expected);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn removing_and_restoring_somebody_who_is_there(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (_roster, acme, ada) = acme_and_ada(on).await;
    for round in 0..ROUNDS {
        let bob = acme.member(&format!("Bob {round}")).await;
        let (removed, restored) = tokio::join!(acme.owner.remove(&bob), ada.restore(&bob));
        assert_eq!(outcome(&removed), "done");
        let expected = match outcome(&restored).as_str() {
            "NOT_REMOVED" => told("REMOVED", &joined_and(&["MEMBER_REMOVED"]), &[INVITED, REMOVED]),
            "done" => {
                let log = joined_and(&["MEMBER_REMOVED", "MEMBER_RESTORED"]);
                told("ACTIVE", &log, &[INVITED, REMOVED, RESTORED])
            }
            other => panic!("{other}"),
        };
        assert_eq!(story(&acme, &bob).await, expected);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn removing_and_restoring_somebody_who_was_removed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (_roster, acme, ada) = acme_and_ada(on).await;
    for round in 0..ROUNDS {
        let bob = acme.member(&format!("Bob {round}")).await;
        acme.owner.remove(&bob).await.succeeds();
        let (removed, restored) = tokio::join!(acme.owner.remove(&bob), ada.restore(&bob));
        assert_eq!(outcome(&restored), "done");
        let mut log = joined_and(&["MEMBER_REMOVED", "MEMBER_RESTORED"]);
        let mut mails = vec![INVITED, REMOVED, RESTORED];
        let status = match outcome(&removed).as_str() {
            "unchanged" => "ACTIVE",
            "done" => {
                log.push("MEMBER_REMOVED");
                mails.push(REMOVED);
                "REMOVED"
            }
            other => panic!("{other}"),
        };
        assert_eq!(story(&acme, &bob).await, told(status, &log, &mails));
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn restoring_twice(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (_roster, acme, ada) = acme_and_ada(on).await;
    let design = acme.group("Design", &[]).await;
    for round in 0..ROUNDS {
        let bob = acme.member_as(&format!("Bob {round}"), "MEMBER", &[&design]).await;
        acme.owner.remove(&bob).await.succeeds();
        let (one, other) = tokio::join!(acme.owner.restore(&bob), ada.restore(&bob));
        assert_eq!(sorted(&one, &other), ["done", "unchanged"]);
        let log = joined_and(&["MEMBER_REMOVED", "MEMBER_RESTORED"]);
        assert_eq!(story(&acme, &bob).await, told("ACTIVE", &log, &[INVITED, REMOVED, RESTORED]));
        let groups = acme.member_seen_by(&acme.owner, &bob, "groups { name }").await;
        assert_eq!(groups, json!({ "groups": [{ "name": "Design" }] }));
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn restoring_and_inviting_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (_roster, acme, ada) = acme_and_ada(on).await;
    for round in 0..ROUNDS {
        let bob = acme.member(&format!("Bob {round}")).await;
        acme.owner.remove(&bob).await.succeeds();
        let (restored, invited) =
            tokio::join!(acme.owner.restore(&bob), acme.invite_by(&ada, &bob.address, "MEMBER", &[]));
        let (status, logged, mailed) = match (outcome(&restored).as_str(), outcome(&invited).as_str()) {
            ("done", "ALREADY_MEMBER") => ("ACTIVE", "MEMBER_RESTORED", RESTORED),
            ("NOT_REMOVED", "done") => ("INVITED", "MEMBER_INVITED", "Ada invited you to join …"),
            both => panic!("{both:?}"),
        };
        let log = joined_and(&["MEMBER_REMOVED", logged]);
        assert_eq!(story(&acme, &bob).await, told(status, &log, &[INVITED, REMOVED, mailed]));
    }
}

/// Kim removes all owners in one list while one of them takes the role from the other.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn removing_all_owners_and_changing_the_role_of_one(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    for round in 0..ROUNDS {
        let (acme, ada) = two_owners(&roster, round).await;
        let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
        let kim = acme.member_as("Kim", "ADMIN", &[&keys]).await;
        let both = [acme.owner.clone(), ada.clone()];
        let (list, changed) =
            tokio::join!(remove_all(&acme, &kim, &both, None), acme.owner.change_role(&ada, "MEMBER"));
        let stays = match (&list.outcomes()[..], outcome(&changed).as_str()) {
            (["done", "LAST_OWNER"], "NOT_FOUND") => "Ada",
            (["LAST_OWNER", "done"], "done") => "Olivia",
            both => panic!("{both:?}"),
        };
        assert_eq!(owners(&acme, &ada).await, [format!("{stays}: ACTIVE")]);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_lists_of_the_same_people(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (_roster, acme, ada) = acme_and_ada(on).await;
    for round in 0..ROUNDS {
        let bobs = bobs(&acme, round).await;
        let backwards: Vec<_> = bobs.iter().rev().cloned().collect();
        let (one, other) = tokio::join!(
            remove_all(&acme, &acme.owner, &bobs, None),
            remove_all(&acme, &ada, &backwards, None)
        );
        let mut outcomes = [one.outcomes(), other.outcomes()];
        outcomes.sort();
        assert_eq!(outcomes, [["done"; 3], ["unchanged"; 3]]);
        were_removed_once(&acme, &bobs).await;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_twice_under_one_key(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (_roster, acme, ada) = acme_and_ada(on).await;
    for round in 0..ROUNDS {
        let bobs = bobs(&acme, round).await;
        let key = format!("round {round}");
        let (one, other) = tokio::join!(
            remove_all(&acme, &ada, &bobs, Some(&key)),
            remove_all(&acme, &ada, &bobs, Some(&key)),
        );
        let mut replayed = [&one, &other].map(|answer| answer.succeeds()["replayed"].as_bool().unwrap());
        replayed.sort_unstable();
        assert_eq!(replayed, [false, true]);
        assert_eq!((one.outcomes(), other.outcomes()), (vec!["done"; 3], vec!["done"; 3]));
        assert_eq!(one.message(), other.message());
        were_removed_once(&acme, &bobs).await;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_requests_under_one_key(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (_roster, acme, ada) = acme_and_ada(on).await;
    for round in 0..ROUNDS {
        let bobs = bobs(&acme, round).await;
        let key = format!("round {round}");
        let (one, other) = tokio::join!(
            remove_all(&acme, &ada, &bobs[..1], Some(&key)),
            remove_all(&acme, &ada, &bobs[1..], Some(&key)),
        );
        let (removed, left) = match (outcome(&one).as_str(), outcome(&other).as_str()) {
            ("done", "IDEMPOTENCY_KEY_REUSED") => bobs.split_at(1),
            ("IDEMPOTENCY_KEY_REUSED", "done") => {
                let (left, removed) = bobs.split_at(1);
                (removed, left)
            }
            both => panic!("{both:?}"),
        };
        were_removed_once(&acme, removed).await;
        for bob in left {
            assert_eq!(story(&acme, bob).await, told("ACTIVE", &JOINED, &[INVITED]));
        }
    }
}
