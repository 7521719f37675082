//! After parsing: what an operation costs, with each fragment counted once and remembered.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned, ServerError,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
    },
};

use super::{
    Limits,
    budget::Price,
    introspection,
    limits::over,
    pages::{items, own, page_size},
    request_error,
    values::{Argument, Weights},
};
use crate::graphql::MAX_PAGE;

#[derive(Clone, Copy, Default)]
struct Cost {
    fields: u64,
    depth: u64,
    /// Selections in selections, of fields and of fragments.
    nesting: u64,
    aliases: u64,
    directives: u64,
    root_fields: u64,
    /// What the arguments hold, as often as the answer has their field.
    values: u64,
    /// The most fields that the answer can have: those below `edges` and `nodes` as often as the page has items.
    answer: u64,
}

impl Cost {
    fn add(&mut self, other: Cost) {
        self.fields = self.fields.saturating_add(other.fields);
        self.depth = self.depth.max(other.depth);
        self.nesting = self.nesting.max(other.nesting);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.root_fields = self.root_fields.saturating_add(other.root_fields);
        self.values = self.values.saturating_add(other.values);
        self.answer = self.answer.saturating_add(other.answer);
    }
}

/// Checks a document, and says what it costs: of execution, what the dearest of its operations does; of validation, which
/// walks all of them, the sum.
pub(super) fn check(
    document: &ExecutableDocument,
    weights: &Weights,
    limits: &Limits,
) -> Result<Price, ServerError> {
    let operations = document.operations.iter().count();
    at_most(operations as u64, limits.operations as u64, "operations", "operations")?;
    at_most(document.fragments.len() as u64, limits.fragments as u64, "fragments", "fragments")?;
    let mut walk = Walk { document, weights, limits, known: HashMap::new(), deep: 0 };
    // Also fragments that no operation spreads: the library's validation walks them.
    for name in document.fragments.keys() {
        let cost = walk.fragment(name)?;
        check_validation(&cost, limits)?;
    }
    let mut price = Price::default();
    for (_, operation) in document.operations.iter() {
        let one = check_operation(&mut walk, &operation.node, limits)?;
        price.fields = price.fields.saturating_add(one.fields);
        price.mutations = price.mutations.max(one.mutations);
        price.values = price.values.max(one.values);
        price.answer = price.answer.max(one.answer);
        price.introspection = price.introspection.max(one.introspection);
    }
    at_most(price.fields, limits.fields, "fields", "fields in all its operations")?;
    Ok(price)
}

fn check_operation<'a>(
    walk: &mut Walk<'a>,
    operation: &'a OperationDefinition,
    limits: &Limits,
) -> Result<Price, ServerError> {
    let mut cost = walk.selection_set(&operation.selection_set.node, MAX_PAGE)?;
    cost.add(walk.directives(&operation.directives)?);
    at_most(operation.variable_definitions.len() as u64, limits.variables as u64, "variables", "variables")?;
    for definition in &operation.variable_definitions {
        cost.add(walk.directives(&definition.node.directives)?);
    }
    check_validation(&cost, limits)?;
    let is_mutation = operation.ty == OperationType::Mutation;
    match is_mutation {
        true => at_most(cost.root_fields, limits.mutations, "mutations", "fields at the root")?,
        false => at_most(cost.root_fields, limits.root_fields, "root_fields", "fields at the root")?,
    }
    at_most(
        cost.answer,
        limits.answer_fields,
        "answer_fields",
        "fields in its answer, if all pages are full",
    )?;
    // The library runs `mutation { m m }` twice, where the specification merges equal fields.
    if is_mutation && repeats_a_key(walk.document, &operation.selection_set.node, &mut HashSet::new()) {
        let message = "A mutation may have each name or alias once. Give a second one an alias of its own.";
        return Err(request_error("GRAPHQL_VALIDATION_FAILED", message));
    }
    if operation.ty == OperationType::Subscription {
        check_subscription(&operation.selection_set.node)?;
    }
    let introspection = introspection::check(walk.document, &operation.selection_set.node, limits)?;
    let mutations = if is_mutation { cost.root_fields } else { 0 };
    Ok(Price {
        fields: cost.fields,
        mutations,
        values: cost.values,
        answer: cost.answer,
        introspection,
        ..Price::default()
    })
}

