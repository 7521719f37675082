//! Idempotency keys, which all mutations of lists take: a key stands for one request.

use chrono::TimeDelta;
use roster_tests::{Member, On, Organization, Payload, Person, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use crate::refusal::Refused;

/// Acme with two members and a group.
struct World {
    acme: Organization,
    bob: Member,
    carol: Member,
    group: String,
}

impl World {
    async fn new(on: On) -> Self {
        let acme = Roster::start(on).await.organization("Acme").await;
        let group = acme.group("Design", &[]).await;
        let bob = acme.member("Bob").await;
        let carol = acme.member("Carol").await;
        Self { acme, bob, carol, group }
    }

    /// A good input of each mutation that takes a key, in an order in which each changes something.
    fn inputs(&self) -> [(&'static str, Value); 4] {
        let (organization, group) = (&self.acme.id, &self.group);
        [
            (
                "inviteMembers",
                json!({ "organizationId": organization, "people": [{ "email": "eve@example.com" }] }),
            ),
            ("addGroupMembers", json!({ "groupId": group, "memberIds": [self.carol.id] })),
            ("removeGroupMembers", json!({ "groupId": group, "memberIds": [self.carol.id] })),
            (
                "removeMembers",
                json!({ "organizationId": organization, "members": [{ "memberId": self.bob.id }] }),
            ),
        ]
    }
}

async fn call(person: &Person, mutation: &str, input: &Value, key: &str) -> Payload {
    let mut input = input.clone();
    input["idempotencyKey"] = key.into();
    person.mutate(mutation, input, "changed replayed message").await
}

/// The same request in another way: as a whole list or not at all.
fn in_another_way(input: &Value) -> Value {
    let mut other = input.clone();
    other["mode"] = "ATOMIC".into();
    other
}

#[rstest]
#[tokio::test]
async fn a_key_is_of_one_request_of_one_mutation(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let owner = &world.acme.owner;
    for (mutation, input) in world.inputs() {
        call(owner, mutation, &input, mutation).await.succeeds();
        for (other, input) in world.inputs() {
            let input = if other == mutation { in_another_way(&input) } else { input };
            let refused = world.acme.unchanged_by(call(owner, other, &input, mutation)).await;
            refused.is_refused(
                "IDEMPOTENCY_KEY_REUSED",
                &[
                    "idempotency key was used for another request",
                    "within the last 24 hours",
                    "Use a new key",
                ],
            );
        }
        assert_eq!(call(owner, mutation, &input, mutation).await.succeeds()["replayed"], true);
    }
}

#[rstest]
#[case::other_members("members", |world: &World| json!([{ "memberId": world.carol.id }]))]
#[case::one_more("members", |world: &World| json!([{ "memberId": world.bob.id }, { "memberId": world.carol.id }]))]
#[case::reviewed("members", |world: &World| json!([{ "memberId": world.bob.id, "expectedFingerprint": "?" }]))]
#[case::a_note("note", |_: &World| json!("Goodbye."))]
#[case::with_their_invitations("revokeSentInvitations", |_: &World| json!(true))]
#[tokio::test]
async fn whatever_makes_a_removal_another_one_needs_another_key(
    #[case] field: &str,
    #[case] value: fn(&World) -> Value,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let input = world.inputs()[3].1.clone();
    call(&world.acme.owner, "removeMembers", &input, "today").await.succeeds();
    let mut other = input;
    other[field] = value(&world);
    let refused = world.acme.unchanged_by(call(&world.acme.owner, "removeMembers", &other, "today")).await;
    refused.is_refused("IDEMPOTENCY_KEY_REUSED", &["another request"]);
    assert_eq!(call(&world.acme.owner, "removeMembers", &other, "now").await.payload()["replayed"], false);
}

#[rstest]
#[tokio::test]
async fn a_key_is_of_one_person_in_one_organization_for_a_day(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let acme = &world.acme;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let globex = Organization::create_with(acme.owner.person.clone(), json!({ "name": "Globex" })).await;
    let invite = |organization: &Organization, address: &str| json!({ "organizationId": organization.id, "people": [{ "email": address }] });
    call(&acme.owner, "inviteMembers", &invite(acme, "eve@example.com"), "1").await.succeeds();
    call(&ada, "inviteMembers", &invite(acme, "fay@example.com"), "1").await.succeeds();
    call(&acme.owner, "inviteMembers", &invite(&globex, "gus@example.com"), "1").await.succeeds();
    let another = invite(acme, "hal@example.com");
    acme.owner.roster.pass(TimeDelta::hours(24) - TimeDelta::seconds(1));
    let refused = acme.unchanged_by(call(&acme.owner, "inviteMembers", &another, "1")).await;
    refused.is_refused("IDEMPOTENCY_KEY_REUSED", &["another request"]);
    acme.owner.roster.pass(TimeDelta::seconds(2));
    call(&acme.owner, "inviteMembers", &another, "1").await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_key_has_a_character_and_not_too_many_all_of_which_show(
    #[values(On::Sqlite, On::Postgres)] on: On,
    #[values(false, true)] dry_run: bool,
) {
    let world = World::new(on).await;
    let too_long = "é".repeat(256);
    for (mutation, mut input) in world.inputs() {
        input["dryRun"] = dry_run.into();
        for key in ["", "a\nb", "\u{0}", &too_long] {
            let refused = world.acme.unchanged_by(call(&world.acme.owner, mutation, &input, key)).await;
            refused.is_refused(
                "BAD_USER_INPUT",
                &["idempotencyKey", "1 to 255 characters", "control character"],
            );
        }
        let longest = format!("{mutation}{}", "é".repeat(255 - mutation.len()));
        let taken = call(&world.acme.owner, mutation, &input, &longest).await;
        assert!(taken.refusals().is_empty(), "{mutation}");
    }
}
