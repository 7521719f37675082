//! Erasing a person, and what happens to them at the same moment: it is before or after, and nothing is left in between.

use std::time::Duration;

use roster_api::{membership::Run, person::Error};
use roster_entity::UserId;
use roster_tests::{Answer, On, Roster};
use rstest::rstest;
use serde_json::json;
use tokio::time::timeout;

use super::course::Course;

/// Erases somebody; the answer is in the form in which outcomes are counted.
async fn erase(roster: &Roster, id: UserId) -> Answer {
    let people = roster.people();
    match timeout(Duration::from_secs(60), people.erase(id, Run::Real)).await.expect("it ends") {
        Ok(erased) => Answer(json!({ "data": { "erase": { "changed": erased.changed } } })),
        Err(Error::LastOwner(_)) => Answer(json!({ "errors": [{ "extensions": { "code": "LAST_OWNER" } }] })),
        Err(error) => panic!("{error}"),
    }
}

/// Nothing of an address may be left but what a person has who came later.
async fn is_gone(course: &Course, address: &str, id: UserId) {
    let stored = course.roster.everything_stored().await.to_lowercase();
    let left: Vec<_> = stored.lines().filter(|line| line.contains(address)).collect();
    assert!(left.is_empty(), "{left:#?}");
    assert!(course.roster.people().by_id(id).await.unwrap().is_erased());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn somebody_accepts_while_they_are_erased(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("erase and accept", on).await;
    for round in course.rounds() {
        let acme = course.roster.organization_of("Olivia", &format!("Acme {round}")).await;
        let bob = acme.invited(&format!("Bob {round}")).await;
        bob.user_id().await;
        let (id, link) =
            (course.roster.id_of(&bob.address).await, course.roster.link_token(&bob.address).await);
        let there = bob.through(&course.there);
        let (erased, accepted) = course.race(erase(&course.roster, id), there.accept(&link)).await;
        course.saw(&erased, &accepted);
        assert_eq!(acme.members(json!({ "status": ["ACTIVE", "INVITED"] })).await, ["Olivia: ACTIVE"]);
        // Whoever was too late has come as somebody new.
        let new = course.roster.people().by_email(&bob.address.parse().unwrap()).await.unwrap().owner;
        if let Some(new) = new {
            assert_ne!(new.id, id);
            course.roster.people().erase(new.id, Run::Real).await.unwrap();
        }
        is_gone(&course, &bob.address, id).await;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_removed_while_they_are_erased(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("erase and remove", on).await;
    for round in course.rounds() {
        let acme = course.roster.organization_of("Olivia", &format!("Acme {round}")).await;
        let bob = acme.member(&format!("Bob {round}")).await;
        let id = course.roster.id_of(&bob.address).await;
        let olivia = acme.owner.through(&course.there);
        let (erased, removed) = course.race(erase(&course.roster, id), olivia.remove(&bob)).await;
        let both = course.saw(&erased, &removed);
        assert!(both == ("done", "done") || both == ("done", "unchanged"), "{both:?}");
        assert_eq!(acme.members(json!({ "status": ["ACTIVE", "INVITED"] })).await, ["Olivia: ACTIVE"]);
        is_gone(&course, &bob.address, id).await;
    }
    course.finish(2).await;
}

/// Both invite, create and sign in as whom they know: they may not write what was just erased.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn somebody_founds_an_organization_or_is_invited_to_one_while_they_are_erased(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let course = Course::open("erase and create, invite or sign in", on).await;
    for round in course.rounds() {
        let acme = course.roster.organization_of("Olivia", &format!("Acme {round}")).await;
        let globex = course.roster.organization_of("Gina", &format!("Globex {round}")).await;
        let bob = acme.member(&format!("Bob {round}")).await;
        let id = course.roster.id_of(&bob.address).await;
        let there = bob.through(&course.there);
        match round % 3 {
            0 => {
                let input = json!({ "name": format!("Bobs {round}") });
                let create = there.mutate("createOrganization", input, "organization { id }");
                let (erased, created) = course.race(erase(&course.roster, id), create).await;
                let both = course.saw(&erased, &created);
                assert!(
                    [("done", "UNAUTHENTICATED"), ("LAST_OWNER", "done"), ("done", "done")].contains(&both),
                    "{both:?}"
                );
                if both.0 == "LAST_OWNER" {
                    continue;
                }
            }
            1 => {
                let gina = globex.owner.through(&course.there);
                let invite = globex.invite_by(&gina, &bob.address, "MEMBER", &[]);
                let (erased, invited) = course.race(erase(&course.roster, id), invite).await;
                course.saw(&erased, &invited);
            }
            _ => {
                let renamed = course
                    .there
                    .person_with_claims(&bob.name, |claims| claims.name = Some("Renamed".to_owned()));
                let see = renamed.query("{ viewer { user { id } } }");
                let (erased, seen) = course.race(erase(&course.roster, id), see).await;
                course.saw(&erased, &seen);
            }
        }
        assert!(course.roster.people().by_id(id).await.unwrap().is_erased());
        // What is left of the address belongs to somebody new.
        let new = course.roster.people().by_email(&bob.address.parse().unwrap()).await.unwrap().owner;
        if let Some(new) = new {
            assert_ne!(new.id, id);
            match course.roster.people().erase(new.id, Run::Real).await {
                Ok(_) => {}
                // Has founded it as somebody new.
                Err(Error::LastOwner(_)) => continue,
                Err(error) => panic!("{error}"),
            }
        }
        is_gone(&course, &bob.address, id).await;
    }
}
