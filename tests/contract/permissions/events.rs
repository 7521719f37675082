//! What those who watch an organization are told: no event, and no part of one, that they could not read.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use roster_tests::{EventStream, On};
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    callers::Caller,
    reader::{Reader, selection},
    types::worth_seeing,
    world::World,
};
use crate::sdl::Sdl;

/// The kinds of events, and the permission without which they are not told, beyond that to watch.
const KINDS: [(&str, &str); 9] = [
    ("EVENTS_MISSED", "MEMBERS_READ"),
    ("INVITATION_CHANGED", "MEMBERS_INVITE"),
    ("MEMBER_CHANGED", "MEMBERS_READ"),
    ("MEMBER_INVITED", "MEMBERS_READ"),
    ("MEMBER_JOINED", "MEMBERS_READ"),
    ("MEMBER_REMOVED", "MEMBERS_READ"),
    ("NOTIFICATION_DELIVERED", "NOTIFICATIONS_READ"),
    ("NOTIFICATION_FAILED", "NOTIFICATIONS_READ"),
    ("STREAM_STARTED", "MEMBERS_READ"),
];

#[test]
fn every_kind_of_event_has_a_permission() {
    let kinds = KINDS.map(|(kind, _)| kind.to_owned());
    similar_asserts::assert_eq!(in_the_schema: Sdl::of_repository().enum_values("OrganizationEventKind"), in_the_table: kinds);
}

/// All who may watch, the owner first.
struct Watchers<'a> {
    sdl: &'static Sdl,
    all: Vec<(&'a Caller, EventStream)>,
    told: BTreeSet<&'static str>,
    seen: BTreeSet<String>,
    wrong: Vec<String>,
}

impl<'a> Watchers<'a> {
    async fn start(world: &World, members: &'a [Caller]) -> Self {
        let sdl = Sdl::of_repository();
        let shown = selection(sdl, "OrganizationEvent", 2);
        let document =
            format!("subscription ($id: ID!) {{ organizationEvents(organizationId: $id) {{ {shown} }} }}");
        let mut all = Vec::new();
        for caller in members.iter().rev() {
            if caller.permissions().unwrap().contains("MEMBERS_READ") {
                let listener = caller.person.listen(&document, &json!({ "id": world.acme.id })).await;
                all.push((caller, listener.unwrap_or_else(|refusal| panic!("{}: {refusal:?}", caller.who))));
            }
        }
        let mut watchers = Self { sdl, all, told: BTreeSet::new(), seen: BTreeSet::new(), wrong: Vec::new() };
        watchers.are_told("STREAM_STARTED").await;
        watchers
    }

    /// An event of this kind is told to whom it may be told, and nothing to the others before that.
    async fn are_told(&mut self, kind: &'static str) {
        let (_, permission) = KINDS.into_iter().find(|(name, _)| *name == kind).unwrap();
        self.told.insert(kind);
        let mut owners = None;
        for (caller, listener) in &mut self.all {
            let mine = caller.permissions().unwrap();
            if !mine.contains(permission) {
                continue;
            }
            let text =
                listener.answer().await.unwrap_or_else(|| panic!("{}: the stream has ended", caller.who));
            let answer: Value = serde_json::from_str(&text).unwrap();
            let is = &answer["data"]["organizationEvents"]["kind"];
            assert_eq!(is, kind, "{}, who may see {mine:?}", caller.who);
            let mut reader = Reader::with(self.sdl, mine);
            reader.look_at("Subscription", &answer, owners.as_ref());
            self.wrong.extend(
                reader.wrong.into_iter().map(|problem| format!("{kind} to {}: {problem}", caller.who)),
            );
            self.seen.extend(reader.seen);
            owners.get_or_insert(answer);
        }
    }
}

#[rstest]
#[tokio::test]
async fn events_show_what_could_be_read(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (acme, roster) = (&world.acme, &world.acme.owner.roster);
    let members = world.members().await;
    let bob = acme.member("Bo").await;
    roster.deliver().await;
    let mut watchers = Watchers::start(&world, &members).await;

    let xena = acme.invited_as("Xena", "MEMBER", &[&world.things.group]).await;
    watchers.are_told("MEMBER_INVITED").await;
    roster.deliver().await;
    watchers.are_told("NOTIFICATION_DELIVERED").await;
    roster.pass(TimeDelta::minutes(2));
    acme.owner.resend_invitation_of(&xena).await.succeeds();
    watchers.are_told("INVITATION_CHANGED").await;
    let link = roster.link_token(&xena.address).await;
    watchers.are_told("NOTIFICATION_DELIVERED").await;
    xena.accept(&link).await.succeeds();
    watchers.are_told("MEMBER_JOINED").await;
    watchers.are_told("INVITATION_CHANGED").await;
    roster.smtp().refuse_recipient(&xena.address, "550 5.1.1 No such mailbox");
    // By a script, so that the entry has one.
    acme.api_token_of(&acme.owner).await.remove(&xena).await.succeeds();
    watchers.are_told("MEMBER_REMOVED").await;
    roster.deliver().await;
    watchers.are_told("NOTIFICATION_FAILED").await;
    // The last one shows that nobody was told more.
    acme.owner.change_role(&bob, "ADMIN").await.succeeds();
    watchers.are_told("MEMBER_CHANGED").await;

    assert!(watchers.wrong.is_empty(), "{}", watchers.wrong.join("\n"));
    assert_eq!(
        watchers.told.len(),
        KINDS.len() - 1,
        "all but EVENTS_MISSED, which is about no more than the stream"
    );
    let parts =
        worth_seeing(watchers.sdl).into_iter().filter(|field| field.starts_with("OrganizationEvent."));
    let hidden: Vec<_> = parts.filter(|field| !watchers.seen.contains(field)).collect();
    assert!(hidden.is_empty(), "nobody is told {hidden:?}: nothing is compared");
}
