//! The tables of what can be read: the fields of an organization, the things behind an id, and the root of the schema.

use roster_tests::{Answer, On, Person};
use rstest::rstest;
use serde_json::{Value, json};

use super::world::{Ids, World};
use crate::sdl::Sdl;

/// A field of an organization, and the permission that it needs beyond being an active member.
type Row = (&'static str, fn(&Ids) -> String, Option<&'static str>);

const ORGANIZATION: [Row; 21] = [
    ("activities", |_| "activities { nodes { id } }".to_owned(), Some("ACTIVITIES_READ")),
    ("allowedEmailDomains", |_| "allowedEmailDomains".to_owned(), None),
    ("apiTokens", |_| "apiTokens { nodes { id } }".to_owned(), Some("API_TOKENS_MANAGE")),
    ("brandingLine", |_| "brandingLine".to_owned(), None),
    ("contactEmail", |_| "contactEmail".to_owned(), None),
    ("createdAt", |_| "createdAt".to_owned(), None),
    ("groups", |_| "groups { nodes { id } }".to_owned(), Some("MEMBERS_READ")),
    ("id", |_| "id".to_owned(), None),
    ("invitationLifetimeDays", |_| "invitationLifetimeDays".to_owned(), None),
    ("invitations", |_| "invitations { nodes { id } }".to_owned(), Some("MEMBERS_INVITE")),
    ("member", |ids| format!("member(id: \"{}\") {{ id }}", ids.member), Some("MEMBERS_READ")),
    ("members", |_| "members { nodes { id } }".to_owned(), Some("MEMBERS_READ")),
    ("name", |_| "name".to_owned(), None),
    ("notifications", |_| "notifications { nodes { id } }".to_owned(), Some("NOTIFICATIONS_READ")),
    ("replyToEmail", |_| "replyToEmail".to_owned(), None),
    ("restoreWindowDays", |_| "restoreWindowDays".to_owned(), None),
    ("revocationEmail", |_| "revocationEmail".to_owned(), None),
    ("slug", |_| "slug".to_owned(), None),
    (
        "undeliveredNotificationCount",
        |_| "undeliveredNotificationCount".to_owned(),
        Some("NOTIFICATIONS_READ"),
    ),
    ("viewerMember", |_| "viewerMember { id }".to_owned(), None),
    ("viewerPermissions", |_| "viewerPermissions".to_owned(), None),
];

/// The kinds of things that `node` finds, and the permission that each needs.
type Kind = (&'static str, fn(&Ids) -> &str, Option<&'static str>);

const NODES: [Kind; 8] = [
    ("Activity", |ids| &ids.activity, Some("ACTIVITIES_READ")),
    ("ApiToken", |ids| &ids.api_token, Some("API_TOKENS_MANAGE")),
    ("Group", |ids| &ids.group, Some("MEMBERS_READ")),
    ("Invitation", |ids| &ids.invitation, Some("MEMBERS_INVITE")),
    ("Member", |ids| &ids.member, Some("MEMBERS_READ")),
    ("Notification", |ids| &ids.notification, Some("NOTIFICATIONS_READ")),
    ("Organization", |ids| &ids.organization, None),
    ("User", |ids| &ids.user, Some("MEMBERS_READ")),
];

async fn node(person: &Person, id: &str) -> Answer {
    person.graphql("query ($id: ID!) { node(id: $id) { __typename id } }", json!({ "id": id })).await
}

/// The field must be null, with this error at its path.
#[track_caller]
fn is_refused(answer: &Answer, path: Value, code: &str, words: &str) {
    assert_eq!(answer.error_code(), code, "{:#}", answer.0);
    assert!(answer.error_message().contains(words), "{}", answer.error_message());
    assert_eq!(answer.0["errors"][0]["path"], path, "{:#}", answer.0);
    let pointer = path.as_array().unwrap().iter().map(|part| format!("/{}", part.as_str().unwrap()));
    assert_eq!(answer.0["data"].pointer(&pointer.collect::<String>()), Some(&Value::Null), "{:#}", answer.0);
}

