//! Several requests in one POST: an array, answered by an array.

use roster_tests::{Answer, On, Person, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use super::json_body;
use crate::reply::Reply;

/// Sends a batch as somebody, and returns the response as it comes.
async fn send(person: &Person, batch: &Value) -> Reply {
    let mut request = person.roster.http().post(format!("{}/graphql", person.roster.url())).json(batch);
    if let Some(token) = &person.token {
        request = request.bearer_auth(token);
    }
    Reply::to(request).await
}

/// The answers to a batch that must be well-formed, one for each request.
async fn answers(person: &Person, batch: &Value) -> Vec<Answer> {
    let reply = send(person, batch).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("content-type"), "application/json; charset=utf-8");
    let answers: Vec<Value> = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(answers.len(), batch.as_array().unwrap().len());
    answers.into_iter().map(Answer).collect()
}

fn create(name: &str) -> Value {
    let query =
        "mutation ($name: String!) { createOrganization(input: {name: $name}) { organization { slug } } }";
    json!({ "query": query, "variables": { "name": name } })
}

fn mine() -> Value {
    json!({ "query": "{ viewer { organizations { nodes { name } } } }" })
}

fn names(answer: &Answer) -> Vec<&str> {
    let nodes = answer.at("/viewer/organizations/nodes").as_array().unwrap();
    nodes.iter().map(|node| node["name"].as_str().unwrap()).collect()
}

/// Executed one after the other: a query sees what the mutations before it did, and nothing of those after it.
#[rstest]
#[tokio::test]
async fn requests_are_run_in_order_and_see_what_was_before(#[values(On::Sqlite, On::Postgres)] on: On) {
    let bob = Roster::start(on).await.person("Bob");
    // Somebody who is known: where they stand is read with who they are, before the first of the requests is run.
    assert_eq!(names(&answers(&bob, &json!([mine()])).await[0]), [""; 0]);
    let two = json!({ "query": "query a { a: __typename } query b { b: __typename }", "operationName": "b" });

    let answers =
        answers(&bob, &json!([mine(), create("Acme"), mine(), two, create("Globex"), mine()])).await;

    assert_eq!(names(&answers[0]), [""; 0]);
    assert_eq!(answers[1].text("/createOrganization/organization/slug"), "acme");
    assert_eq!(names(&answers[2]), ["Acme"]);
    assert_eq!(answers[3].data(), &json!({ "b": "Query" }));
    assert_eq!(names(&answers[5]), ["Acme", "Globex"]);
}

#[rstest]
#[tokio::test]
async fn the_errors_of_a_request_are_its_own(#[values(On::Sqlite, On::Postgres)] on: On) {
    let bob = Roster::start(on).await.person("Bob");
    let batch = json!([
        create("Acme"),
        { "query": "{" },
        { "query": "{ nothing }" },
        { "query": "query ($id: ID!) { node(id: $id) { id } }" },
        { "query": "{ organization(slug: \"unknown\") { id } }" },
        { "query": format!("mutation {{ {} }}", (0..21).map(|i| format!("m{i}: createOrganization(input: {{name: \"M{i}\"}}) {{ changed: message }} ")).collect::<String>()) },
        create("Globex"),
        mine(),
    ]);

    let answers = answers(&bob, &batch).await;

    let codes = [
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "BAD_USER_INPUT",
        "NOT_FOUND",
        "QUERY_TOO_COMPLEX",
    ];
    for (answer, code) in answers[1..].iter().zip(codes) {
        assert_eq!(answer.error_code(), code, "{answer:?}");
    }
    for refused in [1, 2, 3, 5] {
        assert_eq!(answers[refused].0.get("data"), None, "nothing was run");
    }
    assert_eq!(answers[4].0["data"], json!({ "organization": null }));
    assert_eq!(names(&answers[7]), ["Acme", "Globex"]);
}

#[tokio::test]
async fn nobody_is_signed_in_for_some_of_a_batch() {
    let roster = Roster::start(On::Sqlite).await;
    let batch = json!([create("Acme"), { "query": "{ __typename }" }, mine()]);

    let anonymous = answers(&roster.anonymous(), &batch).await;
    for answer in [&anonymous[0], &anonymous[2]] {
        assert_eq!(answer.error_code(), "UNAUTHENTICATED");
    }
    assert_eq!(anonymous[1].text("/__typename"), "Query");

    let forged = roster.person("Bob").with_token("forged");
    send(&forged, &batch).await.is_refused_with(401, "UNAUTHENTICATED");
    assert_eq!(names(&answers(&roster.person("Bob"), &json!([mine()])).await[0]), [""; 0]);
}

#[tokio::test]
async fn a_batch_has_twenty_requests_at_most_and_one_at_least() {
    let bob = Roster::start(On::Sqlite).await.person("Bob");
    let hello = json!({ "query": "{ __typename }" });

    answers(&bob, &json!(vec![&hello; 20])).await;
    let told = send(&bob, &json!(vec![&hello; 21])).await.is_refused_with(400, "TOO_MANY_ITEMS");
    assert!(told.contains("21 requests") && told.contains("at most 20"), "{told}");
    send(&bob, &json!([])).await.is_refused_with(400, "NO_ITEMS");
}

