//! Organizations that are created and changed at the same moment.

use roster_tests::{On, Organization, Person};
use rstest::rstest;
use serde_json::json;

use super::course::Course;

/// The slugs are made of the name, and nobody has asked for one: both organizations come about, in either order.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn creating_two_of_one_name(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("creating two organizations of one name", on).await;
    let create =
        async |person: Person, name: &str| Organization::create_with(person, json!({ "name": name })).await;
    for round in course.rounds() {
        let name = format!("Acme {round}");
        let (olivia, greta) = (course.roster.person("Olivia"), course.there.person("Greta"));
        let (one, other) = course.race(create(olivia, &name), create(greta, &name)).await;
        let plain = format!("acme-{round}");
        let (first, second) = if one.slug == plain { (&one, &other) } else { (&other, &one) };
        assert_eq!(first.slug, plain);
        assert!(second.slug.starts_with(&format!("{plain}-")), "{}", second.slug);
        course.count(&format!("{} first", first.owner.name));
        course.add(one);
        course.add(other);
    }
    course.finish(2).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn taking_one_slug(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("two organizations taking one slug", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let globex = course.organization_of("Greta", &format!("Globex {round}")).await;
        let (greta, slug) =
            (globex.owner.through(&course.there), json!({ "slug": format!("wanted-{round}") }));
        let (one, other) = course
            .race(
                acme.owner.update_organization(&acme, slug.clone()),
                greta.update_organization(&globex, slug.clone()),
            )
            .await;
        course.saw_one_winner(&one, &other, "SLUG_TAKEN");
    }
    course.finish(2).await;
}

/// Neither of two changes undoes the other.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn changing_two_settings(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("changing two settings", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let olivia = acme.owner.through(&course.there);
        let (line, days) = (json!({ "brandingLine": "Acme makes it" }), json!({ "restoreWindowDays": 7 }));
        let (one, other) = course
            .race(acme.owner.update_organization(&acme, line), olivia.update_organization(&acme, days))
            .await;
        one.succeeds();
        other.succeeds();
        let seen = acme.seen_by(&acme.owner, "brandingLine restoreWindowDays").await;
        let both = json!({ "brandingLine": "Acme makes it", "restoreWindowDays": 7 });
        assert_eq!(seen.at("/organization"), &both);
        let newest = acme.last_entry().await["after"].clone();
        course.count(if newest["restoreWindowDays"] == 7 { "the line first" } else { "the days first" });
    }
    course.finish(2).await;
}