#[test]
fn every_field_through_which_something_can_be_read_is_in_a_table() {
    let sdl = Sdl::of_repository();
    let fields: Vec<_> = ORGANIZATION.iter().map(|(field, ..)| field.to_string()).collect();
    similar_asserts::assert_eq!(in_the_schema: sdl.field_names("Organization"), in_the_table: fields);
    let kinds: Vec<_> = NODES.iter().map(|(kind, ..)| kind.to_string()).collect();
    similar_asserts::assert_eq!(in_the_schema: sdl.implementing("Node"), in_the_table: kinds);
    // `organization` and `viewer` (own organizations) lead to the first table, `node` and `nodes` to the second, and
    // `invitation` is for whoever has the secret of a link.
    similar_asserts::assert_eq!(
        sdl.field_names("Query"),
        ["invitation", "node", "nodes", "organization", "viewer"]
    );
    similar_asserts::assert_eq!(sdl.field_names("Viewer"), ["emailVerified", "organizations", "user"]);
}

#[rstest]
#[tokio::test]
async fn who_is_not_signed_in_reads_nothing_but_what_a_link_offers(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let World { acme, ids, .. } = World::new(on).await;
    let anonymous = acme.owner.roster.anonymous();
    for ids in [&ids, &ids.unknown(), &Ids::malformed()] {
        for (_, id, _) in NODES {
            is_refused(&node(&anonymous, id(ids)).await, json!(["node"]), "UNAUTHENTICATED", "not signed in");
        }
        for by in [format!("id: \"{}\"", ids.organization), format!("slug: \"{}\"", ids.slug)] {
            let answer = anonymous.query(&format!("{{ organization({by}) {{ name }} }}")).await;
            is_refused(&answer, json!(["organization"]), "UNAUTHENTICATED", "not signed in");
        }
    }
    let answer = anonymous.query("{ viewer { emailVerified } }").await;
    is_refused(&answer, json!(["viewer"]), "UNAUTHENTICATED", "not signed in");
    let offer = "query ($token: String!) { invitation(token: $token) { organizationName recipientMasked } }";
    let offer = anonymous.graphql(offer, json!({ "token": ids.link })).await;
    assert_eq!(
        offer.at("/invitation"),
        &json!({ "organizationName": "Acme", "recipientMasked": "r•••@e•••.com" })
    );
}

#[rstest]
#[tokio::test]
async fn who_has_no_access_to_an_organization_is_answered_as_if_it_did_not_exist(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let World { ids, strangers, .. } = World::new(on).await;
    let unknown = ids.unknown();
    for (who, stranger) in &strangers {
        for (kind, id, _) in NODES {
            let answer = node(stranger, id(&ids)).await;
            assert_eq!(answer.0, node(stranger, id(&unknown)).await.0, "{kind} for {who}");
            is_refused(&answer, json!(["node"]), "NOT_FOUND", "no such thing");
        }
        for (field, selection, _) in ORGANIZATION {
            let ask = async |by: &str, ids: &Ids| {
                stranger.query(&format!("{{ organization({by}) {{ {} }} }}", selection(ids))).await
            };
            let answer = ask(&format!("id: \"{}\"", ids.organization), &ids).await;
            is_refused(&answer, json!(["organization"]), "NOT_FOUND", "no such organization");
            for (by, ids) in [
                (format!("id: \"{}\"", unknown.organization), &unknown),
                (format!("slug: \"{}\"", ids.slug), &ids),
                (format!("slug: \"{}\"", unknown.slug), &unknown),
            ] {
                assert_eq!(answer.0, ask(&by, ids).await.0, "{field} for {who}");
            }
        }
    }
}

