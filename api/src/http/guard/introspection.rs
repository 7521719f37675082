//! What a question about the schema can answer: `types`, `fields` and the like are lists whose lengths are known.

use std::{collections::HashMap, sync::LazyLock};

use async_graphql::{
    ServerError,
    parser::{
        parse_schema,
        types::{ExecutableDocument, Selection, SelectionSet, TypeKind, TypeSystemDefinition},
    },
};

use super::{Limits, cost::at_most, request_error};

/// The lists of the schema.
static SCHEMA: LazyLock<Lengths> = LazyLock::new(Lengths::of_the_schema);

/// The types of introspection itself and the scalars that every schema has are not in its text.
const BUILT_IN_TYPES: u64 = 13;

/// `@deprecated`, `@include`, `@oneOf`, `@skip`, `@specifiedBy`.
const DIRECTIVES: u64 = 5;

/// A description is longer than a name, by so much.
const DESCRIPTION: u64 = 3;

/// A list of a type: the sum over all types, and the longest.
#[derive(Clone, Copy, Debug, Default)]
struct Length {
    sum: u64,
    longest: u64,
}

#[derive(Debug, Default)]
struct Lengths {
    types: u64,
    fields: Length,
    args: Length,
    input_fields: Length,
    enum_values: Length,
    interfaces: Length,
}

/// Of which types a selection is asked: each once, or any, any number of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Of {
    AllTypes,
    AnyType,
}

impl Length {
    fn add(&mut self, count: usize) {
        self.sum += count as u64;
        self.longest = self.longest.max(count as u64);
    }
}

impl Lengths {
    fn of_the_schema() -> Self {
        let schema = parse_schema(crate::graphql::sdl()).expect("the schema can be read");
        let mut lengths = Self { types: BUILT_IN_TYPES, ..Self::default() };
        for definition in &schema.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            lengths.types += 1;
            let (fields, interfaces) = match &definition.node.kind {
                TypeKind::Object(object) => (&object.fields, object.implements.len()),
                TypeKind::Interface(interface) => (&interface.fields, interface.implements.len()),
                TypeKind::InputObject(input) => {
                    lengths.input_fields.add(input.fields.len());
                    continue;
                }
                TypeKind::Enum(values) => {
                    lengths.enum_values.add(values.values.len());
                    continue;
                }
                TypeKind::Scalar | TypeKind::Union(_) => continue,
            };
            lengths.fields.add(fields.len());
            lengths.interfaces.add(interfaces);
            for field in fields {
                lengths.args.add(field.node.arguments.len());
            }
        }
        lengths
    }

    /// What so much in each item of this field comes to.
    fn times(&self, field: &str, of: Of, each: u64) -> u64 {
        let all = |length: Length, among: u64| match of {
            Of::AllTypes => each.saturating_mul(length.sum).div_ceil(among.max(1)),
            Of::AnyType => each.saturating_mul(length.longest),
        };
        match field {
            "types" => each.saturating_mul(self.types),
            "fields" => all(self.fields, self.types),
            "args" => all(self.args, self.fields.sum),
            "inputFields" => all(self.input_fields, self.types),
            "enumValues" => all(self.enum_values, self.types),
            // A type is one of the possible types of each of its interfaces.
            "interfaces" => all(self.interfaces, self.types),
            "possibleTypes" => match of {
                Of::AllTypes => all(self.interfaces, self.types),
                Of::AnyType => each.saturating_mul(self.interfaces.sum),
            },
            "description" => each.saturating_mul(DESCRIPTION),
            "directives" => each.saturating_mul(DIRECTIVES),
            _ => each,
        }
    }
}

/// Checks the questions about the schema of an operation, and says how many fields their answers have at most. Called after
/// the costs are known to be small.
pub(super) fn check(
    document: &ExecutableDocument,
    root: &SelectionSet,
    limits: &Limits,
) -> Result<u64, ServerError> {
    let mut walk = Walk { document, known: HashMap::new() };
    let fields = walk.root(root);
    if fields == 0 {
        return Ok(0);
    }
    if limits.introspection_fields == 0 {
        let message = "Introspection is switched off here. The schema is in the file schema.graphql of Roster's release.";
        return Err(request_error("INTROSPECTION_DISABLED", message));
    }
    at_most(
        fields,
        limits.introspection_fields,
        "introspection_fields",
        "fields in its answer about the schema",
    )?;
    Ok(fields)
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    known: HashMap<(&'a str, Of), u64>,
}

impl<'a> Walk<'a> {
    /// Only what is asked of the schema counts here.
    fn root(&mut self, set: &'a SelectionSet) -> u64 {
        let one = |walk: &mut Self, selection: &'a Selection| match selection {
            Selection::Field(field) => match field.node.name.node.as_str() {
                "__schema" | "__type" => 1 + walk.selection_set(&field.node.selection_set.node, Of::AnyType),
                _ => 0,
            },
            Selection::InlineFragment(fragment) => walk.root(&fragment.node.selection_set.node),
            Selection::FragmentSpread(spread) => {
                match self::fragment(walk.document, &spread.node.fragment_name.node) {
                    Some(set) => walk.root(set),
                    None => 0,
                }
            }
        };
        set.items.iter().map(|selection| one(self, &selection.node)).fold(0, u64::saturating_add)
    }

    fn selection_set(&mut self, set: &'a SelectionSet, of: Of) -> u64 {
        let one = |walk: &mut Self, selection: &'a Selection| match selection {
            Selection::Field(field) => {
                let field = &field.node;
                let name = field.name.node.as_str();
                let below = match name {
                    "types" => Of::AllTypes,
                    "fields" | "args" | "inputFields" | "enumValues" | "directives" => of,
                    _ => Of::AnyType,
                };
                let each = walk.selection_set(&field.selection_set.node, below).saturating_add(1);
                SCHEMA.times(name, of, each)
            }
            Selection::InlineFragment(fragment) => walk.selection_set(&fragment.node.selection_set.node, of),
            Selection::FragmentSpread(spread) => {
                let name = spread.node.fragment_name.node.as_str();
                if let Some(known) = walk.known.get(&(name, of)) {
                    return *known;
                }
                let fields = fragment(walk.document, name).map_or(0, |set| walk.selection_set(set, of));
                walk.known.insert((name, of), fields);
                fields
            }
        };
        set.items.iter().map(|selection| one(self, &selection.node)).fold(0, u64::saturating_add)
    }
}

fn fragment<'a>(document: &'a ExecutableDocument, name: &str) -> Option<&'a SelectionSet> {
    document.fragments.get(name).map(|fragment| &fragment.node.selection_set.node)
}
