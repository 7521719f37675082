//! After parsing: what an operation costs, with each fragment counted once and remembered.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, ServerError, Value,
    parser::types::{ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet},
};

use super::{Limits, budget::Price, request_error};
use crate::{
    graphql::{DEFAULT_PAGE, MAX_PAGE},
    membership::MAX_REMOVALS,
};

#[derive(Clone, Copy, Default)]
struct Cost {
    fields: u64,
    depth: u64,
    aliases: u64,
    directives: u64,
    root_fields: u64,
    /// The most fields that the answer can have: those below `edges` and `nodes` as often as the page has items.
    answer: u64,
}

/// How much a removal preview costs more than other fields.
const PREVIEW: u64 = 100;

/// How many groups a member is counted with.
const GROUPS: u64 = 10;

impl Cost {
    fn add(&mut self, other: Cost) {
        self.fields = self.fields.saturating_add(other.fields);
        self.depth = self.depth.max(other.depth);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.root_fields = self.root_fields.saturating_add(other.root_fields);
        self.answer = self.answer.saturating_add(other.answer);
    }
}

/// Checks a document, and says what the operation that is run can cost at most.
pub(super) fn check(document: &ExecutableDocument, limits: &Limits) -> Result<Price, ServerError> {
    let operations = document.operations.iter().count();
    at_most(operations as u64, limits.operations as u64, "operations")?;
    at_most(document.fragments.len() as u64, limits.fragments as u64, "fragments")?;
    let mut walk = Walk { document, known: HashMap::new() };
    // Also fragments that no operation spreads: the library's validation walks them.
    for name in document.fragments.keys() {
        walk.fragment(name)?;
    }
    let mut dearest = Price::default();
    for (_, operation) in document.operations.iter() {
        let price = check_operation(&mut walk, &operation.node, limits)?;
        dearest.fields = dearest.fields.max(price.fields);
        dearest.mutations = dearest.mutations.max(price.mutations);
        dearest.answer = dearest.answer.max(price.answer);
    }
    Ok(dearest)
}

fn check_operation<'a>(
    walk: &mut Walk<'a>,
    operation: &'a OperationDefinition,
    limits: &Limits,
) -> Result<Price, ServerError> {
    let mut cost = walk.selection_set(&operation.selection_set.node, MAX_PAGE)?;
    cost.directives = cost.directives.saturating_add(operation.directives.len() as u64);
    let is_mutation = operation.ty == OperationType::Mutation;
    let root_fields = if is_mutation { limits.mutations } else { limits.root_fields };
    at_most(operation.variable_definitions.len() as u64, limits.variables as u64, "variables")?;
    at_most(cost.fields, limits.fields, "fields")?;
    at_most(cost.depth, limits.depth, "levels")?;
    at_most(cost.aliases, limits.aliases, "aliases")?;
    at_most(cost.directives, limits.directives, "directives")?;
    at_most(cost.root_fields, root_fields, "fields at the root")?;
    at_most(cost.answer, limits.answer, "fields in its answer, if all pages are full")?;
    // The library runs `mutation { m m }` twice, where the specification merges equal fields.
    if is_mutation && repeats_a_key(walk.document, &operation.selection_set.node, &mut HashSet::new()) {
        let message = "A mutation may have each name or alias once. Give a second one an alias of its own.";
        return Err(request_error("GRAPHQL_VALIDATION_FAILED", message));
    }
    if operation.ty == OperationType::Subscription {
        check_subscription(&operation.selection_set.node)?;
    }
    let mutations = if is_mutation { cost.root_fields } else { 0 };
    Ok(Price { fields: cost.fields, mutations, items: 0, answer: cost.answer })
}

/// GraphQL specification 5.2.3.1: a subscription has one field at its root. The library would run several, and drop a fragment
/// or a directive without a word.
fn check_subscription(root: &SelectionSet) -> Result<(), ServerError> {
    let is_one_field = match root.items.as_slice() {
        [only] => matches!(&only.node, Selection::Field(field) if field.node.directives.is_empty()),
        _ => false,
    };
    if is_one_field {
        return Ok(());
    }
    let message =
        "A subscription has one field at its root, written there and not in a fragment, without directives.";
    Err(request_error("GRAPHQL_VALIDATION_FAILED", message))
}

