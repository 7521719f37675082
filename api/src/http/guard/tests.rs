//! What passes the guard, and what does not.

use super::*;

fn admit(request: &mut Request, limits: &Limits) -> Result<OperationType, ServerError> {
    super::admit(request, limits, &mut Budget::new(limits), &Parsed::default())
}

fn limits() -> Limits {
    crate::config::Config::load(None).unwrap().limits
}

fn admit_document(document: &str) -> Result<OperationType, String> {
    admit(&mut Request::new(document), &limits()).map_err(|e| e.message)
}

fn refused_for(document: &str, reason: &str) {
    let message = admit_document(document).unwrap_err();
    assert!(message.contains(reason), "{message}");
}

#[test]
fn what_people_write_is_admitted() {
    assert_eq!(admit_document("{ viewer { user { id } } }"), Ok(OperationType::Query));
    let document = "mutation ($id: ID!) { a: removeMember(input: {memberId: $id}) { changed } }";
    let variables = Variables::from_json(serde_json::json!({ "id": "x" }));
    let mut request = Request::new(document).variables(variables);
    assert_eq!(admit(&mut request, &limits()).unwrap(), OperationType::Mutation);
}

#[test]
fn nested_lists_are_refused_before_they_are_parsed() {
    refused_for(&format!("{{ a(b: {}{}) }}", "[".repeat(3_000), "]".repeat(3_000)), "nested");
}

#[test]
fn a_fragment_bomb_is_counted_not_walked() {
    let mut bomb = "{ ...f0 }".to_owned();
    for i in 0..40 {
        bomb += &format!(" fragment f{i} on Query {{ ...f{} ...f{} }}", i + 1, i + 1);
    }
    bomb += " fragment f40 on Query { __typename }";
    refused_for(&bomb, "too many fields");
}

#[test]
fn pages_in_pages_are_multiplied() {
    let pages = "{ o { members(first: 100) { nodes { o { members(last: $n) { edges { node { o { members { nodes { id } } } } } } } } } } }";
    refused_for(pages, "fields in its answer");
    assert!(
        admit_document("{ o { members(first: 100) { nodes { id user { name } groups { name } } } } }")
            .is_ok()
    );
    let in_fragments = "{ o { members { ...p } } } fragment p on P { nodes { o { members { ...q } } } } fragment q on P { nodes { a b c } }";
    refused_for(in_fragments, "fields in its answer");
}

#[test]
fn fragments_in_a_circle_are_refused() {
    refused_for("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", "within itself");
}

#[test]
fn a_mutation_under_one_name_twice_is_refused() {
    refused_for("mutation { m { id } m { id } }", "once");
    refused_for("mutation { m { id } ...x } fragment x on Mutation { m { id } }", "once");
}

#[test]
fn a_subscription_has_one_field() {
    assert_eq!(admit_document("subscription { a: e(id: 1) { kind } }"), Ok(OperationType::Subscription));
    for root in ["a { b } c { d }", "a { b } a { b }", "...f", "... { a }", "a @skip(if: true) { b }"] {
        let document = format!("subscription {{ {root} }} fragment f on Subscription {{ a {{ b }} }}");
        refused_for(&document, "one field at its root");
    }
    refused_for(
        "subscription { e { member { o { members { nodes { o { members { nodes { o { members { nodes { id } } } } } } } } } } } }",
        "fields in its answer",
    );
}

#[test]
fn an_operation_is_found_by_its_name() {
    refused_for("query a { x } query b { x }", "operationName");
    let mut request = Request::new("query a { x } mutation b { x }").operation_name("b");
    assert_eq!(admit(&mut request, &limits()).unwrap(), OperationType::Mutation);
}

#[test]
fn a_required_variable_without_a_value_is_named() {
    refused_for("query ($id: ID!) { node(id: $id) { id } }", "$id of type ID!");
    assert!(admit_document("query ($id: ID! = \"x\") { node(id: $id) { id } }").is_ok());
}

#[test]
fn lists_in_the_variables_have_a_limit() {
    let variables = Variables::from_json(serde_json::json!({ "x": { "y": vec!["z"; 5_001] } }));
    let mut request = Request::new("query ($x: X) { a(x: $x) }").variables(variables);
    assert!(admit(&mut request, &limits()).unwrap_err().message.contains("5001 items"));
}

#[test]
fn lists_of_results_and_groups_are_counted() {
    let document =
        "mutation { inviteMembers { results { member { organization { members { nodes { id } } } } } } }";
    refused_for(document, "fields in its answer");
    let document = "{ o { members { nodes { groups { members(first: 100) { nodes { id } } } } } } }";
    refused_for(document, "fields in its answer");
    assert!(admit_document("{ o { groups { nodes { members(first: 100) { nodes { id } } } } } }").is_ok());
}

#[test]
fn removal_previews_are_counted_as_more_than_other_fields() {
    let previews = "{ o { members(first: 100) { nodes { removalPreview { sentInvitations(first: 20) { nodes { id } } } } } } }";
    refused_for(previews, "fields in its answer");
    let of_a_page = "{ o { members(first: 10) { nodes { removalPreview { fingerprint warnings email { text } groups { name } } } } } }";
    assert!(admit_document(of_a_page).is_ok());
}

