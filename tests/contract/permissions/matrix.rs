//! The ways in, against everybody.

use std::collections::{BTreeMap, BTreeSet};

use roster_tests::On;
use rstest::rstest;
use serde_json::Value;

use super::{
    callers::{Caller, Stands},
    operations::{NODES, Row, table},
    reader::Reader,
    rule::{allows, expected, outcome},
    things::{SLOTS, Things},
    world::World,
};
use crate::sdl::{Sdl, base};

#[test]
fn every_way_in_has_a_row() {
    let sdl = Sdl::of_repository();
    let fields = |root: &str| -> BTreeSet<String> { sdl.field_names(root).into_iter().collect() };
    let mut wrong = Vec::new();
    for root in ["Query", "Mutation", "Subscription"] {
        let rows = table().into_iter().filter(|row| row.root == root).map(|row| row.path[0].to_owned());
        let (has, in_the_schema) = (rows.collect::<BTreeSet<_>>(), fields(root));
        wrong.extend(
            in_the_schema.difference(&has).map(|field| format!("{root}.{field} has no row: who may?")),
        );
        wrong.extend(has.difference(&in_the_schema).map(|field| format!("the schema has no {root}.{field}")));
    }
    assert!(wrong.is_empty(), "tests/contract/permissions/operations.rs:\n{}", wrong.join("\n"));
    let kinds: Vec<_> = NODES.iter().map(|(kind, ..)| (*kind).to_owned()).collect();
    similar_asserts::assert_eq!(in_the_schema: sdl.implementing("Node"), in_operations: kinds);
}

/// Or nobody would see whether an id of another organization is taken there.
#[test]
fn every_id_that_can_be_given_is_given_by_a_row() {
    let sdl = Sdl::of_repository();
    let (rows, about) = (table(), Things::default());
    for row in rows.iter().filter(|row| row.root == "Mutation") {
        let arguments = &sdl.field("Mutation", row.path[0]).arguments;
        let input = base(&arguments[0].node.ty.node);
        for path in ids_in(sdl, input) {
            let given = path.iter().try_fold((row.variables)(&about), |at, field| match at.get(field)? {
                Value::Array(items) => items.first().cloned(),
                other => Some(other.clone()),
            });
            assert!(given.is_some(), "the row of {row} in operations.rs should give {}", path.join("."));
        }
    }
    // Of the others, by hand: `node`, `nodes`, `organization`, `organizationEvents`, `Organization.member`, two filters.
    let arguments = sdl.all_fields().into_iter().flat_map(|(of, field)| {
        let ids = field.arguments.iter().filter(|argument| base(&argument.node.ty.node) == "ID");
        ids.map(move |argument| format!("{of}.{}.{}", field.name, argument.node.name)).collect::<Vec<_>>()
    });
    similar_asserts::assert_eq!(
        arguments.collect::<Vec<_>>(),
        [
            "Organization.member.id",
            "Query.node.id",
            "Query.nodes.ids",
            "Query.organization.id",
            "Subscription.organizationEvents.organizationId",
        ]
    );
    let filters: BTreeMap<_, _> =
        ["ActivityFilter", "MemberFilter"].map(|name| (name, ids_in(sdl, name))).into();
    similar_asserts::assert_eq!(
        filters["ActivityFilter"],
        [["actorIds"], ["apiTokenIds"], ["groupIds"], ["memberIds"]]
    );
    similar_asserts::assert_eq!(filters["MemberFilter"], [["groupIds"]]);
}

/// The ways to the ids in an input.
fn ids_in(sdl: &Sdl, input: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for field in sdl.inputs(input) {
        let (name, of) = (field.name.to_string(), base(&field.ty.node));
        if of == "ID" {
            paths.push(vec![name.clone()]);
        }
        let below = ids_in(sdl, of).into_iter();
        paths.extend(below.map(|path| [name.clone()].into_iter().chain(path).collect()));
    }
    paths
}

