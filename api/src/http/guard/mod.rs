//! What a document must pass before async-graphql sees it.
//!
//! The library parses nested values recursively and walks fragments exponentially, before its own limits apply: 6 KB can
//! abort the process, 1 KB can keep a core busy for half a minute. Everything here is linear in the document.

mod budget;
mod cost;
mod introspection;
mod items;
pub(super) mod limits;
mod pages;
mod scan;
pub(super) mod values;

use async_graphql::{
    ErrorExtensionValues, Request, ServerError, Value, Variables,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationDefinition, OperationType},
    },
};

use super::documents::Parsed;
use budget::Price;
use limits::over;

pub use budget::Budget;
pub use limits::Limits;

/// An error of the request as a whole, with a code.
pub(super) fn request_error(code: &str, message: impl Into<String>) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    let mut error = ServerError::new(message, None);
    error.extensions = Some(extensions);
    error
}

/// Checks a request, takes what it costs from the budget, and says of which type its operation is. The parsed document
/// stays in the request, and is remembered.
pub(super) fn admit(
    request: &mut Request,
    limits: &Limits,
    budget: &mut Budget,
    parsed: &Parsed,
) -> Result<OperationType, ServerError> {
    // What it costs to read the document is taken first: it is spent, also on what is refused then.
    let text = scan::scan(&request.query, limits)?;
    budget.take(text)?;
    let weights = values::Weights::new(&request.variables);
    let name = request.operation_name.clone();
    let known = parsed.get(&request.query);
    if let Some(document) = &known {
        request.set_parsed_query(ExecutableDocument::clone(document));
    }
    let document = request.parsed_query().map_err(parse_failed)?;
    let cost = cost::check(document, &weights, limits)?;
    let operation = operation(document, name.as_deref())?;
    let kind = operation.ty;
    let required = required_variables(operation);
    let lists = (kind == OperationType::Mutation).then(|| items::Lists::of(document, operation));
    check_variables(&required, &request.variables)?;
    request.variables.values().try_for_each(|value| check_lists(value, limits.list_items))?;
    let items = lists.map_or(0, |lists| lists.items(&request.variables));
    if cost.mutations > 1 {
        cost::at_most(items, limits.mutation_items, "mutation_items", "items in the lists of its mutations")?;
    }
    // A list that is too long for one mutation is refused by it, with the length that it takes.
    budget.take(Price { items: items.min(limits.mutation_items), ..cost })?;
    if known.is_none() {
        let document = request.parsed_query()?.clone();
        parsed.put(&request.query, document, text.tokens);
    }
    Ok(kind)
}

/// Reads a document that comes with the settings, and checks it as it can be without variables.
pub(super) fn review(document: &str, limits: &Limits) -> Result<ExecutableDocument, ServerError> {
    scan::scan(document, limits)?;
    let document = parse_query(document).map_err(|error| parse_failed(error.into()))?;
    cost::check(&document, &values::Weights::new(&Variables::default()), limits)?;
    Ok(document)
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
            Err(over("TOO_MANY_ITEMS", "limits.list_items", message))
        }
        Value::List(items) => items.iter().try_for_each(|item| check_lists(item, limit)),
        Value::Object(fields) => fields.values().try_for_each(|field| check_lists(field, limit)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
