//! What erasing leaves of a person, and of others.

use std::collections::BTreeSet;

use roster_api::membership::Run;
use roster_entity::id::TypedId;
use roster_tests::{On, Organization};
use rstest::rstest;
use serde_json::{Value, json};

use super::world::{ADDRESS, NEEDLES, World, removal_of};

fn needles_in(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    NEEDLES.into_iter().filter(|needle| text.contains(needle)).collect()
}

/// The lines of a text that show Bob: a part of a name or address, or an id of his.
fn are_bobs(line: &str, ids: &[String]) -> bool {
    let line = line.to_lowercase().replace('-', "");
    NEEDLES.iter().any(|needle| line.contains(&needle.replace('-', "")))
        || ids.iter().any(|id| line.contains(id))
}

/// Who did what to whom, in order; the names are those of now.
async fn log(organization: &Organization) -> Value {
    let fields = "activities(first: 100) { nodes { id action createdAt actor { id } member { id } apiTokenId groupId invitationId } }";
    organization.seen_by(&organization.owner, fields).await.data().clone()
}

#[rstest]
#[tokio::test]
async fn nothing_is_left_of_somebody_and_all_is_left_of_everybody_else(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::build(on).await;
    let (roster, id) = (&world.roster, world.roster.id_of(ADDRESS).await);
    let mut ids = vec![id.uuid().simple().to_string()];
    for member in roster.people().export(id).await.unwrap().memberships {
        ids.push(member.id.uuid().simple().to_string());
    }
    assert_eq!(needles_in(&roster.everything_stored().await), NEEDLES, "the world lacks a needle");
    assert!(needles_in(&world.mails()).len() >= 2);
    let (before, logs) =
        (roster.everything_stored().await, [log(&world.acme).await, log(&world.globex).await]);

    let would = roster.people().erase(id, Run::Dry).await.unwrap();
    assert_eq!(roster.everything_stored().await, before, "a dry run changes nothing");
    let erased = roster.people().erase(id, Run::Real).await.unwrap();
    assert_eq!((would.steps, would.mail_files), (erased.steps, erased.mail_files));

    let after = roster.everything_stored().await;
    for line in after.lines() {
        assert!(needles_in(line).is_empty(), "{line}");
    }
    assert_eq!(needles_in(&world.mails()), [""; 0]);
    let (then, now): (BTreeSet<_>, BTreeSet<_>) = (before.lines().collect(), after.lines().collect());
    for gone in then.difference(&now) {
        assert!(are_bobs(gone, &ids), "changed, and not Bob's: {gone}");
    }
    for new in now.difference(&then) {
        assert!(new.to_lowercase().contains("erased") || are_bobs(new, &ids), "new, and not Bob's: {new}");
    }
    similar_asserts::assert_eq!(before: logs, after: [log(&world.acme).await, log(&world.globex).await]);
}

#[rstest]
#[tokio::test]
async fn what_is_left_is_a_pseudonym_in_lists_and_logs(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::build(on).await;
    world.bob.erase().await;

    let all = world.acme.members(json!({ "status": ["ACTIVE", "INVITED", "REMOVED"] })).await;
    assert!(all.contains(&"Erased person: REMOVED".to_owned()), "{all:?}");
    assert_eq!(world.acme.members(json!({ "search": "erased", "status": "REMOVED" })).await.len(), 1);
    assert_eq!(world.acme.members(json!({ "search": "builder", "status": "REMOVED" })).await, [""; 0]);
    assert!(world.acme.activities().await.contains(&"MEMBER_ROLE_CHANGED Olivia → Erased person".to_owned()));
    // He never joined Initech, which knows nobody by name who has not.
    let initech = world.initech.members(json!({ "status": "REMOVED" })).await;
    assert!(
        initech[0].starts_with("erased-") && initech[0].ends_with("@erased.invalid: REMOVED"),
        "{initech:?}"
    );
    assert_eq!(world.initech.notifications().await.len(), 2);
    assert!(world.initech.notifications().await.iter().all(|email| !email.contains("QUEUED")));
    let groups =
        world.acme.seen_by(&world.acme.owner, "groups(first: 9) { nodes { name description } }").await;
    let groups = groups.at("/organization/groups/nodes").to_string();
    assert!(groups.contains("Erased person's team") && groups.contains("@erased.invalid."), "{groups}");
}

/// What others were answered before can still be replayed.
#[rstest]
#[tokio::test]
async fn a_script_that_asks_again_is_answered_with_the_pseudonym(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::build(on).await;
    world.bob.erase().await;
    // With the pseudonym in the note it would be another request: its hash is that of the first.
    let again = world.globex.owner.remove_all_with(&world.globex, removal_of(&world.in_globex)).await;
    assert_eq!(again.payload()["replayed"], true);
    assert_eq!(again.payload()["results"][0]["message"], "Erased person was removed from Globex.");
}

#[rstest]
#[tokio::test]
async fn somebody_who_was_erased_has_no_access_and_comes_back_as_somebody_new(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::build(on).await;
    let before = world.bob.user_id().await;
    let script = world.acme.api_token_of(&world.bob).await;
    world.bob.erase().await;

    let refused = script.query("{ viewer { user { id } } }").await;
    assert_eq!(refused.error_code(), "UNAUTHENTICATED");
    // The same token of the same subject, with the same address.
    assert_ne!(world.bob.user_id().await, before);
    assert_eq!(world.acme.rights_of(&world.bob).await, "refused: NOT_FOUND");
    let mine = world.bob.query("{ viewer { user { name email } organizations { nodes { name } } } }").await;
    let user = json!({ "name": "Bob Builder", "email": ADDRESS });
    assert_eq!(mine.at("/viewer"), &json!({ "user": user, "organizations": { "nodes": [] } }));
    // What he had sent stays valid, as with every removal.
    world.carol.accept(&world.carols_link).await.succeeds();

    let again = world.acme.invite_by(&world.acme.owner, ADDRESS, "MEMBER", &[]).await;
    again.succeeds();
    assert_eq!(again.outcome(), "done");
}

#[rstest]
#[tokio::test]
async fn erasing_twice_is_no_error_and_changes_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::build(on).await;
    let id = world.roster.id_of(ADDRESS).await;
    assert!(world.roster.people().erase(id, Run::Real).await.unwrap().changed);
    // What a worker was writing at that moment.
    let email: String = {
        let emails = world.roster.people().export(id).await.unwrap().emails;
        emails[0].id.to_string()
    };
    let late = world.mail.path().join(format!("{email}.eml"));
    std::fs::write(&late, "To: bob.builder@example.com\r\n\r\nHello").unwrap();
    let stored = world.roster.everything_stored().await;

    let again = world.roster.people().erase(id, Run::Real).await.unwrap();

    assert!(!again.changed && again.steps.is_empty());
    assert_eq!((again.mail_files, late.exists()), (1, false));
    assert_eq!(world.roster.everything_stored().await, stored);
}