/// Nothing is run of a batch in which something is no request at all.
#[tokio::test]
async fn a_malformed_request_refuses_the_batch_and_is_named() {
    let bob = Roster::start(On::Sqlite).await.person("Bob");

    for malformed in [
        json!(7),
        json!(null),
        json!("{ __typename }"),
        json!({}),
        json!({ "query": null }),
        json!({ "query": "{ __typename }", "variables": [1] }),
        json!([{ "query": "{ __typename }" }]),
    ] {
        let told = send(&bob, &json!([create("Acme"), malformed])).await.is_refused_with(400, "BAD_REQUEST");
        assert!(told.contains("Request 2 of the batch"), "{malformed}: {told}");
    }
    for body in [&br#"[{"query": "{ __typename }"}"#[..], b"[,]", br#"[{"query": "{ __typename }"}] x"#] {
        Reply::to(json_body(&bob.roster, body)).await.is_refused_with(400, "BAD_REQUEST");
    }
    let spaced = Reply::to(
        json_body(&bob.roster, "\r\n\t [{\"query\": \"{ __typename }\"}] ").header("Accept", "*/*"),
    );
    assert_eq!(spaced.await.body, r#"[{"data":{"__typename":"Query"}}]"#);
    assert_eq!(names(&answers(&bob, &json!([mine()])).await[0]), [""; 0]);
}

/// What protects the server holds for the sum; what fits is run, whatever was refused before it.
#[tokio::test]
async fn the_requests_of_a_batch_cost_no_more_together_than_one_may_alone() {
    let roster = Roster::start(On::Sqlite).await;
    let acme = roster.organization("Acme").await;
    let query = "query ($id: ID!) { organization(id: $id) { members(first: 100) {
        nodes { id status role user { name email displayName } groups { id name } } } } }";
    let page = json!({ "query": query, "variables": { "id": acme.id } });
    // 2,803 fields, if the page is full: ten of them are 28,030.
    let pages = answers(&acme.owner, &json!(vec![page; 12])).await;
    for answer in &pages[..10] {
        answer.data();
    }
    for answer in &pages[10..] {
        assert_eq!(answer.error_code(), "QUERY_TOO_COMPLEX");
        let told = answer.error_message();
        assert!(told.contains("The batch") && told.contains("at most 30000"), "{told}");
    }

    let many = |count: usize| {
        let fields: String = (0..count).map(|_| "__typename ").collect();
        json!({ "query": format!("{{ viewer {{ user {{ {fields} }} }} }}") })
    };
    let wide = answers(&acme.owner, &json!([many(600), many(600), many(300)])).await;
    wide[0].data();
    assert_eq!(wide[1].error_code(), "QUERY_TOO_COMPLEX");
    wide[2].data();

    let groups = |name: &str, count: usize| {
        let group = |i| {
            format!(
                "m{i}: createGroup(input: {{organizationId: \"{}\", name: \"{name} {i}\"}}) {{ message }} ",
                acme.id
            )
        };
        json!({ "query": format!("mutation {{ {} }}", (0..count).map(group).collect::<String>()) })
    };
    let mutations = answers(&acme.owner, &json!([groups("a", 15), groups("b", 6), groups("c", 5)])).await;
    mutations[0].data();
    assert!(mutations[1].error_message().contains("too many mutations: 21"), "{:?}", mutations[1]);
    mutations[2].data();
    let left = acme.seen_by(&acme.owner, "groups(first: 100) { nodes { name } }").await;
    let left = left.at("/organization/groups/nodes").as_array().unwrap().len();
    assert_eq!(left, 20, "nothing of the refused one was run");
}

#[tokio::test]
async fn a_batch_is_answered_in_plain_json_only() {
    let roster = Roster::start(On::Sqlite).await;
    let body = r#"[{"query": "mutation { createOrganization(input: {name: \"Acme\"}) { message } }"}]"#;
    let send = |accept: &str| {
        let request = roster.http().post(format!("{}/graphql", roster.url())).header("Accept", accept);
        Reply::to(request.header("Content-Type", "application/json").body(body))
    };

    for accept in ["application/json", "*/*", "application/graphql-response+json, application/json;q=0.9"] {
        let reply = send(accept).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, "application/json; charset=utf-8"));
    }
    let told = send("application/graphql-response+json").await.is_refused_with(406, "NOT_ACCEPTABLE");
    assert!(told.contains("application/json"), "{told}");
}

/// Without a batch: mutations in one document are run one after the other too.
#[rstest]
#[tokio::test]
async fn a_document_has_twenty_mutations_at_most(#[values(On::Sqlite, On::Postgres)] on: On) {
    let bob = Roster::start(on).await.person("Bob");
    let mutations = |count: usize| {
        let one = |i| {
            format!(
                "m{i}: createOrganization(input: {{name: \"Org {i:02}\"}}) {{ organization {{ name }} errors {{ code }} }} "
            )
        };
        format!("mutation {{ {} }}", (0..count).map(one).collect::<String>())
    };

    let refused = bob.query(&mutations(21)).await;
    assert_eq!(refused.error_code(), "QUERY_TOO_COMPLEX");
    assert!(refused.error_message().contains("fields at the root: 21, at most 20"), "{refused:?}");
    let answer = bob.query(&mutations(20)).await;
    for i in 0..20 {
        assert_eq!(answer.text(&format!("/m{i}/organization/name")), format!("Org {i:02}"));
    }
    let mine = bob.query("{ viewer { organizations(first: 100) { nodes { name } } } }").await;
    assert_eq!(names(&mine), (0..20).map(|i| format!("Org {i:02}")).collect::<Vec<_>>());
}
