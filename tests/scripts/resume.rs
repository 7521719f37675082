//! Runs that break off, and go on where they stopped: nobody is dealt with twice.

use std::process::Command;

use chrono::TimeDelta;
use roster_api::config::Config;
use roster_tests::{On, Organization, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    Script,
    proxy::{Fate, Proxy},
    script::{finished, says},
    seed,
};

/// Everybody of an organization but its owner, in two portions, from a file.
async fn leavers(acme: &Organization, script: &Script) -> Vec<String> {
    let addresses = seed::members(acme, 1_001).await;
    let file = script.file("leavers.txt", &addresses.join("\n"));
    let file = file.to_str().unwrap();
    ["members", "remove", "--organization", "acme", "--from", file].map(str::to_owned).to_vec()
}

fn words(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

/// How many removals stand in the database: activities, and emails.
async fn removals(acme: &Organization) -> (usize, usize) {
    use roster_entity::{activity, notification};
    use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
    let db = acme.owner.roster.parts().database.read();
    let removed =
        activity::Entity::find().filter(activity::Column::Action.eq("MEMBER_REMOVED")).count(db).await;
    let emails =
        notification::Entity::find().filter(notification::Column::Kind.eq("REMOVED")).count(db).await;
    (removed.unwrap().try_into().unwrap(), emails.unwrap().try_into().unwrap())
}

#[track_caller]
fn assert_all_removed(report: &Value) {
    assert_eq!((&report["message"], &report["complete"]), (&json!("1,001 removed."), &json!(true)));
    assert_eq!(report["results"].as_array().unwrap().len(), 1_001);
}

/// The server goes away after the first portion.
#[rstest]
#[tokio::test]
async fn after_an_interruption_the_same_command_with_the_key_goes_on(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let script = Script::of(&acme).await;
    let remove = leavers(&acme, &script).await;
    let proxy = Proxy::before(&roster, &[Fate::Through, Fate::Refused]).await;

    let broken = script.at(proxy.url()).run(&words(&remove)).await;

    let report = broken.json(2);
    assert_eq!(report["message"], "Stopped before the end. So far: 1,000 removed.");
    assert_eq!((&report["complete"], &report["idempotencyKey"]), (&json!(false), &json!(broken.key())));
    let advice = format!("run the same command again with --idempotency-key {}.", broken.key());
    assert!(broken.stderr.contains(&advice), "{broken:#?}");
    let (one, two) = (format!("{}-1", broken.key()), format!("{}-2", broken.key()));
    assert_eq!(proxy.keys(), [&one, &two, &two, &two, &two, &two].map(String::as_str));
    assert_eq!(removals(&acme).await, (1_000, 1_000));

    let again = script.run(&[&words(&remove)[..], &["--idempotency-key", broken.key()]].concat()).await;

    assert_all_removed(&again.json(0));
    assert!(again.stderr.contains("1,000 were dealt with before"), "{again:#?}");
    assert_eq!(removals(&acme).await, (1_001, 1_001));
    assert_eq!(acme.members(json!({})).await, ["Olivia: ACTIVE"]);
}

/// What was done, and whose answer did not come, is asked for again under the same key.
#[rstest]
#[tokio::test]
async fn an_answer_that_is_lost_on_the_way_is_asked_for_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.member("Bob").await;
    let proxy = Proxy::before(&roster, &[Fate::Lost, Fate::Through]).await;
    let script = Script::of(&acme).await.at(proxy.url());

    let removed = script.run(&["members", "remove", "--organization", "acme", "bob@example.com"]).await;

    // As the first answer has it: not "removed before".
    assert_eq!(removed.results(0), ["bob@example.com: changed"]);
    assert_eq!(proxy.keys(), [format!("{}-1", removed.key()), format!("{}-1", removed.key())]);
    assert_eq!(removals(&acme).await, (1, 1));
}

