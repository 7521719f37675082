//! More rows than are read at a time.

use std::collections::BTreeSet;

use roster_tests::{On, Roster, seed_members};
use rstest::rstest;

use super::{column, lines, records};

/// Neither at the borders of the pages nor anywhere else is a row missing or there twice.
#[rstest]
#[case::more_than_two_pages(2_500)]
#[case::exactly_two_pages(1_999)]
#[case::one_more(2_000)]
#[tokio::test]
async fn every_member_is_there_once(#[values(On::Sqlite, On::Postgres)] on: On, #[case] count: usize) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    seed_members(roster.parts().database.write(), &acme.id, &design, 1..=count, "").await;
    // Others have members too.
    roster.organization_of("Gwen", "Globex").await.member("Carl").await;
    let all = [("organization", acme.slug.as_str())];

    let rows = lines(&acme.owner, "members", &all).await;
    let records = records(&acme.owner, "members", &all).await;

    let mut expected: BTreeSet<_> = (1..=count).map(|i| format!("p{i}@example.com")).collect();
    expected.insert(acme.owner.address.clone());
    let found: BTreeSet<_> = column(&rows, "email").into_iter().map(str::to_owned).collect();
    assert_eq!((rows.len(), found), (count + 1, expected));
    let ids = column(&rows, "id");
    assert!(ids.is_sorted(), "the order is that of the ids");
    assert_eq!(records[1..].iter().map(|record| record[0].as_str()).collect::<Vec<_>>(), ids);
    let in_design = rows.iter().filter(|row| row["groups"] == serde_json::json!(["Design"])).count();
    assert_eq!(in_design, count, "every page knows its groups");
}
