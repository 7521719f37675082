//! The lists of members.

use super::{
    pages::{PICKED, Pages},
    world::large,
};

/// A member with all that is read of other tables.
const MEMBER: &str = "user { displayName } groups { name } permissions invitation { id } removedBy { id }
    removalNotification { status } viewerCanRemove";

/// Why a list reads more than it shows.
const SHORT: Option<&str> =
    Some("what has fewer than three letters is in no index: members are picked by it");

#[tokio::test]
async fn a_page_of_members_reads_little_more_than_it_shows() {
    let (world, acme) = large().await;
    let members = Pages::new(&acme, "members", MEMBER);
    let mut findings = world.analyzed().await;
    for order in [
        "field: NAME",
        "field: NAME, direction: DESC",
        "field: JOINED_AT",
        "field: JOINED_AT, direction: DESC",
    ] {
        members.of(&mut findings, &format!("orderBy: {{ {order} }}"), None).await;
    }
    for (filter, by_name, by_join_date) in [
        ("status: [ACTIVE]", None, None),
        ("status: [INVITED]", None, PICKED),
        ("status: [REMOVED]", None, PICKED),
        ("status: [INVITED, REMOVED]", PICKED, PICKED),
        ("status: [ACTIVE, REMOVED]", None, None),
        ("status: [INVITED, ACTIVE, REMOVED]", None, None),
        ("role: [OWNER]", None, None),
        ("role: [ADMIN]", None, None),
        ("role: [MEMBER]", None, None),
        ("role: [OWNER, ADMIN]", None, None),
        ("role: [ADMIN], status: [ACTIVE]", None, None),
        (r#"emails: ["p4321@example.com"]"#, None, None),
        (r#"emails: ["p4321@example.com", "p4322@example.com", "p9000@example.com"]"#, None, None),
    ] {
        for (order, known) in [("NAME", by_name), ("JOINED_AT", by_join_date)] {
            let arguments = format!("filter: {{ {filter} }}, orderBy: {{ field: {order} }}");
            members.of(&mut findings, &arguments, known).await;
        }
    }
    findings.are_none();
}

/// Here the plan for all values must not be made: what is good for a text that nobody has is not for one that all have. So PostgreSQL
/// chooses as in production, where it is tempted to, once it has seen dear ones.
#[tokio::test]
async fn a_search_and_a_group_are_read_by_how_many_they_have() {
    let (world, acme) = large().await;
    let groups = world.groups(&acme).await;
    let roster = world.roster.clone();
    let mut findings = world.analyzed().await;
    let group = |number: usize| format!("groupIds: [\"{}\"]", groups[number]);
    let of_both = format!("groupIds: [\"{}\", \"{}\"]", groups[0], groups[1]);
    let search = |text: &str| format!("search: \"{text}\"");
    for (dear, why, others) in [
        (search("zz"), SHORT, vec![]),
        (search("person 43"), PICKED, vec![search("person 4990"), search("person"), search("nobody")]),
        (group(1), PICKED, vec![group(0), group(2), of_both]),
    ] {
        for order in ["NAME", "JOINED_AT"] {
            let owner = acme.owner.through(&roster.choosing_plans().await);
            let members = Pages { reader: &owner, ..Pages::new(&acme, "members", MEMBER) };
            let arguments = |filter: &str| format!("filter: {{ {filter} }}, orderBy: {{ field: {order} }}");
            for _ in 0..6 {
                members.of(&mut findings, &arguments(&dear), why).await;
            }
            for filter in &others {
                members.of(&mut findings, &arguments(filter), None).await;
            }
            let few = format!(
                "{{ node(id: \"{}\") {{ ... on Group {{ members(first: 10, orderBy: {{ field: {order} }}) {{ nodes {{ id }} }} }} }} }}",
                groups[2]
            );
            findings.of("members of a small group", owner.query(&few)).await.data();
        }
    }
    findings.are_none();
}
