//! What a page costs: the statements that reach the database, counted on their way.

use roster_tests::{Organization, Roster, Statements};
use rstest::rstest;
use serde_json::json;

/// A page of members costs the same whatever its size: who asks, their access, the members, the people, the groups.
/// Only on PostgreSQL, where statements can be seen on the wire; the code is the same for both.
#[rstest]
#[case::with_user_and_role("role status user { displayName email }")]
#[case::with_groups_and_what_depends_on_them(
    "role user { displayName } groups { name permissions } permissions viewerCanRemove viewerCannotRemoveBecause { code }"
)]
#[tokio::test]
async fn a_page_of_members_costs_a_fixed_number_of_statements_whatever_its_size(#[case] fields: &str) {
    let (roster, statements) = Roster::counting_statements().await;
    let acme = with_a_hundred_members(&roster).await;
    costs_the_same(&acme, &statements, &format!("list: members(first: $first) {{ nodes {{ {fields} }} }}"))
        .await;
}

/// The emails that told of removals, and the owners of API tokens, are fetched for a whole page, too.
#[rstest]
#[case::removed_members(
    "members(first: $first, filter: { status: [REMOVED] }) { nodes { user { email } removalNotification { status member { id } } } }"
)]
#[case::removed_members_by_edges(
    "members(first: $first, filter: { status: [REMOVED] }) { nodes { id } edges { node { removalNotification { status } } } }"
)]
#[case::the_log(
    "activities(first: $first) { nodes { actor { name } member { id } notification { status member { id } } } }"
)]
#[case::the_log_by_edges(
    "activities(first: $first) { nodes { id } edges { node { notification { status } } } }"
)]
#[case::api_tokens("apiTokens(first: $first) { nodes { status member { user { email } } } }")]
#[tokio::test]
async fn a_page_with_emails_or_owners_costs_a_fixed_number_of_statements_whatever_its_size(
    #[case] list: &str,
) {
    let (roster, statements) = Roster::counting_statements().await;
    let acme = with_a_hundred_members(&roster).await;
    if list.starts_with("apiTokens") {
        for _ in 0..100 {
            acme.api_token_of(&acme.owner).await;
        }
    } else {
        let invited = "members(first: 100, filter: { status: [INVITED] }) { nodes { memberId: id } }";
        let invited = acme.seen_by(&acme.owner, invited).await.at("/organization/members/nodes").clone();
        acme.owner.remove_all_with(&acme, json!({ "members": invited })).await.succeeds();
    }
    costs_the_same(&acme, &statements, &format!("list: {list}")).await;
}

/// A page of the field `list` must cost the same with one item, ten and a hundred.
async fn costs_the_same(acme: &Organization, statements: &Statements, list: &str) {
    let query = format!("query ($id: ID!, $first: Int) {{ organization(id: $id) {{ {list} }} }}");
    let mut costs = Vec::new();
    for size in [1, 10, 100] {
        let before = statements.count();
        let answer = acme.owner.graphql(&query, json!({ "id": acme.id, "first": size })).await;
        assert_eq!(answer.at("/organization/list/nodes").as_array().unwrap().len(), size);
        costs.push(statements.count() - before);
    }
    assert!((4..=8).contains(&costs[0]), "{costs:?}");
    assert_eq!(costs, [costs[0]; 3]);
}

async fn with_a_hundred_members(roster: &Roster) -> Organization {
    let acme = roster.organization("Acme").await;
    let (design, on_call) = (acme.group("Design", &[]).await, acme.group("On-call", &[]).await);
    let people: Vec<_> = (0..120)
        .map(|i| json!({ "email": format!("p{i}@example.com"), "groupIds": [design, on_call] }))
        .collect();
    acme.invite_people(&acme.owner, json!(people)).await.succeeds();
    acme
}
