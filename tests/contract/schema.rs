//! The schema keeps its promises: the file in the repository is the schema, everything is described, and the shapes are
//! the same everywhere.

mod answers;
mod forms;

use std::collections::BTreeSet;

use async_graphql::parser::types::{BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind};

use crate::sdl::Sdl;

#[test]
fn the_file_in_the_repository_is_the_schema() {
    similar_asserts::assert_eq!(
        the_binary_prints: roster_api::graphql::sdl(),
        schema_graphql: Sdl::TEXT,
        "Update the file: cargo run -- schema > schema.graphql"
    );
}

/// What async-graphql defines itself and gives no way to describe.
const UNDESCRIBED: [&str; 10] = [
    // Made of `Connection<_, T>`, one for each T: the library has a description for edges, not for these.
    "ActivityConnection",
    "ApiTokenConnection",
    "GroupConnection",
    "InvitationConnection",
    "MemberConnection",
    "NotificationConnection",
    "OrganizationConnection",
    // The arguments of GraphQL's own directives.
    "@include(if)",
    "@skip(if)",
    "@specifiedBy(url)",
];

#[test]
fn everything_has_a_description() {
    let sdl = Sdl::of_repository();
    let mut undescribed = BTreeSet::new();
    let mut check = |name: String, text: Option<&str>| {
        if text.is_none_or(|text| text.trim().is_empty()) {
            undescribed.insert(name);
        }
    };
    sdl.for_each_item(&mut check);
    let expected: BTreeSet<_> = UNDESCRIBED.map(str::to_owned).into();
    similar_asserts::assert_eq!(undescribed: undescribed, expected: expected);
}

#[test]
fn a_mutation_takes_one_input_and_answers_with_a_payload() {
    let sdl = Sdl::of_repository();
    for mutation in sdl.fields("Mutation") {
        let name = mutation.name.to_string();
        let capital = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let arguments: Vec<_> = mutation.arguments.iter().map(|argument| declared(&argument.node)).collect();
        assert_eq!(arguments, [format!("input: {capital}Input!")], "{name}");
        let input = sdl.get(&format!("{capital}Input")).map(|found| &found.kind);
        assert!(matches!(input, Some(TypeKind::InputObject(_))), "{name}");
        assert_eq!(mutation.ty.to_string(), format!("{capital}Payload"), "{name}: null if the call failed");
        let payload = sdl.fields(&format!("{capital}Payload"));
        assert_eq!(type_of(&payload, "errors"), "[MutationError!]!", "{name}");
        assert_eq!(type_of(&payload, "message"), "String", "{name}");
    }
}

#[test]
fn a_connection_is_as_relay_wants_it() {
    let sdl = Sdl::of_repository();
    let names = |suffix: &str| -> BTreeSet<_> {
        sdl.types().filter_map(|found| Some(found.name.node.strip_suffix(suffix)?.to_owned())).collect()
    };
    assert_eq!(names("Connection"), names("Edge"));
    assert!(names("Connection").contains("Member"));
    for node in names("Connection") {
        let connection = sdl.fields(&format!("{node}Connection"));
        assert_eq!(type_of(&connection, "edges"), format!("[{node}Edge!]!"));
        assert_eq!(type_of(&connection, "nodes"), format!("[{node}!]!"));
        assert_eq!(type_of(&connection, "pageInfo"), "PageInfo!");
        let edge = sdl.fields(&format!("{node}Edge"));
        assert_eq!(type_of(&edge, "cursor"), "String!");
        assert_eq!(type_of(&edge, "node"), format!("{node}!"));
        assert!(sdl.implementing("Node").contains(&node), "{node}");
    }
    let page_info: Vec<_> = sdl.fields("PageInfo").iter().map(|field| shown(field)).collect();
    let expected =
        ["endCursor: String", "hasNextPage: Boolean!", "hasPreviousPage: Boolean!", "startCursor: String"];
    assert_eq!(page_info, expected);
}

#[test]
fn every_list_that_can_grow_is_paged_both_ways() {
    let sdl = Sdl::of_repository();
    let mut connections = Vec::new();
    for (object, field) in sdl.all_fields() {
        let name = format!("{object}.{}", field.name);
        if !named(&field.ty.node).ends_with("Connection") {
            continue;
        }
        let arguments: Vec<_> = field.arguments.iter().map(|argument| declared(&argument.node)).collect();
        for expected in ["after: String", "before: String", "first: Int", "last: Int"] {
            assert!(arguments.contains(&expected.to_owned()), "{name} has {arguments:?}");
        }
        connections.push(name);
    }
    assert!(connections.contains(&"Organization.members".to_owned()), "{connections:?}");
}

#[test]
fn what_is_called_an_id_is_one() {
    let sdl = Sdl::of_repository();
    let is_called_id =
        |name: &str| ["id", "ids"].contains(&name) || name.ends_with("Id") || name.ends_with("Ids");
    let mut count = 0;
    let mut check = |at: String, name: &str, ty: &Type| {
        assert_eq!(is_called_id(name), named(ty) == "ID", "{at}: {ty}");
        count += usize::from(is_called_id(name));
    };
    for (object, field) in sdl.all_fields() {
        check(format!("{object}.{}", field.name), &field.name.node, &field.ty.node);
        for argument in &field.arguments {
            let at = format!("{object}.{}({})", field.name, argument.node.name);
            check(at, &argument.node.name.node, &argument.node.ty.node);
        }
    }
    for (input, field) in sdl.all_input_fields() {
        check(format!("{input}.{}", field.name), &field.name.node, &field.ty.node);
    }
    assert!(count > 20, "only {count} ids were found");
}

#[test]
fn every_node_has_an_id_and_whatever_has_one_is_a_node() {
    let sdl = Sdl::of_repository();
    let with_id = sdl.all_fields().into_iter().filter(|(_, field)| field.name.node == "id");
    let with_id: Vec<_> = with_id.map(|(object, field)| (object, field.ty.to_string())).collect();
    let nodes = sdl.implementing("Node").into_iter().map(|node| (node, "ID!".to_owned()));
    assert_eq!(with_id, nodes.collect::<Vec<_>>());
}

/// `input: RemoveMemberInput!`
fn declared(value: &InputValueDefinition) -> String {
    format!("{}: {}", value.name, value.ty)
}

/// `hasNextPage: Boolean!`
fn shown(field: &FieldDefinition) -> String {
    format!("{}: {}", field.name, field.ty)
}

fn type_of(fields: &[&FieldDefinition], name: &str) -> String {
    let field = fields.iter().find(|field| field.name.node == name);
    field.unwrap_or_else(|| panic!("no field {name}")).ty.to_string()
}

/// `Member` of `[Member!]!`
fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => named(inner),
    }
}
