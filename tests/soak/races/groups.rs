//! Groups, their members, and what they grant.

use roster_tests::{Member, On, Organization};
use rstest::rstest;
use serde_json::json;

use super::{
    course::Course,
    story::{joined, mails_to},
};

/// The groups that somebody is in, by name.
async fn groups_of(acme: &Organization, member: &Member) -> Vec<String> {
    let seen = acme.member_seen_by(&acme.owner, member, "groups { name }").await;
    let groups = seen["groups"].as_array().unwrap();
    groups.iter().map(|group| group["name"].as_str().unwrap().to_owned()).collect()
}

/// A removed member is in no group, also not in one that they were added to at that moment.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn removing_and_adding_to_a_group(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("removing and adding to a group", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let design = acme.group("Design", &[]).await;
        let (bob, olivia) = (joined(&acme, round).await, acme.owner.through(&course.there));
        let (removed, added) =
            course.race(acme.owner.remove(&bob), olivia.add_to_group(&design, &[&bob])).await;
        match course.saw(&removed, &added) {
            ("done", "done" | "ALREADY_REMOVED") => {}
            both => panic!("{both:?}"),
        }
        assert_eq!(groups_of(&acme, &bob).await, [""; 0]);
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn adding_to_a_group_and_taking_out(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("adding to a group and taking out", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let design = acme.group("Design", &[]).await;
        let (bob, olivia) = (joined(&acme, round).await, acme.owner.through(&course.there));
        let (added, taken_out) = course
            .race(acme.owner.add_to_group(&design, &[&bob]), olivia.take_out_of_group(&design, &[&bob]))
            .await;
        let groups: &[&str] = match course.saw(&added, &taken_out) {
            ("done", "done") => &[],
            ("done", "unchanged") => &["Design"],
            both => panic!("{both:?}"),
        };
        assert_eq!(groups_of(&acme, &bob).await, groups);
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn adding_to_a_group_twice(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("adding to a group twice", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let design = acme.group("Design", &[]).await;
        let (bob, olivia) = (joined(&acme, round).await, acme.owner.through(&course.there));
        let (one, other) = course
            .race(acme.owner.add_to_group(&design, &[&bob]), olivia.add_to_group(&design, &[&bob]))
            .await;
        course.saw_one_winner(&one, &other, "unchanged");
        assert_eq!(groups_of(&acme, &bob).await, ["Design"]);
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_group_and_adding_to_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("deleting a group and adding to it", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let design = acme.group("Design", &[]).await;
        let (bob, olivia) = (joined(&acme, round).await, acme.owner.through(&course.there));
        let (deleted, added) =
            course.race(acme.owner.delete_group(&design), olivia.add_to_group(&design, &[&bob])).await;
        match course.saw(&deleted, &added) {
            ("done", "done" | "NOT_FOUND") => {}
            both => panic!("{both:?}"),
        }
        assert_eq!(groups_of(&acme, &bob).await, [""; 0]);
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_group_and_inviting_into_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("deleting a group and inviting into it", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let design = acme.group("Design", &[]).await;
        let (address, olivia) = (format!("bob.{round}@example.com"), acme.owner.through(&course.there));
        let (deleted, invited) = course
            .race(
                acme.owner.delete_group(&design),
                acme.invite_by(&olivia, &address, "MEMBER", &[design.as_str()]),
            )
            .await;
        let mails = match course.saw(&deleted, &invited) {
            ("done", "done") => 1,
            ("done", "GROUP_NOT_FOUND") => 0,
            both => panic!("{both:?}"),
        };
        assert_eq!(mails_to(&course.roster, &address).await.len(), mails);
    }
    course.finish(2).await;
}

/// Bob is back in any case. If the group was gone first, Olivia is told so.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_group_and_restoring_a_member_of_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("deleting a group and restoring a member of it", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let design = acme.group("Design", &[]).await;
        let bob = acme.member_as(&format!("Bob {round}"), "MEMBER", &[&design]).await;
        acme.owner.remove(&bob).await.succeeds();
        let olivia = acme.owner.through(&course.there);
        let (deleted, restored) = course.race(acme.owner.delete_group(&design), olivia.restore(&bob)).await;
        deleted.succeeds();
        let warnings = &restored.succeeds()["warnings"];
        let gone = json!(["The group Design does not exist any more."]);
        assert!(*warnings == gone || *warnings == json!([]), "{warnings}");
        course.count(if *warnings == gone { "deleted first" } else { "restored first" });
        assert_eq!(groups_of(&acme, &bob).await, [""; 0]);
    }
    course.finish(2).await;
}

/// The permission counts at the moment at which it is used.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn using_what_a_group_grants_and_taking_it_away(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("using what a group grants and taking it away", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let hosts = acme.group("Hosts", &["MEMBERS_INVITE"]).await;
        let ada = acme.member_as("Ada", "MEMBER", &[&hosts]).await;
        let (address, olivia) = (format!("bob.{round}@example.com"), acme.owner.through(&course.there));
        let (invited, updated) = course
            .race(
                acme.invite_by(&ada, &address, "MEMBER", &[]),
                olivia.update_group(&hosts, json!({ "permissions": [] })),
            )
            .await;
        let log: &[_] = match course.saw(&invited, &updated) {
            ("done", "done") => &["GROUP_UPDATED", "MEMBER_INVITED"],
            ("NOT_PERMITTED", "done") => &["GROUP_UPDATED"],
            both => panic!("{both:?}"),
        };
        let entries = acme.log(json!({})).await;
        let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        assert_eq!(actions[..log.len()], *log);
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn creating_two_groups_of_one_name(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("creating two groups of one name", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let olivia = acme.owner.through(&course.there);
        let input = |name| json!({ "organizationId": acme.id, "name": name, "permissions": [] });
        let (one, other) = course
            .race(
                acme.owner.mutate("createGroup", input("Design"), "group { id }"),
                olivia.mutate("createGroup", input("DESIGN"), "group { id }"),
            )
            .await;
        course.saw_one_winner(&one, &other, "NAME_TAKEN");
    }
    course.finish(2).await;
}
