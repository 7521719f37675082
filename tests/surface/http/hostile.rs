//! Documents that are made to do harm: each is refused with a code, and the next request is answered.

use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

use crate::reply::{Reply, post};

#[rstest]
#[case::nested_lists(nested("[", "]", 3_000), "QUERY_TOO_DEEP")]
#[case::nested_objects(nested("{a:", "}", 3_000), "QUERY_TOO_DEEP")]
#[case::nested_selections("{ a ".repeat(10_000), "QUERY_TOO_DEEP")]
#[case::nested_types(format!("query ($a: {}Int{}) {{ __typename }}", "[".repeat(5_000), "]".repeat(5_000)), "QUERY_TOO_DEEP")]
#[case::open_brackets("(".repeat(60_000), "QUERY_TOO_DEEP")]
#[case::deep_introspection(format!("{{ __schema {{ types {{ {} name {} }} }} }}", "ofType { ".repeat(20), "} ".repeat(20)), "QUERY_TOO_COMPLEX")]
#[case::a_fragment_bomb(bomb(40), "QUERY_TOO_COMPLEX")]
#[case::ten_thousand_chained_fragments(chain(10_000), "QUERY_TOO_LARGE")]
#[case::many_chained_fragments(chain(600), "QUERY_TOO_LARGE")]
#[case::chained_fragments(chain(200), "QUERY_TOO_COMPLEX")]
#[case::a_circle_of_fragments("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".to_owned(), "GRAPHQL_VALIDATION_FAILED")]
#[case::a_fragment_in_itself("{ ...a } fragment a on Query { ...a }".to_owned(), "GRAPHQL_VALIDATION_FAILED")]
#[case::a_circle_that_nobody_spreads("{ __typename } fragment a on Query { ...a }".to_owned(), "GRAPHQL_VALIDATION_FAILED")]
#[case::thirty_thousand_aliases(aliases(30_000), "QUERY_TOO_LARGE")]
#[case::many_aliases(aliases(1_000), "QUERY_TOO_COMPLEX")]
#[case::seventy_aliases_inside(format!("{{ viewer {{ user {} }} }}", aliases(70)), "QUERY_TOO_COMPLEX")]
#[case::the_same_field_again_and_again(format!("{{ {} }}", "__typename ".repeat(3_000)), "QUERY_TOO_COMPLEX")]
#[case::many_directives(format!("{{ __typename {} }}", "@include(if: true) ".repeat(400)), "QUERY_TOO_COMPLEX")]
#[case::many_variables(format!("query ({}) {{ __typename }}", variables(200)), "QUERY_TOO_COMPLEX")]
#[case::many_operations((0..200).map(|i| format!("query q{i} {{ __typename }} ")).collect(), "QUERY_TOO_COMPLEX")]
#[case::pages_in_pages(pages(3), "QUERY_TOO_COMPLEX")]
#[case::a_long_text(format!("{{ node(id: \"{}\") {{ id }} }}", "x".repeat(70_000)), "QUERY_TOO_LARGE")]
#[case::a_long_comment(format!("{{ __typename }} # {}", "x".repeat(70_000)), "QUERY_TOO_LARGE")]
#[case::many_mutations(format!("mutation {{ {} }}", (0..30).map(create).collect::<String>()), "QUERY_TOO_COMPLEX")]
#[tokio::test]
async fn a_hostile_document_is_refused_and_the_next_request_is_answered(
    #[case] document: String,
    #[case] code: &str,
) {
    let roster = Roster::start(On::Sqlite).await;
    let bob = roster.person("Bob");

    let request = post(&roster, &json!({ "query": document })).bearer_auth(bob.token.clone().unwrap());
    let told = Reply::to(request).await.is_refused_with(400, code);

    assert!(told.len() < 400, "a sentence, not the document: {told}");
    assert_eq!(bob.query("{ viewer { user { name } } }").await.text("/viewer/user/name"), "Bob");
}

fn nested(open: &str, close: &str, levels: usize) -> String {
    format!("{{ node(id: {}1{}) {{ id }} }}", open.repeat(levels), close.repeat(levels))
}

/// Two spreads in each of a few fragments: 2^n fields.
fn bomb(levels: usize) -> String {
    let fragment = |i| format!(" fragment f{i} on Query {{ ...f{} ...f{} }}", i + 1, i + 1);
    let fragments: String = (0..levels).map(fragment).collect();
    format!("{{ ...f0 }}{fragments} fragment f{levels} on Query {{ __typename }}")
}

fn chain(length: usize) -> String {
    let fragments: String =
        (0..length).map(|i| format!(" fragment f{i} on Query {{ ...f{} }}", i + 1)).collect();
    format!("{{ ...f0 }}{fragments} fragment f{length} on Query {{ __typename }}")
}

