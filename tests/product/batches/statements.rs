//! What a list costs: as many statements as a short one. Only on PostgreSQL, where statements can be seen on the wire; the
//! code is the same for both.

use roster_tests::{Member, Organization, Roster, Statements};
use serde_json::{Value, json};

use super::named;

/// Makes a call, which must succeed for this many; how many statements it took.
async fn cost(
    acme: &Organization,
    statements: &Statements,
    mutation: &str,
    input: Value,
    size: usize,
) -> usize {
    let before = statements.count();
    let fields = "changed message results { changed member { id status groups { name } } error { code } }";
    let answer = acme.owner.mutate(mutation, input, fields).await;
    answer.succeeds();
    assert_eq!(answer.outcomes(), vec!["done"; size]);
    statements.count() - before
}

/// Active and invited members, half of each, into a group and out of it and removed with what they have sent.
async fn costs_of_members(
    acme: &Organization,
    statements: &Statements,
    name: &str,
    size: usize,
) -> [usize; 3] {
    let active = acme.crowd(name, size / 2).await;
    let all = [active, acme.invited_crowd(&format!("{name} invited"), size / 2).await].concat();
    let group = acme.group(&format!("{name} {size}"), &[]).await;
    let ids: Vec<_> = all.iter().map(|member: &Member| &member.id).collect();
    let in_group = json!({ "groupId": group, "memberIds": ids });
    let added = cost(acme, statements, "addGroupMembers", in_group.clone(), size).await;
    let taken_out = cost(acme, statements, "removeGroupMembers", in_group, size).await;

    let mut members = named(&all);
    for (item, member) in members.as_array_mut().unwrap().iter_mut().zip(&all).step_by(size / 2) {
        item["expectedFingerprint"] = acme.owner.review(acme, member).await.into();
    }
    let input = json!({
        "organizationId": acme.id, "members": members, "revokeSentInvitations": true, "idempotencyKey": name,
    });
    [added, taken_out, cost(acme, statements, "removeMembers", input, size).await]
}

#[tokio::test]
async fn five_hundred_members_cost_as_many_statements_as_ten() {
    let (roster, statements) = Roster::counting_statements().await;
    let acme = roster.organization("Acme").await;
    // What is prepared once is not counted against the first.
    costs_of_members(&acme, &statements, "First", 2).await;
    let ten = costs_of_members(&acme, &statements, "Few", 10).await;
    let many = costs_of_members(&acme, &statements, "Many", 500).await;
    assert_eq!(ten, many);
    assert!(ten.iter().all(|cost| (5..=40).contains(cost)), "{ten:?}");
}

#[tokio::test]
async fn inviting_five_hundred_people_new_or_not_costs_as_many_statements_as_ten() {
    let (roster, statements) = Roster::counting_statements().await;
    let acme = roster.organization("Acme").await;
    let group = acme.group("Design", &[]).await;
    let mut costs = Vec::new();
    for (name, size) in [("First", 2), ("Few", 10), ("Many", 500)] {
        let former = acme.crowd(name, size / 2).await;
        acme.owner.remove_all_with(&acme, json!({ "members": named(&former) })).await.succeeds();
        let new = (0..size / 2).map(|n| format!("new.{name}.{n}@example.com"));
        let addresses = former.iter().map(|member| member.address.clone()).chain(new);
        let people: Vec<_> = addresses.map(|email| json!({ "email": email, "groupIds": [group] })).collect();
        let input = json!({ "organizationId": acme.id, "people": people, "idempotencyKey": name });
        costs.push(cost(&acme, &statements, "inviteMembers", input, size).await);
    }
    assert_eq!(costs[1], costs[2]);
    assert!((5..=40).contains(&costs[1]), "{costs:?}");
}