pub(super) fn at_most(count: u64, limit: u64, what: &str) -> Result<(), ServerError> {
    if count <= limit {
        return Ok(());
    }
    let message = format!("The operation has too many {what}: {count}, at most {limit}.");
    Err(request_error("QUERY_TOO_COMPLEX", message))
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    /// The cost of each fragment; `None` while it is being counted.
    known: HashMap<&'a str, Option<Cost>>,
}

impl<'a> Walk<'a> {
    /// `page` is the page size of the field that has the selection.
    fn selection_set(&mut self, set: &'a SelectionSet, page: u64) -> Result<Cost, ServerError> {
        let mut total = Cost::default();
        for selection in &set.items {
            let cost = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let mut cost = self.selection_set(&field.selection_set.node, page_size(field))?;
                    cost.depth += 1;
                    cost.root_fields = 1;
                    cost.answer = cost.answer.saturating_mul(items(field, page));
                    cost.add(Cost {
                        fields: 1,
                        answer: 1,
                        aliases: field.alias.is_some().into(),
                        directives: field.directives.len() as u64,
                        ..Cost::default()
                    });
                    cost
                }
                Selection::InlineFragment(fragment) => {
                    let mut cost = self.selection_set(&fragment.node.selection_set.node, page)?;
                    cost.add(Cost { directives: fragment.node.directives.len() as u64, ..Cost::default() });
                    cost
                }
                Selection::FragmentSpread(spread) => {
                    let mut cost = self.fragment(&spread.node.fragment_name.node)?;
                    // A spread is work even where its fragment is nearly empty.
                    let directives = spread.node.directives.len() as u64;
                    cost.add(Cost { fields: 1, directives, ..Cost::default() });
                    cost
                }
            };
            total.add(cost);
        }
        Ok(total)
    }

    fn fragment(&mut self, name: &'a Name) -> Result<Cost, ServerError> {
        match self.known.get(name.as_str()) {
            Some(Some(cost)) => return Ok(*cost),
            Some(None) => {
                let message = format!("The fragment \"{name}\" is spread within itself.");
                return Err(request_error("GRAPHQL_VALIDATION_FAILED", message));
            }
            None => {}
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            // Unknown: left to validation, which names it.
            return Ok(Cost::default());
        };
        self.known.insert(name, None);
        // Wherever it is spread: a fragment is counted once.
        let mut cost = self.selection_set(&fragment.node.selection_set.node, MAX_PAGE)?;
        cost.add(Cost { directives: fragment.node.directives.len() as u64, ..Cost::default() });
        self.known.insert(name, Some(cost));
        Ok(cost)
    }
}

/// How many items a field can have, of which each answers its selection.
fn items(field: &Field, page: u64) -> u64 {
    match field.name.node.as_str() {
        "edges" | "nodes" => page,
        // The results of a mutation, one for each item of its input.
        "results" | "revokedSentInvitations" => MAX_REMOVALS as u64,
        // A handful of statements and an email each.
        "removalPreview" => PREVIEW,
        // A member's groups are a plain list; an organization's are a connection, and counted below.
        "groups" if !is_connection(field) => GROUPS,
        _ => 1,
    }
}

fn is_connection(field: &Field) -> bool {
    field.selection_set.node.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => matches!(field.node.name.node.as_str(), "edges" | "nodes" | "pageInfo"),
        _ => false,
    })
}

/// The size of the page that a field asks for: `first` or `last`, where it stands in the document.
fn page_size(field: &Field) -> u64 {
    let given = field.arguments.iter().find(|(name, _)| matches!(name.node.as_str(), "first" | "last"));
    match given.map(|(_, value)| value.node.clone().into_const()) {
        None => DEFAULT_PAGE,
        Some(Some(Value::Number(size))) => size.as_u64().unwrap_or(MAX_PAGE),
        Some(_) => MAX_PAGE,
    }
}

/// Whether a response key stands at the root more than once. Called after the costs are known to be small.
fn repeats_a_key<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    seen: &mut HashSet<&'a str>,
) -> bool {
    set.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => {
            field.node.name.node != "__typename" && !seen.insert(field.node.response_key().node.as_str())
        }
        Selection::InlineFragment(fragment) => {
            repeats_a_key(document, &fragment.node.selection_set.node, seen)
        }
        Selection::FragmentSpread(spread) => document
            .fragments
            .get(&spread.node.fragment_name.node)
            .is_some_and(|fragment| repeats_a_key(document, &fragment.node.selection_set.node, seen)),
    })
}
