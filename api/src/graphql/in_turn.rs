//! Items of lists, whose fields are resolved one after the other.
//!
//! The library makes a future of each field, on the heap, and waits for all of them together. In an item of a list hardly any
//! waits: what the document asks for was fetched for the whole list before. Making the futures is then most of what a list costs:
//! docs/PERFORMANCE.md. The library's extensions are not told of these fields.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::{Field, Selection, SelectionSet},
    registry::Registry,
};

/// An object of which more fields are asked for is left to the library: each is compared with each, for every item.
const MOST_FIELDS: usize = 32;

/// An object whose fields are resolved one after the other.
#[derive(Clone)]
pub(crate) struct InTurn<T>(pub(crate) T);

impl<T: ObjectType> OutputType for InTurn<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let mut fields = Vec::with_capacity(ctx.item.node.items.len());
        if !gather::<T>(ctx, &ctx.item.node, &mut fields) {
            // Boxed: it is rare, and would make each of these futures larger.
            return Box::pin(self.0.resolve(ctx, field)).await;
        }
        let mut object = IndexMap::with_capacity(fields.len());
        for field in fields {
            let value = if field.node.name.node == "__typename" {
                Value::String(self.0.introspection_type_name().into_owned())
            } else {
                self.0.resolve_field(&ctx.with_field(field)).await?.unwrap_or_default()
            };
            object.insert(field.node.response_key().node.clone(), value);
        }
        Ok(Value::Object(object))
    }
}

/// Gathers the fields of a selection set and of the fragments in it. False if there is something in it that the library should see to:
/// directives, a fragment on an interface, two fields with one key, many fields.
fn gather<'a, T: OutputType>(
    ctx: &ContextSelectionSet<'a>,
    selections: &'a SelectionSet,
    fields: &mut Vec<&'a Positioned<Field>>,
) -> bool {
    selections.items.iter().all(|selection| match &selection.node {
        Selection::Field(field) => {
            let key = &field.node.response_key().node;
            let plain = field.node.directives.is_empty()
                && fields.len() < MOST_FIELDS
                && fields.iter().all(|other| other.node.response_key().node != *key);
            fields.push(field);
            plain
        }
        Selection::InlineFragment(fragment) => {
            let on = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
            on.is_none_or(|on| on == T::type_name())
                && gather::<T>(ctx, &fragment.node.selection_set.node, fields)
        }
        Selection::FragmentSpread(spread) => {
            let found = ctx.query_env.fragments.get(&spread.node.fragment_name.node);
            found.is_some_and(|fragment| {
                fragment.node.type_condition.node.on.node == *T::type_name()
                    && gather::<T>(ctx, &fragment.node.selection_set.node, fields)
            })
        }
    })
}

/// A list whose items are resolved so.
#[derive(Clone)]
pub(crate) struct ListInTurn<T>(pub(crate) Vec<T>);

impl<T: ObjectType> OutputType for ListInTurn<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let mut list = Vec::with_capacity(self.0.len());
        for (index, item) in self.0.iter().enumerate() {
            list.push(InTurn(item).resolve(&ctx.with_index(index), field).await?);
        }
        Ok(Value::List(list))
    }
}