#[rstest]
#[tokio::test]
async fn what_is_in_no_organization_of_the_caller_is_missing_from_a_list_of_nodes(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let World { ids, strangers, acme, .. } = World::new(on).await;
    let all: Vec<_> = NODES.iter().map(|(_, id, _)| id(&ids)).collect();
    let ask = async |person: &Person| {
        person.graphql("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": all })).await
    };
    for (who, stranger) in &strangers {
        let answer = ask(stranger).await;
        assert_eq!(answer.0["data"]["nodes"], json!(NODES.map(|_| Value::Null)), "{who}");
        let errors = answer.0["errors"].as_array().unwrap();
        assert!(errors.iter().all(|error| error["extensions"]["code"] == "NOT_FOUND"), "{errors:?}");
    }
    let found: Vec<_> = all.iter().map(|id| json!({ "id": id })).collect();
    assert_eq!(ask(&acme.owner).await.at("/nodes"), &json!(found));
}

#[rstest]
#[tokio::test]
async fn a_field_is_read_with_its_permission_and_not_without_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    for (field, selection, permission) in ORGANIZATION {
        let selection = selection(&world.ids);
        let Some(permission) = permission else {
            let reader = world.script_with_only("NOTIFICATIONS_READ").await;
            world.acme.seen_by(&reader, &selection).await.data();
            continue;
        };
        let with = world.script_with_only(permission).await;
        assert!(!world.acme.seen_by(&with, &selection).await.at("/organization")[field].is_null(), "{field}");
        let mut without = vec![world.script_without(permission).await];
        match permission {
            "MEMBERS_READ" => drop(world.acme.seen_by(&world.plain, &selection).await.data()),
            _ => without.push(world.plain.person.clone()),
        }
        for caller in without {
            let answer = world.acme.seen_by(&caller, &selection).await;
            let sentence = format!("You need the {permission} permission in Acme.");
            is_refused(&answer, json!(["organization", field]), "NOT_PERMITTED", &sentence);
        }
    }
}

#[rstest]
#[tokio::test]
async fn a_thing_is_found_by_its_id_with_its_permission_and_not_without_it(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    for (kind, id, permission) in NODES {
        let id = id(&world.ids);
        let found = json!({ "__typename": kind, "id": id });
        let permission = permission.unwrap_or("NOTIFICATIONS_READ");
        let with = world.script_with_only(permission).await;
        assert_eq!(node(&with, id).await.at("/node"), &found);
        if kind == "Organization" {
            continue;
        }
        let without = world.script_without(permission).await;
        let answer = node(&without, id).await;
        match kind {
            // People are of no organization: who may not see the members does not learn who exists.
            "User" => is_refused(&answer, json!(["node"]), "NOT_FOUND", "no such thing"),
            _ => is_refused(&answer, json!(["node"]), "NOT_PERMITTED", permission),
        }
        match permission {
            "MEMBERS_READ" => assert_eq!(node(&world.plain, id).await.at("/node"), &found),
            _ => is_refused(&node(&world.plain, id).await, json!(["node"]), "NOT_PERMITTED", permission),
        }
    }
}

#[rstest]
#[tokio::test]
async fn one_sees_the_organizations_in_which_one_is_active_and_a_script_only_its_own(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let names = async |person: &Person| {
        let answer = person.query("{ viewer { organizations { nodes { name } } } }").await;
        let nodes = answer.at("/viewer/organizations/nodes").as_array().unwrap().clone();
        nodes.iter().map(|node| node["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let seen: Vec<_> = {
        let mut seen = Vec::new();
        for (_, stranger) in &world.strangers {
            seen.push(names(stranger).await);
        }
        seen
    };
    assert_eq!(seen, [vec![], vec!["Hooli"], vec![], vec![], vec!["Globex"]]);
    let gwen = world.acme.owner.roster.person("Gwen");
    assert_eq!(names(&gwen).await, ["Globex", "Acme"]);
}
