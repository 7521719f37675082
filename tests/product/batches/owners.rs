//! All owners in one list: one of them stays.

use roster_tests::{Member, On, Organization, Roster};
use rstest::rstest;
use serde_json::json;

use super::named;

/// Acme as Kim sees it, who manages owners without being one; and all of its owners.
async fn acme_and_its_owners(on: On) -> (Organization, Vec<Member>) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    let kim = acme.member_as("Kim", "ADMIN", &[&keys]).await;
    let mut owners = vec![acme.owner.clone()];
    for name in ["Otto", "Oscar", "Ophelia"] {
        owners.push(acme.member_as(name, "OWNER", &[]).await);
    }
    (Organization { owner: kim, ..acme }, owners)
}

#[rstest]
#[tokio::test]
async fn the_last_of_the_list_stays(
    #[values(On::Sqlite, On::Postgres)] on: On,
    #[values(false, true)] backwards: bool,
) {
    let (acme, mut owners) = acme_and_its_owners(on).await;
    let plain = acme.member("Bob").await;
    if backwards {
        owners.reverse();
    }
    let stays = owners.last().unwrap().clone();
    owners.push(plain);
    let answer = acme.owner.remove_all_with(&acme, json!({ "members": named(&owners) })).await;
    assert_eq!(answer.outcomes(), ["done", "done", "done", "LAST_OWNER", "done"]);
    assert_eq!(answer.message(), "4 people were removed from Acme; 1 could not be removed.");
    let left = acme.members(json!({ "role": ["OWNER"], "status": ["ACTIVE"] })).await;
    assert_eq!(left, [format!("{}: ACTIVE", stays.name)]);
    assert_eq!(acme.rights_of(&stays).await.split(' ').count(), 11);
}

#[rstest]
#[tokio::test]
async fn all_stay_if_it_should_be_all_or_none(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, owners) = acme_and_its_owners(on).await;
    let input = json!({ "members": named(&owners), "mode": "ATOMIC" });
    let answer = acme.unchanged_by(acme.owner.remove_all_with(&acme, input)).await;
    assert_eq!(answer.outcomes(), ["unchanged", "unchanged", "unchanged", "LAST_OWNER"]);
    assert_eq!(answer.message(), "Nobody was removed from Acme: 1 person could not be removed.");
    let all_but_one = json!({ "members": named(&owners[1..]), "mode": "ATOMIC" });
    acme.owner.remove_all_with(&acme, all_but_one).await.succeeds();
}

/// Reviewed with four owners, each is removed as reviewed, though there are fewer and fewer of them.
#[rstest]
#[tokio::test]
async fn what_the_list_itself_changes_makes_nobody_stale(#[values(On::Sqlite, On::Postgres)] on: On) {
    let (acme, owners) = acme_and_its_owners(on).await;
    let mut members = Vec::new();
    for owner in &owners {
        let reviewed = acme.owner.review(&acme, owner).await;
        members.push(json!({ "memberId": owner.id, "expectedFingerprint": reviewed }));
    }
    let answer = acme.owner.remove_all_with(&acme, json!({ "members": members })).await;
    assert_eq!(answer.outcomes(), ["done", "done", "done", "LAST_OWNER"]);
}
