//! Creating organizations.

use roster_tests::{On, Roster};
use rstest::rstest;

#[rstest]
#[tokio::test]
async fn organizations_of_one_name_have_slugs_of_their_own(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let (first, second) = (roster.organization("Acme").await, roster.organization("Acme").await);

    assert_eq!(first.slug, "acme");
    assert!(second.slug.starts_with("acme-"), "{}", second.slug);
    for name in ["株式会社", "有限会社"] {
        assert!(roster.organization(name).await.slug.starts_with("organization"));
    }
}