/// What the nesting of selections is called.
const NESTING: &str = "selections within selections, with its fragments";

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

/// What is work already before anything is executed.
fn check_validation(cost: &Cost, limits: &Limits) -> Result<(), ServerError> {
    at_most(cost.fields, limits.fields, "fields", "fields")?;
    at_most(cost.depth, limits.depth, "depth", "levels")?;
    at_most(cost.nesting, limits.nesting as u64, "nesting", NESTING)?;
    at_most(cost.aliases, limits.aliases, "aliases", "aliases")?;
    at_most(cost.directives, limits.directives, "directives", "directives")?;
    at_most(cost.values, limits.values, "values", "values in its arguments, as often as they are used")
}

/// Refuses what is over the limit of this name. `what` goes on after "too many".
pub(super) fn at_most(count: u64, limit: u64, name: &str, what: &str) -> Result<(), ServerError> {
    if count <= limit {
        return Ok(());
    }
    let message = format!(
        "The operation has too many {what}: {count}, at most {limit}. Ask for less, or in several requests."
    );
    Err(over("QUERY_TOO_COMPLEX", &format!("limits.{name}"), message))
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    weights: &'a Weights,
    limits: &'a Limits,
    /// The cost of each fragment; `None` while it is being counted.
    known: HashMap<&'a str, Option<Cost>>,
    /// How deep the walk is now, through all fragments: what it may take of the stack.
    deep: usize,
}

impl<'a> Walk<'a> {
    /// `page` is the page size of the field that has the selection.
    fn selection_set(&mut self, set: &'a SelectionSet, page: u64) -> Result<Cost, ServerError> {
        at_most(self.deep as u64, self.limits.nesting as u64, "nesting", NESTING)?;
        self.deep += 1;
        let mut total = Cost::default();
        for selection in &set.items {
            let mut cost = match &selection.node {
                Selection::Field(field) => self.field(&field.node, page)?,
                Selection::InlineFragment(fragment) => {
                    let mut cost = self.selection_set(&fragment.node.selection_set.node, page)?;
                    cost.add(self.directives(&fragment.node.directives)?);
                    cost
                }
                Selection::FragmentSpread(spread) => {
                    let mut cost = self.fragment(&spread.node.fragment_name.node)?;
                    cost.add(self.directives(&spread.node.directives)?);
                    cost
                }
            };
            cost.nesting += 1;
            // A fragment is work even where it is nearly empty.
            cost.fields = cost.fields.saturating_add(1);
            total.add(cost);
        }
        self.deep -= 1;
        Ok(total)
    }

    fn field(&mut self, field: &'a Field, page: u64) -> Result<Cost, ServerError> {
        let mut cost = self.selection_set(&field.selection_set.node, page_size(field))?;
        cost.depth += 1;
        cost.root_fields = 1;
        let items = items(field, page);
        cost.answer = cost.answer.saturating_mul(items);
        cost.values = cost.values.saturating_mul(items);
        cost.add(Cost {
            answer: own(field),
            aliases: field.alias.is_some().into(),
            values: self.arguments(&field.arguments)?,
            ..Cost::default()
        });
        cost.add(self.directives(&field.directives)?);
        Ok(cost)
    }

    fn directives(&self, directives: &'a [Positioned<Directive>]) -> Result<Cost, ServerError> {
        let mut cost = Cost { directives: directives.len() as u64, ..Cost::default() };
        for directive in directives {
            cost.values = cost.values.saturating_add(self.arguments(&directive.node.arguments)?);
        }
        Ok(cost)
    }

    /// The values in the arguments of one field or directive. Two fields of one name are compared argument by argument.
    fn arguments(&self, arguments: &'a [Argument]) -> Result<u64, ServerError> {
        at_most(arguments.len() as u64, self.limits.arguments as u64, "arguments", "arguments in one place")?;
        Ok(arguments.iter().map(|(_, value)| self.weights.of(&value.node)).fold(0, u64::saturating_add))
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
        cost.add(self.directives(&fragment.node.directives)?);
        self.known.insert(name, Some(cost));
        Ok(cost)
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