fn aliases(count: usize) -> String {
    format!("{{ {} }}", (0..count).map(|i| format!("a{i}: __typename ")).collect::<String>())
}

fn variables(count: usize) -> String {
    (0..count).map(|i| format!("$v{i}: Int ")).collect()
}

/// A hundred members, each with their organization, with a hundred members …
fn pages(levels: usize) -> String {
    let open = "organization { members(first: 100) { nodes { ".repeat(levels);
    format!(
        "{{ viewer {{ organizations {{ nodes {{ viewerMember {{ {open} id {} }} }} }} }} }}",
        "} } } ".repeat(levels)
    )
}

fn create(i: usize) -> String {
    format!("m{i}: createOrganization(input: {{name: \"Acme {i}\"}}) {{ message }} ")
}

/// The library would run it twice, where the specification merges it.
#[rstest]
#[case::in_a_row(format!("mutation {{ {0} {0} }}", create(1)))]
#[case::in_a_fragment(format!("mutation {{ {0} ...f }} fragment f on Mutation {{ {0} }}", create(1)))]
#[case::in_an_inline_fragment(format!("mutation {{ {0} ... on Mutation {{ {0} }} }}", create(1)))]
#[case::in_a_bare_inline_fragment(format!("mutation {{ {0} ... {{ {0} }} }}", create(1)))]
#[case::spread_twice(format!("mutation {{ ...f ...f }} fragment f on Mutation {{ {} }}", create(1)))]
#[tokio::test]
async fn a_mutation_twice_under_one_name_is_not_run_at_all(#[case] document: String) {
    let roster = Roster::start(On::Sqlite).await;
    let bob = roster.person("Bob");

    let answer = bob.query(&document).await;

    assert_eq!(answer.error_code(), "GRAPHQL_VALIDATION_FAILED");
    let mine = bob.query("{ viewer { organizations { nodes { id } } } }").await;
    assert_eq!(mine.at("/viewer/organizations/nodes"), &json!([]));
}

#[tokio::test]
async fn deep_json_is_refused_before_it_is_read() {
    let roster = Roster::start(On::Sqlite).await;
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let send = |variables: String, query: &str| {
        let body = format!(r#"{{"query": {}, "variables": {variables}}}"#, json!(query));
        Reply::to(super::json_body(&roster, body))
    };

    for levels in [200, 100_000, 500_000] {
        let reply = send(format!(r#"{{"x": {}}}"#, deep(levels)), "{ __typename }").await;
        reply.is_refused_with(400, "BAD_REQUEST");
    }
    // What is read is not taken either where it does not belong.
    for query in ["query ($x: ID!) { node(id: $x) { id } }", "query ($x: [ID!]!) { nodes(ids: $x) { id } }"] {
        let reply = send(format!(r#"{{"x": {}}}"#, deep(100)), query).await;
        assert!(reply.answer().0.get("errors").is_some(), "{reply:?}");
        assert!(!reply.body.contains("INTERNAL_SERVER_ERROR"), "{reply:?}");
    }
    assert_eq!(send("{}".to_owned(), "{ __typename }").await.status, 200);
}

#[tokio::test]
async fn anybody_may_ask_for_the_schema_as_tools_do() {
    let roster = Roster::start(On::Sqlite).await;
    // As GraphiQL 5 asks: nine levels of types.
    let of_type = format!("{}{}", "ofType { kind name ".repeat(9), "} ".repeat(9));
    let query = format!(
        "query IntrospectionQuery {{ __schema {{
            description queryType {{ name kind }} mutationType {{ name kind }} subscriptionType {{ name kind }}
            types {{ ...FullType }}
            directives {{ name description isRepeatable locations args(includeDeprecated: true) {{ ...InputValue }} }}
        }} }}
        fragment FullType on __Type {{
            kind name description specifiedByURL isOneOf
            fields(includeDeprecated: true) {{
                name description args(includeDeprecated: true) {{ ...InputValue }} type {{ ...TypeRef }}
                isDeprecated deprecationReason
            }}
            inputFields(includeDeprecated: true) {{ ...InputValue }}
            interfaces {{ ...TypeRef }}
            enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }}
            possibleTypes {{ ...TypeRef }}
        }}
        fragment InputValue on __InputValue {{
            name description type {{ ...TypeRef }} defaultValue isDeprecated deprecationReason
        }}
        fragment TypeRef on __Type {{ kind name {of_type} }}"
    );

    let answer = roster.anonymous().query(&query).await;

    assert_eq!(answer.text("/__schema/mutationType/name"), "Mutation");
}
