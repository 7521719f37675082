//! Playing a story: each operation in the model and in Roster, and what is not the same.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use roster_tests::Roster;

use super::{
    mails::difference,
    operation::{Caller, Operation, TokenNo},
    outcome::Outcome,
    stage::Stage,
    state::{Org, Person, World},
    tally::Tally,
};

/// After so many operations all there is to see is compared, since that takes long. It is in the end too.
const LOOK_EVERY: usize = 15;

/// Plays a story to its end; or else says how it went up to where Roster and the model part.
pub(super) async fn play(
    roster: &Roster,
    number: usize,
    operations: &[Operation],
    seen: Option<&Arc<AtomicUsize>>,
    tally: &Tally,
) -> Result<(), String> {
    let mut stage = Stage::begin(roster, number).await;
    let (mut world, mut story) = (World::new(), String::from("\n"));
    for (number, operation) in operations.iter().enumerate() {
        if let Some(seen) = seen {
            seen.fetch_add(1, Ordering::SeqCst);
        }
        let before = world.clone();
        world.apply(operation);
        story += &format!("{operation:?}\n    → {:?}\n", world.outcome);
        step(&mut stage, &before, &world, operation).await.map_err(|problem| format!("{story}{problem}"))?;
        if number % LOOK_EVERY == LOOK_EVERY - 1 {
            compare(&stage, &world, Org::Acme).await.map_err(|problem| format!("{story}then {problem}"))?;
        }
        tally.count(operation, &world.outcome);
    }
    end(&mut stage, world).await.map_err(|problem| format!("{story}at the end: {problem}"))?;
    tally.end_of_story();
    Ok(())
}

async fn step(stage: &mut Stage, before: &World, world: &World, operation: &Operation) -> Result<(), String> {
    let outcome = match operation {
        Operation::Call(caller, call) => stage.call(before, *caller, call).await,
        Operation::Look(caller) => stage.look(*caller).await,
        Operation::Review(caller, member) => {
            stage.review(*caller, *member).await;
            Outcome::Silence
        }
        Operation::Deliver => {
            deliver(stage, world).await?;
            Outcome::Silence
        }
        Operation::Verify => {
            stage.sign_in(Person::Eve, true);
            Outcome::Silence
        }
        Operation::Pass(_) => {
            if world.arrived.len() > before.arrived.len() || world.queue.len() < before.queue.len() {
                deliver(stage, world).await?;
            }
            Outcome::Silence
        }
    };
    stage.roster.pass(world.now - before.now);
    if outcome != world.outcome {
        return Err(format!("  expected: {:?}\n  got:      {outcome:?}", world.outcome));
    }
    Ok(())
}

/// In the end everybody looks around, and the worker has nothing more to do.
async fn end(stage: &mut Stage, mut world: World) -> Result<(), String> {
    world.apply(&Operation::Deliver);
    deliver(stage, &world).await?;
    let scripts = world
        .organizations
        .iter()
        .flat_map(|(org, here)| (0..here.tokens.len()).map(|no| Caller::Script(TokenNo(*org, no))));
    let everybody: Vec<_> = Person::ALL.into_iter().map(Caller::Signed).chain(scripts).collect();
    for caller in everybody {
        let (expected, got) = (world.look(caller), stage.look(caller).await);
        if expected != got {
            return Err(format!("what {caller:?} sees\n  expected: {expected:?}\n  got:      {got:?}"));
        }
    }
    compare(stage, &world, Org::Acme).await?;
    compare(stage, &world, Org::Globex).await
}

async fn deliver(stage: &mut Stage, world: &World) -> Result<(), String> {
    stage.roster.deliver().await;
    stage.compare_mails(world)
}

async fn compare(stage: &Stage, world: &World, org: Org) -> Result<(), String> {
    let owners = world.of(org).owners();
    let owner = owners.first().ok_or_else(|| format!("{org:?} has no owner"))?;
    let (expected, got) = (world.shown(org, *owner), stage.shown(org, *owner).await);
    if expected != got {
        return Err(difference(&format!("what {owner:?} sees of {org:?}"), &expected, &got));
    }
    Ok(())
}
