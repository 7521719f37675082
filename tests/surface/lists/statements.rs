//! What a page costs: the statements that reach the database, counted on their way.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use roster_tests::{On, Organization, Roster};
use rstest::rstest;
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// A page of members costs the same whatever its size: who asks, their access, the members, the people, the groups.
/// Only on PostgreSQL, where statements can be seen on the wire; the code is the same for both.
#[rstest]
#[case::with_user_and_role("role status user { displayName email }")]
#[case::with_groups_and_what_depends_on_them(
    "role user { displayName } groups { name permissions } permissions viewerCanRemove viewerCannotRemoveBecause { code }"
)]
#[tokio::test]
async fn a_page_of_members_costs_a_fixed_number_of_statements_whatever_its_size(#[case] fields: &str) {
    let (roster, statements) = counting().await;
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
    let (roster, statements) = counting().await;
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
async fn costs_the_same(acme: &Organization, statements: &AtomicUsize, list: &str) {
    let query = format!("query ($id: ID!, $first: Int) {{ organization(id: $id) {{ {list} }} }}");
    let mut costs = Vec::new();
    for size in [1, 10, 100] {
        let before = statements.load(Ordering::SeqCst);
        let answer = acme.owner.graphql(&query, json!({ "id": acme.id, "first": size })).await;
        assert_eq!(answer.at("/organization/list/nodes").as_array().unwrap().len(), size);
        costs.push(statements.load(Ordering::SeqCst) - before);
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

/// A Roster on PostgreSQL, and how many statements it has sent so far.
async fn counting() -> (Roster, Arc<AtomicUsize>) {
    let statements = Arc::new(AtomicUsize::new(0));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let listener = TcpListener::from_std(listener).unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::clone(&statements);
    let roster = Roster::start_with(On::Postgres, |config| {
        let url = config.database.url.expose_secret();
        let (scheme, rest) = url.split_once("://").unwrap();
        let (server, database) = rest.rsplit_once('/').unwrap();
        let (user, server) = server.rsplit_once('@').unwrap();
        tokio::spawn(forward(listener, server.to_owned(), count));
        config.database.url = format!("{scheme}://{user}@127.0.0.1:{port}/{database}?sslmode=disable").into();
    })
    .await;
    (roster, statements)
}

async fn forward(listener: TcpListener, server: String, count: Arc<AtomicUsize>) {
    while let Ok((client, _)) = listener.accept().await {
        let (from_client, mut to_client) = client.into_split();
        let (mut from_server, to_server) = TcpStream::connect(&server).await.unwrap().into_split();
        tokio::spawn(async move { copy(&mut from_server, &mut to_client).await });
        tokio::spawn(count_statements(from_client, to_server, Arc::clone(&count)));
    }
}

/// Passes the messages of the PostgreSQL protocol on, and counts those that run something: Execute and Query.
async fn count_statements(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    count: Arc<AtomicUsize>,
) -> std::io::Result<()> {
    // Only the first message has no letter that says of which kind it is.
    let mut has_kind = false;
    loop {
        let mut head = vec![0; if has_kind { 5 } else { 4 }];
        client.read_exact(&mut head).await?;
        let (kind, length) = head.split_at(head.len() - 4);
        if matches!(kind, [b'E' | b'Q']) {
            count.fetch_add(1, Ordering::SeqCst);
        }
        let mut body = vec![0; u32::from_be_bytes(length.try_into().unwrap()) as usize - 4];
        client.read_exact(&mut body).await?;
        server.write_all(&head).await?;
        server.write_all(&body).await?;
        has_kind = true;
    }
}
