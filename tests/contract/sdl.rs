//! The schema as `schema.graphql` in the repository has it, parsed.

use std::sync::LazyLock;

use async_graphql::{
    Positioned,
    parser::{
        parse_schema,
        types::{
            BaseType, FieldDefinition, InputValueDefinition, InterfaceType, ObjectType, ServiceDocument,
            Type, TypeDefinition, TypeKind, TypeSystemDefinition,
        },
    },
};

pub(crate) struct Sdl(ServiceDocument);

impl Sdl {
    /// The text of the file.
    pub(crate) const TEXT: &str = include_str!("../../schema.graphql");

    /// Parsed once.
    pub(crate) fn of_repository() -> &'static Self {
        static PARSED: LazyLock<Sdl> =
            LazyLock::new(|| Sdl(parse_schema(Sdl::TEXT).expect("schema.graphql is GraphQL")));
        &PARSED
    }

    /// All types.
    pub(crate) fn types(&self) -> impl Iterator<Item = &TypeDefinition> {
        self.0.definitions.iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(found) => Some(&found.node),
            _ => None,
        })
    }

    /// One type.
    pub(crate) fn get(&self, name: &str) -> Option<&TypeDefinition> {
        self.types().find(|found| found.name.node == name)
    }

    /// The fields of an object type.
    pub(crate) fn fields(&self, object: &str) -> Vec<&FieldDefinition> {
        match self.get(object).map(|found| &found.kind) {
            Some(TypeKind::Object(object)) => object.fields.iter().map(|field| &field.node).collect(),
            _ => panic!("{object} is not an object type"),
        }
    }

    /// The names of the fields of an object type.
    pub(crate) fn field_names(&self, object: &str) -> Vec<String> {
        self.fields(object).iter().map(|field| field.name.to_string()).collect()
    }

    /// One field of an object type.
    pub(crate) fn field(&self, object: &str, name: &str) -> &FieldDefinition {
        let found = self.fields(object).into_iter().find(|field| field.name.node == name);
        found.unwrap_or_else(|| panic!("{object} has no field {name}"))
    }

    /// Whether this is the name of an object type.
    pub(crate) fn is_object(&self, name: &str) -> bool {
        self.get(name).is_some_and(|found| matches!(found.kind, TypeKind::Object(_)))
    }

    /// The fields of an input type.
    pub(crate) fn inputs(&self, input: &str) -> Vec<&InputValueDefinition> {
        match self.get(input).map(|found| &found.kind) {
            Some(TypeKind::InputObject(input)) => input.fields.iter().map(|field| &field.node).collect(),
            _ => Vec::new(),
        }
    }

    /// The values of an enum.
    pub(crate) fn enum_values(&self, name: &str) -> Vec<String> {
        match self.get(name).map(|found| &found.kind) {
            Some(TypeKind::Enum(found)) => {
                found.values.iter().map(|value| value.node.value.to_string()).collect()
            }
            _ => panic!("{name} is not an enum"),
        }
    }

    /// The object types that implement an interface.
    pub(crate) fn implementing(&self, interface: &str) -> Vec<String> {
        let implements = |found: &&TypeDefinition| match &found.kind {
            TypeKind::Object(object) => object.implements.iter().any(|name| name.node == interface),
            _ => false,
        };
        self.types().filter(implements).map(|found| found.name.to_string()).collect()
    }

    /// All fields of all object types, with the name of their type.
    pub(crate) fn all_fields(&self) -> Vec<(String, &FieldDefinition)> {
        let mut all = Vec::new();
        for found in self.types() {
            if let TypeKind::Object(object) = &found.kind {
                all.extend(object.fields.iter().map(|field| (found.name.to_string(), &field.node)));
            }
        }
        all
    }

    /// All fields of all input types, with the name of their type.
    pub(crate) fn all_input_fields(&self) -> Vec<(String, &InputValueDefinition)> {
        let mut all = Vec::new();
        for found in self.types() {
            if let TypeKind::InputObject(input) = &found.kind {
                all.extend(input.fields.iter().map(|field| (found.name.to_string(), &field.node)));
            }
        }
        all
    }

    /// Calls `check` with the name and the description of everything that can have one.
    pub(crate) fn for_each_item(&self, check: &mut impl FnMut(String, Option<&str>)) {
        for definition in &self.0.definitions {
            match definition {
                TypeSystemDefinition::Schema(_) => {}
                TypeSystemDefinition::Type(found) => type_items(&found.node, check),
                TypeSystemDefinition::Directive(found) => {
                    let name = format!("@{}", found.node.name);
                    check(name.clone(), text(&found.node.description));
                    argument_items(&name, &found.node.arguments, check);
                }
            }
        }
    }
}

/// The name of a type, without lists and exclamation marks.
pub(crate) fn base(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => base(item),
    }
}

fn type_items(found: &TypeDefinition, check: &mut impl FnMut(String, Option<&str>)) {
    let name = found.name.to_string();
    check(name.clone(), text(&found.description));
    match &found.kind {
        TypeKind::Scalar | TypeKind::Union(_) => {}
        TypeKind::Object(ObjectType { fields, .. }) | TypeKind::Interface(InterfaceType { fields, .. }) => {
            for field in fields {
                let name = format!("{name}.{}", field.node.name);
                check(name.clone(), text(&field.node.description));
                argument_items(&name, &field.node.arguments, check);
            }
        }
        TypeKind::Enum(found) => {
            for value in &found.values {
                check(format!("{name}.{}", value.node.value), text(&value.node.description));
            }
        }
        TypeKind::InputObject(found) => {
            for field in &found.fields {
                check(format!("{name}.{}", field.node.name), text(&field.node.description));
            }
        }
    }
}

fn argument_items(
    of: &str,
    arguments: &[Positioned<InputValueDefinition>],
    check: &mut impl FnMut(String, Option<&str>),
) {
    for argument in arguments {
        check(format!("{of}({})", argument.node.name), text(&argument.node.description));
    }
}

fn text(description: &Option<Positioned<String>>) -> Option<&str> {
    description.as_ref().map(|text| text.node.as_str())
}
