//! The table of the mutations.

use roster_tests::{On, Payload, Person};
use rstest::rstest;
use serde_json::{Value, json};

use super::world::{Ids, World};
use crate::{refusal::Refused, sdl::Sdl};

/// What holds for a mutation. Whoever is not signed in is `UNAUTHENTICATED` everywhere.
struct Row {
    mutation: &'static str,
    /// Good input, about things of these ids.
    input: fn(&Ids) -> Value,
    rule: Rule,
}

enum Rule {
    /// Acts on something of an organization, and needs this permission there.
    Needs(&'static str),
    /// The same, and a script may not.
    InPerson(&'static str),
    /// About the caller themselves: what people are told who do not belong to the organization, or for whom it is not;
    /// `None`: everybody may. Scripts may not.
    Personal(Option<&'static str>),
}

/// In an order in which each can be done after those above it.
fn table() -> Vec<Row> {
    use Rule::{InPerson, Needs, Personal};
    let row = |mutation, rule, input| Row { mutation, input, rule };
    vec![
        row("createOrganization", Personal(None), |_| json!({ "name": "Initech" })),
        row("acceptInvitation", Personal(Some("WRONG_RECIPIENT")), |ids| json!({ "token": ids.link })),
        row("declineInvitation", Personal(Some("WRONG_RECIPIENT")), |ids| json!({ "token": ids.link })),
        row(
            "leaveOrganization",
            Personal(Some("NOT_A_MEMBER")),
            |ids| json!({ "organizationId": ids.organization }),
        ),
        row(
            "inviteMembers",
            Needs("MEMBERS_INVITE"),
            |ids| json!({ "organizationId": ids.organization, "people": [{ "email": "new@example.com" }] }),
        ),
        row("resendInvitation", Needs("MEMBERS_INVITE"), |ids| json!({ "invitationId": ids.invitation })),
        row("revokeInvitation", Needs("MEMBERS_INVITE"), |ids| json!({ "invitationId": ids.invitation })),
        row(
            "changeMemberRole",
            Needs("ROLES_MANAGE"),
            |ids| json!({ "memberId": ids.member, "role": "ADMIN" }),
        ),
        row(
            "createGroup",
            Needs("GROUPS_MANAGE"),
            |ids| json!({ "organizationId": ids.organization, "name": "Research" }),
        ),
        row("updateGroup", Needs("GROUPS_MANAGE"), |ids| json!({ "groupId": ids.group, "name": "Art" })),
        row(
            "addGroupMembers",
            Needs("GROUPS_MANAGE"),
            |ids| json!({ "groupId": ids.group, "memberIds": [ids.member] }),
        ),
        row(
            "removeGroupMembers",
            Needs("GROUPS_MANAGE"),
            |ids| json!({ "groupId": ids.group, "memberIds": [ids.member] }),
        ),
        row("deleteGroup", Needs("GROUPS_MANAGE"), |ids| json!({ "groupId": ids.group })),
        row("restoreMember", Needs("MEMBERS_REMOVE"), |ids| json!({ "memberId": ids.removed })),
        row("removeMember", Needs("MEMBERS_REMOVE"), |ids| json!({ "memberId": ids.member })),
        row(
            "removeMembers",
            Needs("MEMBERS_REMOVE"),
            |ids| json!({ "organizationId": ids.organization, "members": [{ "memberId": ids.member }] }),
        ),
        row(
            "resendNotification",
            Needs("NOTIFICATIONS_RESEND"),
            |ids| json!({ "notificationId": ids.notification }),
        ),
        row(
            "createApiToken",
            InPerson("API_TOKENS_MANAGE"),
            |ids| json!({ "organizationId": ids.organization, "name": "Sync", "permissions": ["API_TOKENS_MANAGE"] }),
        ),
        row("revokeApiToken", Needs("API_TOKENS_MANAGE"), |ids| json!({ "apiTokenId": ids.api_token })),
        row(
            "updateOrganization",
            Needs("ORGANIZATION_MANAGE"),
            |ids| json!({ "organizationId": ids.organization, "brandingLine": "Made with care." }),
        ),
    ]
}

impl Row {
    async fn call(&self, caller: &Person, ids: &Ids) -> Payload {
        caller.mutate(self.mutation, (self.input)(ids), "__typename").await
    }

    /// The call, which must change nothing in Acme.
    async fn refused(&self, world: &World, caller: &Person) -> Payload {
        println!("{} by {}", self.mutation, caller.address); // shown if the test fails
        world.acme.unchanged_by(self.call(caller, &world.ids)).await
    }
}

#[test]
fn every_mutation_of_the_schema_is_in_the_table() {
    let mut known: Vec<_> = table().iter().map(|row| row.mutation.to_owned()).collect();
    known.sort();
    similar_asserts::assert_eq!(in_the_schema: Sdl::of_repository().field_names("Mutation"), in_the_table: known);
}

#[rstest]
#[tokio::test]
async fn nobody_does_anything_without_signing_in(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let anonymous = world.acme.owner.roster.anonymous();
    for row in table() {
        row.refused(&world, &anonymous).await.is_refused("UNAUTHENTICATED", &["not signed in"]);
        // The caller is asked for before the input is read.
        let malformed = row.call(&anonymous, &Ids::malformed()).await;
        malformed.is_refused("UNAUTHENTICATED", &["not signed in"]);
    }
}

#[rstest]
#[tokio::test]
async fn who_has_no_access_to_an_organization_is_answered_as_if_it_did_not_exist(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let unknown = world.ids.unknown();
    for row in table() {
        for (who, stranger) in &world.strangers {
            let script = stranger.token == world.foreign_script.token;
            let code = match row.rule {
                Rule::Needs(_) | Rule::InPerson(_) => None,
                Rule::Personal(_) if script => None,
                Rule::Personal(None) => continue, // what they create is their own
                Rule::Personal(code) => code,
            };
            let refused = row.refused(&world, stranger).await;
            let same = row.call(stranger, &unknown).await;
            assert_eq!(refused.answer.0, same.answer.0, "{} by {who} shows what exists", row.mutation);
            match (code, &row.rule) {
                (Some(code), _) => drop(refused.refuses_with(code)),
                (None, Rule::Personal(_)) => {
                    refused.is_refused("NOT_PERMITTED", &["An API token", "Sign in instead."])
                }
                (None, Rule::InPerson(_)) if script => {
                    refused.is_refused("NOT_PERMITTED", &["An API token", "Sign in instead."])
                }
                (None, Rule::Needs(_) | Rule::InPerson(_)) => {
                    refused.is_refused("NOT_FOUND", &["There is no such", "no access"])
                }
            }
        }
    }
}

#[rstest]
#[tokio::test]
async fn who_lacks_the_permission_is_told_which(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let reader = world.script_with_only("MEMBERS_READ").await;
    for row in table() {
        let (Rule::Needs(permission) | Rule::InPerson(permission)) = row.rule else { continue };
        let all_but_one = world.script_without(permission).await;
        let sentence = format!("You need the {permission} permission in Acme. Ask an owner.");
        if let Rule::InPerson(_) = row.rule {
            row.refused(&world, &world.plain).await.is_refused("NOT_PERMITTED", &[&sentence]);
            continue;
        }
        for caller in [&*world.plain, &reader, &all_but_one] {
            row.refused(&world, caller).await.is_refused("NOT_PERMITTED", &[&sentence]);
        }
    }
}

/// Without this, the tests above could pass because of bad input.
#[rstest]
#[tokio::test]
async fn the_permission_is_all_that_is_needed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    world.acme.owner.roster.pass(chrono::TimeDelta::minutes(1)); // no email is sent twice in a minute
    for row in table() {
        let caller = match row.rule {
            Rule::Needs(permission) => world.script_with_only(permission).await,
            Rule::InPerson(permission) => world.person_with(permission).await,
            Rule::Personal(_) => continue,
        };
        let answer = row.call(&caller, &world.ids).await;
        assert!(
            answer.payload().is_object(),
            "{} with its permission alone: {:#}",
            row.mutation,
            answer.answer.0
        );
        // Invites, changes and removes are of people who may read members, which this script may not.
        for refusal in answer.refusals() {
            assert_eq!(refusal.code(), "ROLE_ABOVE_YOURS", "{}", row.mutation);
        }
    }
}

#[rstest]
#[tokio::test]
async fn a_script_does_nothing_in_the_name_of_its_owner_that_is_about_the_owner(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let script = world.acme.api_token_of(&world.acme.owner).await;
    for row in table() {
        let (Rule::Personal(_) | Rule::InPerson(_)) = row.rule else { continue };
        let refused = row.refused(&world, &script).await;
        refused.is_refused("NOT_PERMITTED", &["An API token", "Sign in instead."]);
    }
}

#[rstest]
#[tokio::test]
async fn the_invitation_of_somebody_else_is_not_answered_by_a_member_either(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    for row in table() {
        let Rule::Personal(Some("WRONG_RECIPIENT")) = row.rule else { continue };
        for caller in [&world.plain, &world.acme.owner] {
            row.refused(&world, caller).await.refuses_with("WRONG_RECIPIENT").says(&["r•••@e•••.com"]);
        }
    }
}
