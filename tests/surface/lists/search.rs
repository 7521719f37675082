//! Finding members by a part of their name or address.

use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn a_part_of_the_name_or_of_the_address_finds_a_member(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let people = [
        ("Zoë Müller", "zm@example.com"),
        ("100% Bob", "percent@example.com"),
        ("under_score", "u@example.com"),
        (r"back\slash", "b@example.com"),
        ("Иван Петров", "ip@example.com"),
        ("李小龙", "bruce@example.com"),
        ("Smile 😀👩‍💻", "s@example.com"),
        ("מרים כהן", "mk@example.com"),
        ("It's \"quoted\"; DROP TABLE members; --", "q@example.com"),
    ];
    let invitees: Vec<_> = people.iter().map(|(_, address)| json!({ "email": address })).collect();
    acme.invite_people(&acme.owner, json!(invitees)).await.succeeds();
    acme.invite_people(&acme.owner, json!([{ "email": "New.Comer@Example.ORG" }])).await.succeeds();
    for (name, address) in people {
        let token = roster.link_token(address).await;
        roster.person_with_address(name, address).accept(&token).await.succeeds();
    }

    let cases: [(&str, &[&str]); 27] = [
        ("zoë", &["Zoë Müller"]),
        ("ZOË", &["Zoë Müller"]),
        ("zoe\u{308}", &["Zoë Müller"]),
        ("Ë M", &["Zoë Müller"]),
        (" müller ", &["Zoë Müller"]),
        ("zm@", &["Zoë Müller"]),
        ("ü", &["Zoë Müller"]),
        ("ИВАН", &["Иван Петров"]),
        ("小", &["李小龙"]),
        ("BRUCE@EXAMPLE", &["李小龙"]),
        ("😀", &["Smile 😀👩‍💻"]),
        ("👩‍💻", &["Smile 😀👩‍💻"]),
        ("כהן", &["מרים כהן"]),
        // Characters with a meaning in SQL stand for themselves.
        ("%", &["100% Bob"]),
        ("0%", &["100% Bob"]),
        ("0% b", &["100% Bob"]),
        ("_", &["under_score"]),
        ("r_s", &["under_score"]),
        (r"\", &[r"back\slash"]),
        (r"k\s", &[r"back\slash"]),
        ("'s \"q", &["It's \"quoted\"; DROP TABLE members; --"]),
        ("new.comer", &["New.Comer@Example.ORG"]),
        ("example.org", &["New.Comer@Example.ORG"]),
        ("nobody", &[]),
        ("%%", &[]),
        // Name and address are looked through one by one.
        ("müller zm", &[]),
        ("müller\nzm", &[]),
    ];
    for (search, expected) in cases {
        let found = acme.members(json!({ "search": search })).await;
        let found: Vec<_> = found.iter().map(|line| line.rsplit_once(':').unwrap().0).collect();
        assert_eq!(found, expected, "{search:?}");
    }
}

#[rstest]
#[tokio::test]
async fn a_search_for_nothing_is_no_search(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;

    for search in [json!(null), json!(""), json!(" \t\n ")] {
        assert_eq!(acme.members(json!({ "search": search })).await, ["Olivia: ACTIVE"], "{search}");
    }
}

#[rstest]
#[tokio::test]
async fn a_search_finds_only_members_of_the_organization_and_only_those_who_were_not_removed(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let zeta = roster.organization_of("Zed", "Zeta").await;
    let bob = acme.member("Bob").await;
    zeta.member("Bobby").await;
    acme.invited("bob.two").await;
    let search = json!({ "search": "bob" });
    assert_eq!(acme.members(search.clone()).await, ["Bob: ACTIVE", "bob.two@example.com: INVITED"]);

    acme.owner.remove(&bob).await.succeeds();

    assert_eq!(acme.members(search).await, ["bob.two@example.com: INVITED"]);
    let removed = json!({ "search": "bob", "status": ["REMOVED"] });
    assert_eq!(acme.members(removed).await, ["Bob: REMOVED"]);
}