/// However often: a limit fills up again.
#[rstest]
#[tokio::test]
async fn who_is_asked_to_wait_for_a_moment_waits_and_goes_on(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.member("Bob").await;
    let proxy = Proxy::before(&roster, &[&[Fate::Postponed; 9][..], &[Fate::Through]].concat()).await;
    let script = Script::of(&acme).await.at(proxy.url());

    let removed = script.run(&["members", "remove", "--organization", "acme", "bob@example.com"]).await;

    assert_eq!(removed.results(0), ["bob@example.com: changed"]);
    assert!(removed.stderr.contains("asks to wait 0 s."), "{removed:#?}");
    assert_eq!(proxy.keys().len(), 10);
}

#[rstest]
#[tokio::test]
async fn who_would_have_to_wait_for_long_is_told_how_to_go_on(#[values(On::Sqlite, On::Postgres)] on: On) {
    let limit = |config: &mut Config| config.rate_limits.organization_invitations_per_hour = 1;
    let roster = Roster::start_with(on, limit).await;
    let acme = roster.organization("Acme").await;
    acme.invited("Bob").await;
    let script = Script::of(&acme).await;
    let invite = ["members", "invite", "--organization", "acme", "dana@example.com"];

    let refused = script.run(&invite).await;

    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
    assert!(
        refused
            .stderr
            .contains("Acme has sent many invitations within a short time. Try again in 60 minutes.")
    );
    let advice = format!("run the same command again with --idempotency-key {}.", refused.key());
    assert!(refused.stderr.contains(&advice), "{refused:#?}");
    roster.pass(TimeDelta::hours(1));
    let key = ["--idempotency-key", refused.key()];
    assert_eq!(script.run(&[&invite[..], &key].concat()).await.results(0), ["dana@example.com: changed"]);
}

#[rstest]
#[tokio::test]
async fn ctrl_c_ends_a_run_after_what_was_sent(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let script = Script::of(&acme).await;
    let remove = leavers(&acme, &script).await;
    let remove = [&words(&remove)[..], &["--idempotency-key", "may"]].concat();
    let proxy = Proxy::before(&roster, &[Fate::Held, Fate::Through]).await;

    let mut run = script.at(proxy.url()).start(&remove);
    proxy.holds().await;
    let id = run.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    says(&mut run, "Stopping after what was sent.").await;
    proxy.release();
    let stopped = finished(run).await;

    assert_eq!(stopped.json(130)["message"], "Stopped before the end. So far: 1,000 removed.");
    assert!(stopped.stderr.contains("with --idempotency-key may."), "{stopped:#?}");
    assert_eq!(proxy.keys(), ["may-1"]);
    assert_eq!(removals(&acme).await, (1_000, 1_000));

    assert_all_removed(&script.run(&remove).await.json(0));
    assert_eq!(removals(&acme).await, (1_001, 1_001));
}

#[rstest]
#[tokio::test]
async fn ctrl_c_twice_ends_a_run_at_once(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.member("Bob").await;
    let proxy = Proxy::before(&roster, &[Fate::Held]).await;
    let script = Script::of(&acme).await.at(proxy.url());

    let mut run = script.start(&["members", "remove", "--organization", "acme", "bob@example.com"]);
    proxy.holds().await;
    let id = run.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    says(&mut run, "Ctrl-C again stops at once.").await;
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let stopped = finished(run).await;

    assert_eq!((stopped.code, stopped.stdout.as_str()), (Some(130), ""));
    assert!(stopped.stderr.contains("run the same command again with --idempotency-key"), "{stopped:#?}");
    assert_eq!(acme.members(json!({})).await, ["Bob: ACTIVE", "Olivia: ACTIVE"]);
}

#[rstest]
#[tokio::test]
async fn the_key_of_another_run_is_refused(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.member("Bob").await;
    acme.member("Zoe").await;
    let script = Script::of(&acme).await;
    let remove = ["members", "remove", "--organization", "acme", "--idempotency-key", "may"];
    script.run(&[&remove[..], &["bob@example.com"]].concat()).await.json(0);

    let refused = script.run(&[&remove[..], &["zoe@example.com"]].concat()).await;
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
    assert!(refused.stderr.contains("This idempotency key was used for another request"), "{refused:#?}");
    assert!(refused.stderr.contains("Without --idempotency-key a new run begins"), "{refused:#?}");
    assert_eq!(acme.members(json!({})).await, ["Olivia: ACTIVE", "Zoe: ACTIVE"]);
}
