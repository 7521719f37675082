//! Pages of members: each member once, in the same order on both databases, whatever happens between two pages.

use chrono::TimeDelta;
use roster_tests::{On, Organization, Roster};
use rstest::rstest;
use serde_json::json;

use crate::list::List;

/// People of one organization as they sort by name: digits, letters without regard to case, then other scripts. Equal
/// names stand in the order in which they came; people without a name stand where their address does.
const SORTED: [(&str, &str); 25] = [
    ("100% Real", "percent@example.com"),
    // A name that looks like a date or like an id is still a name, also in a cursor.
    ("2026-11-21T12:00:00Z", "date@example.com"),
    ("550e8400-e29b-41d4-a716-446655440000", "uuid@example.com"),
    ("_", "underscore@example.com"),
    ("", "aaron@example.com"),
    ("Ada", "z@example.com"),
    ("ADA", "y@example.com"),
    ("ada", "x@example.com"),
    ("Ada Lovelace", "lovelace@example.com"),
    ("ann-marie", "w@example.com"),
    ("", "Bea@example.com"),
    ("bob", "bob@example.com"),
    ("Olivia", "olivia@example.com"),
    ("zoe", "v@example.com"),
    ("Zoë", "u@example.com"),
    ("Ångström", "t@example.com"),
    ("E\u{301}mile", "s@example.com"),
    ("émile", "r@example.com"),
    ("Łukasz", "q@example.com"),
    ("Ωmega", "p@example.com"),
    ("борис", "o@example.com"),
    ("Борис", "n@example.com"),
    ("מרים", "m@example.com"),
    ("中村", "l@example.com"),
    ("😀 Smile", "k@example.com"),
];

/// An organization with these people: invited in one call, and those with a name have joined, by which it is known.
async fn with_everybody(roster: &Roster) -> Organization {
    let acme = roster.organization("Acme").await;
    let others = || SORTED.iter().filter(|(name, _)| *name != "Olivia");
    // By address: another order than by name, but equal names in theirs.
    let people: Vec<_> = others().map(|(_, address)| json!({ "email": address })).collect();
    acme.invite_people(&acme.owner, json!(people)).await.succeeds();
    for (name, address) in others().rev().filter(|(name, _)| !name.is_empty()) {
        let token = roster.link_token(address).await;
        roster.person_with_address(name, address).accept(&token).await.succeeds();
    }
    acme
}

fn sorted() -> Vec<String> {
    SORTED.iter().map(|(name, address)| shown(name, address)).collect()
}

fn shown(name: &str, address: &str) -> String {
    // Names are kept composed.
    let name = name.replace("E\u{301}", "É");
    format!("{} {address}", if name.is_empty() { address } else { &name })
}

#[rstest]
#[tokio::test]
async fn members_sort_by_name_alike_on_both_databases_and_pages_show_each_of_them_once(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = with_everybody(&roster).await;
    let mut expected = sorted();

    List::members(&acme, "").is(&expected).await;
    List::members(&acme, "orderBy: {field: NAME, direction: ASC}").is(&expected).await;
    expected.reverse();
    List::members(&acme, "orderBy: {direction: DESC}").is(&expected).await;
}

#[rstest]
#[tokio::test]
async fn members_sort_by_join_date_and_those_who_have_not_joined_by_when_they_were_invited(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let people = [json!({ "email": "twin.1@example.com" }), json!({ "email": "twin.2@example.com" })];
    acme.invite_people(&acme.owner, json!(people)).await.succeeds();
    roster.pass(TimeDelta::milliseconds(1));
    let late = acme.invited("Late").await;
    roster.pass(TimeDelta::microseconds(1));
    let waiting = acme.invited("Waiting").await;
    roster.pass(TimeDelta::hours(1));
    acme.member("Early").await;
    roster.pass(TimeDelta::hours(1));
    late.accept(&roster.link_token(&late.address).await).await.succeeds();

    let mut expected = vec![
        "Olivia olivia@example.com".to_owned(),
        "twin.1@example.com twin.1@example.com".to_owned(),
        "twin.2@example.com twin.2@example.com".to_owned(),
        shown("", &waiting.address),
        "Early early@example.com".to_owned(),
        "Late late@example.com".to_owned(),
    ];
    List::members(&acme, "orderBy: {field: JOINED_AT}").is(&expected).await;
    expected.reverse();
    List::members(&acme, "orderBy: {field: JOINED_AT, direction: DESC}").is(&expected).await;
}

#[rstest]
#[tokio::test]
async fn a_page_says_whether_there_are_others(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.invited("Bob").await;
    acme.invited("Carol").await;
    let members = List::members(&acme, "");

    for (page, items, has_previous, has_next) in [
        (json!({}), 3, false, false),
        (json!({ "first": 3 }), 3, false, false),
        (json!({ "first": 2 }), 2, false, true),
        (json!({ "last": 2 }), 2, true, false),
        (json!({ "last": 100 }), 3, false, false),
        (json!({ "first": 0 }), 0, false, true),
        (json!({ "last": 0 }), 0, true, false),
    ] {
        let found = members.page(page.clone()).await;
        let told = (found.items.len(), found.has_previous, found.has_next);
        assert_eq!(told, (items, has_previous, has_next), "{page}");
    }
}

#[rstest]
#[tokio::test]
async fn a_page_between_two_cursors_shows_only_what_lies_between_them(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = with_everybody(&roster).await;
    let members = List::members(&acme, "");
    let start = members.page(json!({ "first": 5 })).await.end;
    let end = members.page(json!({ "last": 5 })).await.start;

    let first = members.page(json!({ "first": 3, "after": start, "before": end })).await;
    let last = members.page(json!({ "last": 3, "after": start, "before": end })).await;
    let all = members.page(json!({ "after": start, "before": end })).await;

    let sorted = sorted();
    assert_eq!(first.items, sorted[5..8]);
    assert_eq!(last.items, sorted[17..20]);
    assert_eq!(all.items, sorted[5..20]);
}

#[rstest]
#[tokio::test]
async fn a_cursor_keeps_its_place_when_members_come_and_go_even_the_one_it_was_taken_from(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let mut members = Vec::new();
    for name in ["Bea", "Cem", "Dan", "Eve", "Fay"] {
        members.push(acme.member(name).await);
    }
    let list = List::members(&acme, "");
    let first = list.page(json!({ "first": 3 })).await;
    assert_eq!(names(&first.items), ["Bea", "Cem", "Dan"]);

    acme.owner.remove(&members[0]).await.succeeds();
    acme.owner.remove(&members[2]).await.succeeds();
    acme.member("Ann").await;
    acme.member("Ed").await;

    let second = list.page(json!({ "first": 3, "after": first.end })).await;
    assert_eq!(names(&second.items), ["Ed", "Eve", "Fay"]);
    let before = list.page(json!({ "last": 3, "before": first.end })).await;
    assert_eq!(names(&before.items), ["Ann", "Cem"]);
}

fn names(items: &[String]) -> Vec<&str> {
    items.iter().map(|item| item.split(' ').next().unwrap()).collect()
}
