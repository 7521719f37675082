//! What is to be seen inside of an organization: no way leads around a permission through the objects that one may see.

use std::collections::BTreeSet;

use roster_tests::On;
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    operations::{NODES, arguments},
    reader::{Reader, selection},
    rule::allows,
    things::Things,
    types::{guards, worth_seeing},
    world::World,
};
use crate::sdl::{Sdl, base};

/// How many objects below each other are read.
const DEPTH: usize = 2;

/// The documents that read all that there is, and their variables.
fn documents(sdl: &Sdl, of: &Things) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    let open = "id viewerPermissions viewerMember";
    let lists = guards("Organization").iter().map(|guard| guard.field);
    for field in open.split_whitespace().chain(lists) {
        let leads_to = base(&sdl.field("Organization", field).ty.node);
        let given = arguments(&format!("Organization.{field}"));
        let declared = if field == "member" { ", $member: ID!" } else { "" };
        let shown = match leads_to.strip_suffix("Connection") {
            Some(item) => {
                let given = if given.is_empty() { "(first: 3)" } else { given };
                let shown = selection(sdl, item, DEPTH);
                format!("{field}{given} {{ edges {{ node {{ __typename }} }} nodes {{ {shown} }} }}")
            }
            None if sdl.is_object(leads_to) => {
                format!("{field}{given} {{ {} }}", selection(sdl, leads_to, DEPTH))
            }
            None => field.to_owned(),
        };
        let document = format!("query ($id: ID!{declared}) {{ organization(id: $id) {{ {shown} }} }}");
        let mut variables = json!({ "id": of.organization });
        if field == "member" {
            variables["member"] = of.member.clone().into();
        }
        all.push((document, variables));
    }
    let members = [&of.invited, &of.removed];
    let members = members.into_iter().map(|id| ("Member", json!({ "id": id })));
    for (kind, variables) in NODES.iter().map(|(kind, _, id)| (*kind, id(of))).chain(members) {
        let depth = if kind == "Organization" { 0 } else { DEPTH };
        let shown = selection(sdl, kind, depth);
        let document =
            format!("query ($id: ID!) {{ node(id: $id) {{ __typename ... on {kind} {{ {shown} }} }} }}");
        all.push((document, variables));
    }
    let viewer = "viewer { organizations(first: 1) { nodes { SHOWN } } user { id } }";
    all.push((format!("{{ {} }}", viewer.replace("SHOWN", &selection(sdl, "Organization", 0))), json!({})));
    all
}

#[rstest]
#[tokio::test]
async fn everybody_sees_what_the_owner_sees_without_what_they_lack_the_permission_for(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let (sdl, members) = (Sdl::of_repository(), world.members().await);
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for (document, variables) in documents(sdl, &world.things) {
        let owners = world.acme.owner.ask(&document, &variables).await.json();
        let mut owner = Reader::owner(sdl);
        owner.look_at("Query", &owners, None);
        wrong.extend(owner.wrong.into_iter().map(|problem| format!("the owner: {problem}, in {document}")));
        seen.extend(owner.seen);
        let kind = owners["data"]["node"]["__typename"].as_str();
        for member in &members {
            let of_kind = NODES.iter().find(|(name, ..)| Some(*name) == kind);
            if of_kind.is_some_and(|(_, rule, _)| !allows(*rule, member)) {
                continue; // not found, as the other table says
            }
            let answer = member.person.ask(&document, &variables).await.json();
            // Of oneself, everybody sees something else.
            let owners = Some(&owners).filter(|owners| owners["data"].get("viewer").is_none());
            let mut reader = Reader::with(sdl, member.permissions().unwrap());
            reader.look_at("Query", &answer, owners);
            wrong.extend(
                reader.wrong.into_iter().map(|problem| format!("{}: {problem}, in {document}", member.who)),
            );
        }
    }
    assert!(wrong.is_empty(), "{} things are not as the table says:\n{}", wrong.len(), wrong.join("\n"));
    let hidden: Vec<_> = worth_seeing(sdl)
        .difference(&seen)
        .filter(|field| !field.starts_with("OrganizationEvent"))
        .cloned()
        .collect();
    assert!(hidden.is_empty(), "nobody sees {hidden:?}, not even the owner: nothing is compared");
}

#[rstest]
#[tokio::test]
async fn one_sees_the_organizations_in_which_one_is_active_and_a_script_only_its_own(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let mut seen = Vec::new();
    for caller in world.callers().await {
        let answer = caller.person.query("{ viewer { organizations { nodes { name } } } }").await;
        if let Some(nodes) = answer.0["data"]["viewer"]["organizations"]["nodes"].as_array() {
            let names: Vec<_> = nodes.iter().map(|node| node["name"].as_str().unwrap()).collect();
            seen.push((caller.who.clone(), caller.permissions().is_some(), names.join(" and ")));
        }
    }
    let of = |who: &str| seen.iter().find(|(name, ..)| name == who).map(|(.., names)| names.as_str());
    assert_eq!(of("an outsider"), Some(""));
    assert_eq!(of("somebody who is invited as an owner"), Some(""));
    assert_eq!(of("an owner who was removed"), Some(""));
    assert_eq!(of("an owner of another organization"), Some("Globex"));
    assert_eq!(of("a script of another organization"), Some("Globex"));
    assert_eq!(of("MEMBER"), Some("Acme"));
    assert!(seen.iter().all(|(_, is_inside, names)| *is_inside == (names == "Acme")), "{seen:?}");
    let gwen = world.acme.owner.roster.person("Gwen");
    let answer = gwen.query("{ viewer { organizations { nodes { name } } } }").await;
    assert_eq!(answer.at("/viewer/organizations/nodes"), &json!([{ "name": "Globex" }, { "name": "Acme" }]));
}
