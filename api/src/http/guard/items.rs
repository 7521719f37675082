//! How many items a mutation is asked to work on: those of the lists in its arguments, counted for each field that uses them.
//! A short document can hand one long variable to many fields.

use std::convert::Infallible;

use async_graphql::{
    Name, Value, Variables,
    parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};

/// The lists in the arguments of the fields at the root.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Items that stand in the document.
    written: u64,
    /// Variables, as often as they are used.
    variables: Vec<String>,
}

impl Lists {
    /// Called after the costs are known to be small.
    pub(super) fn of(document: &ExecutableDocument, operation: &OperationDefinition) -> Self {
        let mut lists = Self::default();
        lists.add_selection(document, &operation.selection_set.node);
        lists
    }

    /// How many items there are, with these variables.
    pub(super) fn items(&self, variables: &Variables) -> u64 {
        let of = |name: &String| variables.get(name.as_str()).map_or(0, items);
        self.variables.iter().map(of).fold(self.written, u64::saturating_add)
    }

    fn add_selection(&mut self, document: &ExecutableDocument, set: &SelectionSet) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    for (_, value) in &field.node.arguments {
                        let used = |name: Name| {
                            self.variables.push(name.to_string());
                            Ok::<_, Infallible>(Value::Null)
                        };
                        let written =
                            value.node.clone().into_const_with(used).map_or(0, |value| items(&value));
                        self.written = self.written.saturating_add(written);
                    }
                }
                Selection::InlineFragment(fragment) => {
                    self.add_selection(document, &fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                        self.add_selection(document, &fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
}

/// The items of the outermost lists: lists in their items belong to the item.
fn items(value: &Value) -> u64 {
    match value {
        Value::List(items) => items.len() as u64,
        Value::Object(fields) => fields.values().map(items).fold(0, u64::saturating_add),
        _ => 0,
    }
}