#[test]
fn a_list_counts_for_each_mutation_that_gets_it() {
    let variables = Variables::from_json(serde_json::json!({ "i": { "members": vec!["m"; 900] } }));
    let admit_times = |times: usize| {
        let uses: String = (0..times).map(|n| format!("m{n}: remove(input: $i) {{ changed }} ")).collect();
        let document =
            format!("mutation ($i: I!) {{ {uses} x: remove(input: {{members: [1, 2]}}) {{ changed }} }}");
        let mut request = Request::new(document).variables(variables.clone());
        admit(&mut request, &limits()).map_err(|e| e.message)
    };
    assert!(admit_times(2).is_ok());
    assert!(admit_times(3).unwrap_err().contains("2702, at most 2000"));
}

#[test]
fn sizes_have_limits() {
    refused_for(&format!("{{ {} }}", "a ".repeat(5_000)), "tokens");
    refused_for(&format!("{{ a(b: \"{}\") }}", "x".repeat(70_000)), "bytes");
    refused_for(&format!("{{ {} a {} }}", "a {".repeat(20), "}".repeat(20)), "levels");
    let aliases: String = (0..70).map(|i| format!("a{i}: x ")).collect();
    refused_for(&format!("{{ v {{ {aliases} }} }}"), "aliases");
}

#[test]
fn a_refusal_names_the_setting() {
    for (document, limit) in [
        (format!("{{ {} }}", "a ".repeat(5_000)), "tokens"),
        (format!("{{ {} }}", "a".repeat(300)), "name_bytes"),
        (format!("{{ a({}) }}", "b: 1 ".repeat(60)), "arguments"),
        ("{ a ... { ...f } } fragment f on Query { b }".to_owned(), ""),
        (format!("{{ {} a {} }}", "...{".repeat(30), "}".repeat(30)), ""),
        (
            format!(
                "{{ {} ...f {} }} fragment f on Q {{ {} a {} }}",
                "...{".repeat(30),
                "}".repeat(30),
                "...{".repeat(30),
                "}".repeat(30)
            ),
            "nesting",
        ),
    ] {
        let limit_of = |error: ServerError| error.extensions.unwrap().get("limit").map(ToString::to_string);
        let refused = admit(&mut Request::new(&document), &limits()).err();
        let expected = (!limit.is_empty()).then(|| format!("\"limits.{limit}\""));
        assert_eq!(refused.and_then(limit_of), expected, "{document}");
    }
}

#[test]
fn a_variable_weighs_as_often_as_it_is_used() {
    let variables = Variables::from_json(serde_json::json!({ "x": vec!["y"; 1_000] }));
    let uses = |times: usize| {
        let fields = (0..times).map(|i| format!("a{i}: nodes(ids: $x) {{ id }} ")).collect::<String>();
        let document = format!("query ($x: [ID!]!) {{ viewer {{ b }} {fields} }}");
        let mut request = Request::new(document).variables(variables.clone());
        admit(&mut request, &Limits { values: 10_100, ..limits() }).map_err(|e| e.message)
    };
    assert!(uses(10).is_ok());
    assert!(uses(11).unwrap_err().contains("values in its arguments"));
}

#[test]
fn a_question_about_the_schema_is_counted_by_what_the_schema_has() {
    assert!(admit_document("{ __schema { types { name fields { name type { name } } } } }").is_ok());
    refused_for(
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        "the schema",
    );
    let off = Limits { introspection_fields: 0, ..limits() };
    for document in [
        "{ __schema { types { name } } }",
        "{ ...f } fragment f on Query { ... { __type(name: \"User\") { name } } }",
    ] {
        let refused = admit(&mut Request::new(document), &off).unwrap_err();
        assert_eq!(refused.extensions.unwrap().get("code"), Some(&Value::from("INTROSPECTION_DISABLED")));
    }
    assert!(admit(&mut Request::new("{ __typename }"), &off).is_ok());
}

/// What GraphiQL and the compilers of clients ask.
#[test]
fn the_question_of_tools_fits_once() {
    let of_type = format!("{}{}", "ofType { kind name ".repeat(9), "} ".repeat(9));
    let document = format!(
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
    let document = async_graphql::parser::parse_query(document).unwrap();
    let root = document.operations.iter().next().unwrap().1;
    let fields = introspection::check(&document, &root.node.selection_set.node, &limits()).unwrap();
    let limit = limits().introspection_fields;
    assert!(fields <= limit && 2 * fields > limit, "{fields}");
}

/// The walk itself goes no deeper than the limit, or its own stack would be what ends.
#[test]
fn a_chain_of_nested_fragments_is_refused_on_a_small_stack() {
    let deep = |i: usize| {
        format!(" fragment f{i} on Q {{ {} ...f{} {} }}", "...{".repeat(24), i + 1, "}".repeat(24))
    };
    let chain: String = (0..49).map(deep).collect();
    let document = format!("{{ ...f0 }}{chain} fragment f49 on Q {{ a }}");
    let walked = std::thread::Builder::new().stack_size(512 * 1024).spawn(move || {
        let refused = admit(&mut Request::new(document), &Limits { tokens: 10_000, ..limits() });
        assert!(refused.unwrap_err().message.contains("selections within selections"));
    });
    walked.unwrap().join().unwrap();
}