#[rstest]
#[tokio::test]
async fn everybody_is_answered_as_the_table_says(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let callers = world.callers().await;
    let mut wrong = Vec::new();
    for row in table() {
        let takes_part = |caller: &&Caller| {
            caller.stands != Stands::Recipient || matches!(row.rule, super::rule::Rule::Recipient)
        };
        let (let_in, refused): (Vec<_>, Vec<_>) =
            callers.iter().filter(takes_part).partition(|caller| allows(row.rule, caller));
        let before = (world.acme.fingerprint().await, world.globex.fingerprint().await);
        let before_row = wrong.len();
        for caller in refused {
            wrong.extend(answer(&world, &row, caller).await);
        }
        println!("{}", wrong[before_row..].join("\n")); // in case that they have changed too much to go on
        if before != (world.acme.fingerprint().await, world.globex.fingerprint().await) {
            wrong.push(format!("{row}: somebody who was refused has changed something"));
        }
        for caller in let_in {
            wrong.extend(answer(&world, &row, caller).await);
        }
    }
    assert!(wrong.is_empty(), "{} cells are not as the table says:\n{}", wrong.len(), wrong.join("\n"));
}

/// What is wrong with what a caller is answered.
async fn answer(world: &World, row: &Row, caller: &Caller) -> Vec<String> {
    let cell = format!("{row} by {}", caller.who);
    let should = expected(row.rule, caller);
    let reply = match should.as_str() {
        "allowed" => row.ask_for_all(&caller.person, &world.things).await,
        _ => row.ask(&caller.person, &world.things).await,
    };
    let (json, mut wrong) = (reply.json(), Vec::new());
    let is = outcome(&row.path, reply.status, &json);
    if is != should {
        wrong.push(format!("{cell}: {is}, which should be {should}"));
    }
    match caller.permissions() {
        // What a mutation shows of what it has changed leads on to no more than one may see. (All, in an organization of
        // one's own.)
        Some(mine) if row.root == "Mutation" && is == "allowed" && row.path != ["createOrganization"] => {
            let sdl = Sdl::of_repository();
            let mut reader = Reader::with(sdl, mine);
            reader.look_at("Mutation", &json, None);
            wrong.extend(reader.wrong.into_iter().map(|problem| format!("{cell}: {problem}")));
        }
        Some(_) => {}
        None if is == should && should != "allowed" => {
            let mut others = vec![("does not exist", world.things.unknown())];
            if caller.stands != Stands::Outside {
                // Who calls is looked at before what is asked for.
                others.push(("is none", world.things.malformed()));
            }
            for (what, others) in others {
                let other = row.ask(&caller.person, &others).await;
                let alike = world.things.hidden_in(&reply.text) == others.hidden_in(&other.text);
                if reply.status != other.status || !alike {
                    wrong.push(format!(
                        "{cell}: an id that {what} is answered otherwise: {reply:?}, {other:?}"
                    ));
                }
            }
        }
        None => {}
    }
    wrong
}

#[rstest]
#[tokio::test]
async fn a_member_is_answered_about_things_of_another_organization_as_if_they_did_not_exist(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let members = world.members().await;
    let blind = world.script_without("MEMBERS_READ").await;
    let plain = &members.iter().find(|caller| caller.who == "MEMBER").unwrap().person;
    let (unknown, mut wrong, mut compared) = (world.things.unknown(), Vec::new(), BTreeSet::new());
    let before = (world.acme.fingerprint().await, world.globex.fingerprint().await);
    for row in table() {
        for (name, slot) in SLOTS {
            let with = |others: &Things| {
                let (mut things, mut others) = (world.things.clone(), others.clone());
                slot(&mut things).clone_from(slot(&mut others));
                things
            };
            let (foreign, unknown) = (with(&world.foreign), with(&unknown));
            if (row.variables)(&foreign) == (row.variables)(&unknown) {
                continue; // asks for no such thing
            }
            compared.insert(name);
            for person in [&world.acme.owner.person, plain, &blind] {
                let (of_foreign, of_unknown) =
                    (row.ask(person, &foreign).await, row.ask(person, &unknown).await);
                let alike = foreign.hidden_in(&of_foreign.text) == unknown.hidden_in(&of_unknown.text);
                if !alike || of_foreign.status != of_unknown.status {
                    wrong.push(format!("{row}, {name}, by {}: {of_foreign:?}, {of_unknown:?}", person.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "it shows that something exists:\n{}", wrong.join("\n"));
    assert_eq!(compared.len(), SLOTS.len(), "only {compared:?} were asked for");
    let after = (world.acme.fingerprint().await, world.globex.fingerprint().await);
    similar_asserts::assert_eq!(before: before, after: after);
}
