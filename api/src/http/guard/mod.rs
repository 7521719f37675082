//! What a document must pass before async-graphql sees it.
//!
//! The library parses nested values recursively and walks fragments exponentially, before its own limits apply: 6 KB can
//! abort the process, 1 KB can keep a core busy for half a minute. Everything here is linear in the document.

mod budget;
mod cost;
mod items;
mod scan;

use async_graphql::{
    ErrorExtensionValues, Request, ServerError, Value, Variables,
    parser::types::{ExecutableDocument, OperationDefinition, OperationType},
};

use budget::Price;

pub use budget::Budget;

/// How large a document may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of its text.
    pub bytes: usize,
    /// Tokens of its text.
    pub tokens: usize,
    /// Brackets in brackets, of any kind.
    pub nesting: usize,
    /// Operations.
    pub operations: usize,
    /// Fragments.
    pub fragments: usize,
    /// Variables of an operation.
    pub variables: usize,
    /// Fields of an operation, with fragments as often as they are spread.
    pub fields: u64,
    /// Levels of fields.
    pub depth: u64,
    /// Aliases of an operation.
    pub aliases: u64,
    /// Directives of an operation.
    pub directives: u64,
    /// Fields of the root of a query.
    pub root_fields: u64,
    /// Fields of the root of a mutation.
    pub mutations: u64,
    /// Items of the lists that the mutations of an operation get, however often they are used.
    pub mutation_items: u64,
    /// Fields of the answer, if all pages that are asked for are full.
    pub answer: u64,
    /// Items of one list in the variables.
    pub list_items: usize,
    /// Requests of one batch. Together they may have as many fields, mutations and fields of answers as one may.
    pub batch: usize,
}

impl Default for Limits {
    /// Generous for what people write, and about 20 ms of CPU for the worst that fits in.
    fn default() -> Self {
        Self {
            bytes: 64 * 1024,
            tokens: 4_000,
            nesting: 48,
            operations: 20,
            fragments: 50,
            variables: 100,
            fields: 1_000,
            depth: 16,
            aliases: 60,
            directives: 50,
            root_fields: 30,
            mutations: 20,
            mutation_items: 2_000,
            answer: 30_000,
            list_items: 5_000,
            batch: 20,
        }
    }
}

/// An error of the request as a whole, with a code.
pub(super) fn request_error(code: &str, message: impl Into<String>) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    let mut error = ServerError::new(message, None);
    error.extensions = Some(extensions);
    error
}

/// Checks a request, takes what it costs from the budget, and says of which type its operation is. The parsed document
/// stays in the request.
pub fn admit(
    request: &mut Request,
    limits: &Limits,
    budget: &mut Budget,
) -> Result<OperationType, ServerError> {
    scan::scan(&request.query, limits)?;
    let name = request.operation_name.clone();
    let document = request.parsed_query().map_err(parse_failed)?;
    let cost = cost::check(document, limits)?;
    let operation = operation(document, name.as_deref())?;
    let kind = operation.ty;
    let required = required_variables(operation);
    let lists = (kind == OperationType::Mutation).then(|| items::Lists::of(document, operation));
    check_variables(&required, &request.variables)?;
    request.variables.values().try_for_each(|value| check_lists(value, limits.list_items))?;
    let items = lists.map_or(0, |lists| lists.items(&request.variables));
    if cost.mutations > 1 {
        cost::at_most(items, limits.mutation_items, "items in the lists of its mutations")?;
    }
    // A list that is too long for one mutation is refused by it, with the length that it takes.
    budget.take(Price { items: items.min(limits.mutation_items), ..cost })?;
    Ok(kind)
}

/// A parser's message quotes the document; a long one helps nobody.
fn parse_failed(mut error: ServerError) -> ServerError {
    error.extensions.get_or_insert_default().set("code", "GRAPHQL_PARSE_FAILED");
    error.message = error.message.chars().take(300).collect();
    error
}

fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, ServerError> {
    const CODE: &str = "OPERATION_RESOLUTION_FAILURE";
    let mut operations = document.operations.iter();
    let found = match name {
        Some(name) => operations
            .find(|(key, _)| key.is_some_and(|key| key.as_str() == name))
            .ok_or_else(|| request_error(CODE, format!("The document has no operation named \"{name}\"."))),
        None => {
            let first = operations.next();
            if operations.next().is_some() {
                return Err(request_error(CODE, "The document has several operations. Give operationName."));
            }
            first.ok_or_else(|| request_error(CODE, "The document has no operation."))
        }
    };
    found.map(|(_, operation)| &operation.node)
}

/// The names and types of variables that must have a value.
fn required_variables(operation: &OperationDefinition) -> Vec<(String, String, bool)> {
    operation
        .variable_definitions
        .iter()
        .map(|definition| &definition.node)
        .filter(|definition| !definition.var_type.node.nullable)
        .map(|definition| {
            let has_default = definition.default_value.is_some();
            (definition.name.node.to_string(), definition.var_type.node.to_string(), has_default)
        })
        .collect()
}

/// GraphQL specification 6.1.2: a missing or null value of a non-null variable is an error of the request, not of the
/// execution.
fn check_variables(required: &[(String, String, bool)], variables: &Variables) -> Result<(), ServerError> {
    for (name, of_type, has_default) in required {
        let missing = match variables.get(name.as_str()) {
            Some(value) => *value == Value::Null,
            None => !has_default,
        };
        if missing {
            let message = format!("The variable ${name} of type {of_type} needs a value.");
            return Err(request_error("BAD_USER_INPUT", message));
        }
    }
    Ok(())
}

/// Lists in the document are limited by its tokens; these by their length. The JSON parser limits how deep values go.
fn check_lists(value: &Value, limit: usize) -> Result<(), ServerError> {
    match value {
        Value::List(items) if items.len() > limit => {
            let message =
                format!("A list in the variables has {} items, at most {limit} are taken.", items.len());
            Err(request_error("TOO_MANY_ITEMS", message))
        }
        Value::List(items) => items.iter().try_for_each(|item| check_lists(item, limit)),
        Value::Object(fields) => fields.values().try_for_each(|field| check_lists(field, limit)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(request: &mut Request, limits: &Limits) -> Result<OperationType, ServerError> {
        super::admit(request, limits, &mut Budget::new(limits))
    }

    fn admit_document(document: &str) -> Result<OperationType, String> {
        admit(&mut Request::new(document), &Limits::default()).map_err(|e| e.message)
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
        assert_eq!(admit(&mut request, &Limits::default()).unwrap(), OperationType::Mutation);
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
        assert_eq!(admit(&mut request, &Limits::default()).unwrap(), OperationType::Mutation);
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
        assert!(admit(&mut request, &Limits::default()).unwrap_err().message.contains("5001 items"));
    }

    #[test]
    fn lists_of_results_and_groups_are_counted() {
        let document =
            "mutation { inviteMembers { results { member { organization { members { nodes { id } } } } } } }";
        refused_for(document, "fields in its answer");
        let document = "{ o { members { nodes { groups { members(first: 100) { nodes { id } } } } } } }";
        refused_for(document, "fields in its answer");
        assert!(
            admit_document("{ o { groups { nodes { members(first: 100) { nodes { id } } } } } }").is_ok()
        );
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
            let uses: String =
                (0..times).map(|n| format!("m{n}: remove(input: $i) {{ changed }} ")).collect();
            let document =
                format!("mutation ($i: I!) {{ {uses} x: remove(input: {{members: [1, 2]}}) {{ changed }} }}");
            let mut request = Request::new(document).variables(variables.clone());
            admit(&mut request, &Limits::default()).map_err(|e| e.message)
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
}
