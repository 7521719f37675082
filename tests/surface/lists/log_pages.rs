//! Pages of the activity log within a filter: each entry once, whatever is written between two pages.

use chrono::TimeDelta;
use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

use crate::list::List;

#[rstest]
#[tokio::test]
async fn pages_within_a_filter_show_each_of_its_entries_once_and_no_others(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (ada, bob) = (acme.member_as("Ada", "ADMIN", &[]).await, acme.member("Bob").await);
    let start = roster.now() + TimeDelta::minutes(1);
    for minute in 0..4 {
        roster.pass(TimeDelta::minutes(1));
        // Several in one moment, by two people in turn.
        let (one, other) = if minute % 2 == 0 { (&acme.owner, &ada) } else { (&ada, &acme.owner) };
        one.change_role(&bob, "ADMIN").await.succeeds();
        acme.group(&format!("Group {minute}"), &[]).await;
        other.change_role(&bob, "MEMBER").await.succeeds();
    }
    let list = |filter: String| {
        List::of(&acme, "activities", format!("filter: {{ {filter} }}"), "action actor { name }")
    };
    let (olivia, by_ada) = ("MEMBER_ROLE_CHANGED Olivia", "MEMBER_ROLE_CHANGED Ada");

    let alternating = [olivia, by_ada, by_ada, olivia, olivia, by_ada, by_ada, olivia];
    list("actions: [MEMBER_ROLE_CHANGED]".to_owned()).is(&alternating).await;
    list(format!("memberIds: [\"{}\"], since: \"{}\"", bob.id, start.to_rfc3339())).is(&alternating).await;
    let adas = ada.user_id().await;
    list(format!("actions: [MEMBER_ROLE_CHANGED], actorIds: [\"{adas}\"]")).is(&[by_ada; 4]).await;
    let last_two_minutes = (start + TimeDelta::minutes(2)).to_rfc3339();
    list(format!("memberIds: [\"{}\"], since: \"{last_two_minutes}\"", bob.id)).is(&alternating[..4]).await;
    list(format!("memberIds: [\"{}\"], until: \"{}\"", bob.id, start.to_rfc3339()))
        .is(&["INVITATION_ACCEPTED Bob", "MEMBER_INVITED Olivia"])
        .await;
    list("actions: [GROUP_DELETED]".to_owned()).is(&[""; 0]).await;
}

#[rstest]
#[tokio::test]
async fn a_cursor_keeps_its_place_while_the_log_grows(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let change = async |role: &str| {
        roster.pass(TimeDelta::minutes(1));
        acme.owner.change_role(&bob, role).await.succeeds();
    };
    for role in ["ADMIN", "MEMBER", "ADMIN", "MEMBER", "ADMIN"] {
        change(role).await;
    }
    let filter = "filter: { actions: [MEMBER_ROLE_CHANGED] }";
    let list = List::of(&acme, "activities", filter, "createdAt");
    let minutes = |items: &[String]| items.iter().map(|item| item[14..16].to_owned()).collect::<Vec<_>>();
    let first = list.page(json!({ "first": 2 })).await;
    assert_eq!(minutes(&first.items), ["05", "04"]);

    change("MEMBER").await;
    acme.group("Design", &[]).await;
    change("ADMIN").await;

    let second = list.page(json!({ "first": 2, "after": first.end })).await;
    assert_eq!((minutes(&second.items), second.has_next), (vec!["03".to_owned(), "02".to_owned()], true));
    let back = list.page(json!({ "last": 2, "before": second.start })).await;
    assert_eq!(minutes(&back.items), ["05", "04"]);
    let new = list.page(json!({ "last": 9, "before": first.start })).await;
    assert_eq!((minutes(&new.items), new.has_previous), (vec!["07".to_owned(), "06".to_owned()], false));
    // The cursor of a filter fits the whole log, and another filter: it says where, not what.
    let whole =
        List::of(&acme, "activities", "", "action").page(json!({ "last": 1, "before": first.start })).await;
    assert_eq!(whole.items, ["MEMBER_ROLE_CHANGED"]);
    let groups = List::of(&acme, "activities", "filter: { actions: [GROUP_CREATED] }", "action");
    assert_eq!(groups.page(json!({ "before": first.start })).await.items, ["GROUP_CREATED"]);
}
