//! What a page costs: the statements that reach the database, counted on their way.

use roster_tests::{Organization, Roster, Statements};
use rstest::rstest;
use serde_json::json;

/// A page of members costs the same whatever its size: who asks with their access, the members with the people, the groups; and
/// the number of owners where somebody wants to know who can be removed. Only on PostgreSQL, where statements can be seen on
/// the wire; the code is the same for both.
#[rstest]
#[case::with_user_and_role("role status user { displayName email }", 2)]
#[case::with_groups("role user { displayName } groups { name permissions } permissions", 3)]
#[case::with_what_depends_on_groups("groups { name } viewerCanRemove viewerCannotRemoveBecause { code }", 4)]
#[tokio::test]
async fn a_page_of_members_costs_a_fixed_number_of_statements_whatever_its_size(
    #[case] fields: &str,
    #[case] cost: usize,
) {
    let (roster, statements) = Roster::counting_statements().await;
    let acme = with_a_hundred_members(&roster).await;
    let list = format!("list: members(first: $first) {{ nodes {{ {fields} }} }}");
    assert_eq!(costs_the_same(&acme, &statements, &list).await, cost);
}

/// The emails that told of removals, the owners of API tokens, and who was invited by whom, are fetched for a whole page, too.
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
#[case::invitations(
    "invitations(first: $first) { nodes { member { user { email } groups { name } } invitedBy { name } revokedBy { name } } }"
)]
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
    let cost = costs_the_same(&acme, &statements, &format!("list: {list}")).await;
    assert!((3..=6).contains(&cost), "{cost}");
}

/// The organizations of somebody, with what they may do in each.
#[tokio::test]
async fn the_organizations_of_a_person_cost_a_fixed_number_of_statements_however_many_they_are() {
    let (roster, statements) = Roster::counting_statements().await;
    let olivia = roster.organization("Acme").await.owner;
    let mut costs = Vec::new();
    for organizations in [1, 20] {
        for n in 1..organizations {
            roster.organization(&format!("Acme {n}")).await;
        }
        let before = statements.count();
        let query = "{ viewer { organizations(first: 100) { nodes { name viewerPermissions } } } }";
        let answer = olivia.graphql(query, json!({})).await;
        assert_eq!(answer.at("/viewer/organizations/nodes").as_array().unwrap().len(), organizations);
        costs.push(statements.count() - before);
    }
    assert_eq!(costs, [2, 3]);
}

/// A page of the field `list` must cost the same with one item, ten and a hundred: how many statements.
async fn costs_the_same(acme: &Organization, statements: &Statements, list: &str) -> usize {
    let query = format!("query ($id: ID!, $first: Int) {{ organization(id: $id) {{ {list} }} }}");
    let mut costs = Vec::new();
    for size in [1, 10, 100] {
        let before = statements.count();
        let answer = acme.owner.graphql(&query, json!({ "id": acme.id, "first": size })).await;
        assert_eq!(answer.at("/organization/list/nodes").as_array().unwrap().len(), size);
        costs.push(statements.count() - before);
    }
    assert_eq!(costs, [costs[0]; 3]);
    costs[0]
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
