//! Documents that are named instead of sent: automatic persisted queries, and the trusted list.

use std::fs;

use reqwest::{Method, Url};
use roster_api::config::Config;
use roster_tests::{On, Roster};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::{json_body, request};
use crate::reply::Reply;

const HELLO: &str = "{ __typename }";
/// `printf '{ __typename }' | sha256sum`
const HASH_OF_HELLO: &str = "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b";
const OTHER_HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const CREATE: &str =
    "mutation Create { createOrganization(input: {name: \"Acme\"}) { organization { slug } } }";

async fn ask(roster: &Roster, body: Value) -> Reply {
    Reply::to(json_body(roster, body.to_string())).await
}

fn hash(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

/// A file with the trusted documents of a client.
fn list(documents: &Value) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), documents.to_string()).unwrap();
    file
}

async fn trusting(file: &NamedTempFile) -> Roster {
    Roster::start_with(On::Sqlite, |config| {
        config.documents.trusted_file = file.path().to_owned();
        config.documents.trusted_only = true;
    })
    .await
}

#[tokio::test]
async fn a_document_that_was_sent_with_its_hash_once_is_found_by_the_hash_alone() {
    let roster = Roster::start(On::Sqlite).await;
    let alone = json!({ "extensions": hash(HASH_OF_HELLO) });

    let told = ask(&roster, alone.clone()).await.is_refused_with(400, "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(told, "PersistedQueryNotFound");
    let both = ask(&roster, json!({ "query": HELLO, "extensions": hash(HASH_OF_HELLO) })).await;
    assert_eq!(both.answer().text("/__typename"), "Query");

    assert_eq!(ask(&roster, alone.clone()).await.answer().text("/__typename"), "Query");
    let capitals = json!({ "extensions": hash(&HASH_OF_HELLO.to_uppercase()) });
    assert_eq!(ask(&roster, capitals).await.answer().text("/__typename"), "Query");
    let batch =
        Reply::to(request(&roster, Method::POST).json(&json!([alone, { "extensions": hash(OTHER_HASH) }])))
            .await;
    let answers: Vec<Value> = serde_json::from_str(&batch.body).unwrap();
    assert_eq!(answers[0], json!({ "data": { "__typename": "Query" } }));
    assert_eq!(answers[1]["errors"][0]["message"], "PersistedQueryNotFound");
}

#[tokio::test]
async fn a_document_is_registered_and_found_with_get_too() {
    let roster = Roster::start(On::Sqlite).await;
    let extensions = hash(HASH_OF_HELLO).to_string();
    let get = |parameters: &[(&str, &str)]| {
        let url = Url::parse_with_params(&format!("{}/graphql", roster.url()), parameters).unwrap();
        Reply::to(roster.http().get(url))
    };

    let unknown = get(&[("extensions", &extensions)]).await;
    assert_eq!((unknown.status, unknown.answer().error_code()), (200, "PERSISTED_QUERY_NOT_FOUND"));
    get(&[("query", HELLO), ("extensions", &extensions)]).await.answer().data();
    assert_eq!(get(&[("extensions", &extensions)]).await.answer().text("/__typename"), "Query");
}

#[tokio::test]
async fn a_mutation_is_not_taken_with_get_by_its_hash_either() {
    let file = list(&json!({ "create": CREATE }));
    let roster = trusting(&file).await;
    let url =
        Url::parse_with_params(&format!("{}/graphql", roster.url()), [("documentId", "create")]).unwrap();
    let request = roster.http().get(url).bearer_auth(roster.person("Bob").token.unwrap());
    Reply::to(request).await.is_refused_with(405, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn a_wrong_hash_is_refused_and_registers_nothing() {
    let roster = Roster::start(On::Sqlite).await;

    let wrong = json!({ "query": HELLO, "extensions": hash(OTHER_HASH) });
    ask(&roster, wrong).await.is_refused_with(400, "PERSISTED_QUERY_HASH_MISMATCH");
    for (named, code) in [
        (hash(OTHER_HASH), "PERSISTED_QUERY_NOT_FOUND"),
        (hash("7f56"), "BAD_REQUEST"),
        (
            json!({ "persistedQuery": { "version": 2, "sha256Hash": HASH_OF_HELLO } }),
            "PERSISTED_QUERY_NOT_SUPPORTED",
        ),
        (json!({ "persistedQuery": { "sha256Hash": HASH_OF_HELLO } }), "PERSISTED_QUERY_NOT_SUPPORTED"),
        (json!({ "persistedQuery": { "version": 1 } }), "BAD_REQUEST"),
    ] {
        ask(&roster, json!({ "extensions": named })).await.is_refused_with(400, code);
    }
}

#[tokio::test]
async fn only_what_passed_the_guard_is_kept() {
    let roster = Roster::start_with(On::Sqlite, |config| config.limits.tokens = 2).await;

    let both = json!({ "query": HELLO, "extensions": hash(HASH_OF_HELLO) });
    ask(&roster, both).await.is_refused_with(400, "QUERY_TOO_LARGE");
    let alone = json!({ "extensions": hash(HASH_OF_HELLO) });
    ask(&roster, alone).await.is_refused_with(400, "PERSISTED_QUERY_NOT_FOUND");
}

#[tokio::test]
async fn automatic_persisted_queries_can_be_switched_off() {
    let roster = Roster::start_with(On::Sqlite, |config| config.documents.automatic = false).await;

    let both = json!({ "query": HELLO, "extensions": hash(HASH_OF_HELLO) });
    assert_eq!(ask(&roster, both).await.answer().text("/__typename"), "Query");
    let told = ask(&roster, json!({ "extensions": hash(HASH_OF_HELLO) })).await;
    assert_eq!(told.is_refused_with(400, "PERSISTED_QUERY_NOT_SUPPORTED"), "PersistedQueryNotSupported");
}

#[tokio::test]
async fn a_trusted_document_is_found_by_each_of_its_names_and_nothing_else_is_answered() {
    let file = list(&json!({ "hello": HELLO, "create": CREATE }));
    let roster = trusting(&file).await;

    for body in [
        json!({ "documentId": "hello" }),
        json!({ "documentId": format!("sha256:{HASH_OF_HELLO}") }),
        json!({ "extensions": hash(HASH_OF_HELLO) }),
        json!({ "query": HELLO }),
        json!({ "query": HELLO, "extensions": hash(HASH_OF_HELLO) }),
    ] {
        assert_eq!(ask(&roster, body.clone()).await.answer().text("/__typename"), "Query", "{body}");
    }
    for (body, code) in [
        (json!({ "query": "{  __typename }" }), "DOCUMENT_NOT_TRUSTED"),
        (json!({ "query": "{ __schema { types { name } } }" }), "DOCUMENT_NOT_TRUSTED"),
        (json!({ "query": "" }), "DOCUMENT_NOT_TRUSTED"),
        (json!({ "extensions": hash(OTHER_HASH) }), "DOCUMENT_NOT_TRUSTED"),
        (json!({ "documentId": "unknown" }), "PERSISTED_DOCUMENT_NOT_FOUND"),
        (json!({ "documentId": format!("sha256:{OTHER_HASH}") }), "PERSISTED_DOCUMENT_NOT_FOUND"),
        (json!({ "documentId": HASH_OF_HELLO }), "PERSISTED_DOCUMENT_NOT_FOUND"),
        (json!({ "documentId": "hello", "query": CREATE }), "BAD_REQUEST"),
        (json!({ "documentId": 7 }), "BAD_REQUEST"),
    ] {
        ask(&roster, body).await.is_refused_with(400, code);
    }
    // The hash of a document that is not in the list registers nothing here.
    let other = "{ a: __typename }";
    let registered = json!({ "query": other, "extensions": hash("f4f8894a5f8f85d6b0e7eab534603e8cc5376c11e15a6c5cbf04d8db3c26670f") });
    ask(&roster, registered).await.is_refused_with(400, "DOCUMENT_NOT_TRUSTED");
}

#[tokio::test]
async fn a_list_that_is_not_required_is_one_more_way_to_name_a_document() {
    let file = list(&json!({ "hello": HELLO }));
    let roster = Roster::start_with(On::Sqlite, |config| {
        config.documents.trusted_file = file.path().to_owned();
    })
    .await;

    for body in [json!({ "documentId": "hello" }), json!({ "query": "{  __typename }" })] {
        assert_eq!(ask(&roster, body).await.answer().text("/__typename"), "Query");
    }
}

#[tokio::test]
async fn settings_that_would_answer_nothing_are_told_at_start() {
    for (change, named) in [
        (
            (|config: &mut Config| config.documents.trusted_only = true) as fn(&mut Config),
            "documents.trusted_file",
        ),
        (
            |config: &mut Config| config.documents.trusted_file = "/nowhere/list.json".into(),
            "/nowhere/list.json",
        ),
        (|config: &mut Config| config.documents.automatic_entries = 0, "documents.automatic_entries"),
        (|config: &mut Config| config.documents.automatic_bytes = 0, "documents.automatic_bytes"),
    ] {
        let told = Roster::starts_with(change).await.unwrap_err();
        assert!(told.contains(named), "{told}");
    }
}

/// All of it is validated at start, and none of it run.
#[tokio::test]
async fn a_list_that_is_wrong_is_told_at_start() {
    let start = async |documents: String| {
        let file = list(&json!({}));
        fs::write(file.path(), documents).unwrap();
        Roster::starts_with(|config| config.documents.trusted_file = file.path().to_owned()).await
    };
    let one = |name: &str, document: &str| json!({ name: document }).to_string();

    for (documents, problem) in [
        ("{".to_owned(), "JSON object"),
        ("[]".to_owned(), "JSON object"),
        (json!({ "a": 7 }).to_string(), "JSON object"),
        (one("a", ""), "a is not valid"),
        (one("a", "{ nonsense }"), "nonsense"),
        (one("a", "mutation { createOrganization(input: {}) { message } }"), "a is not valid"),
        (one("a", "{ __typename } { __typename }"), "a is not valid"),
        (one("a", "query q($id: ID!) { node(id: $id) { id } } query r { nonsense }"), "nonsense"),
        (one("a", &format!("{{ {} }}", "[".repeat(5_000))), "nested"),
        (one("a", &"{ a ".repeat(40)), "a is not valid"),
        (one(&format!("sha256:{OTHER_HASH}"), HELLO), "is not the SHA-256"),
        (one("sha256:x", HELLO), "is not the SHA-256"),
    ] {
        let told = start(documents.clone()).await.unwrap_err();
        assert!(told.contains("documents.trusted_file") && told.contains(problem), "{documents}: {told}");
    }
    for right in [
        one("a", "query q($id: ID!, $full: Boolean!) { node(id: $id) { id @skip(if: $full) } }"),
        one(&format!("sha256:{HASH_OF_HELLO}"), HELLO),
        one("a", &format!("{CREATE} query Hello {{ __typename }}")),
        "{}".to_owned(),
    ] {
        assert_eq!(start(right.clone()).await, Ok(()), "{right}");
    }
}
