//! Calls on lists: with people twice, from elsewhere, and under keys that are used again.

use proptest::{collection::vec, option, prelude::*, sample::select, strategy::Just};

use super::{
    super::{
        operation::{Invitee, List},
        state::Status,
    },
    Call, Caller, Choice, GroupNo, Operation, Org, Person, Picks, Role, World, flag,
};

pub(super) fn lists(world: &World, org: Org, picks: &Picks) -> Vec<Choice> {
    let members = || vec(picks.member(), 1..=4);
    let remove = (members(), flag(2), list())
        .prop_map(move |(members, revoke_sent, list)| Call::RemoveMany { org, members, revoke_sent, list });
    let mut choices = vec![
        picks.call(
            if picks.is_young { 24 } else { 4 },
            (vec(invitee(world, org), 1..=4), list())
                .prop_map(move |(people, list)| Call::Invite(org, people, list)),
        ),
        picks.call(if picks.is_young { 2 } else { 6 }, remove),
    ];
    if let Some(group) = picks.group() {
        let mut on_group = |weight, call: fn(GroupNo, Vec<super::MemberOf>, List) -> Call| {
            choices.push(
                picks.call(
                    weight,
                    (group.clone(), members(), list())
                        .prop_map(move |(group, members, list)| call(group, members, list)),
                ),
            );
        };
        on_group(5, Call::AddToGroup);
        on_group(2, Call::TakeOutOfGroup);
    }
    choices.extend(again(world, org).map(|again| (4, again)));
    choices
}

/// Mostly one after the other, and as far as it goes.
fn list() -> impl Strategy<Value = List> + Clone {
    let key = option::weighted(0.3, select(&["one", "two"][..]));
    (proptest::bool::weighted(0.2), flag(1), key).prop_map(|(atomic, dry, key)| List { atomic, dry, key })
}

/// A call under a key once more, by the same person.
fn again(world: &World, org: Org) -> Option<BoxedStrategy<Operation>> {
    let known = world.of(org).answers.iter();
    let calls: Vec<_> =
        known.map(|((person, _), it)| Operation::Call(Caller::Signed(*person), it.call.clone())).collect();
    (!calls.is_empty()).then(|| select(calls).boxed())
}

fn invitee(world: &World, org: Org) -> BoxedStrategy<Invitee> {
    let is_here =
        |person: &Person| world.of(org).members.get(person).is_some_and(|it| it.status != Status::Removed);
    let new: Vec<_> = Person::ALL.into_iter().filter(|person| !is_here(person)).collect();
    let anybody = select(&Person::ALL[..]);
    let person =
        if new.is_empty() { anybody.boxed() } else { prop_oneof![6 => select(new), 1 => anybody].boxed() };
    let person = prop_oneof![30 => person.prop_map(Some), 1 => Just(None)];
    let role = prop_oneof![3 => Just(Role::Member), 3 => Just(Role::Admin), 2 => Just(Role::Owner)];
    let groups = Picks::of(world, org).group();
    let groups = match groups {
        Some(group) => vec(group, 0..=2).boxed(),
        None => Just(Vec::new()).boxed(),
    };
    let foreign = if org == Org::Acme { Org::Globex } else { Org::Acme };
    let foreign = (!world.of(foreign).groups.is_empty()).then_some(GroupNo(foreign, 0));
    (person, flag(2), role, groups, proptest::bool::weighted(0.04))
        .prop_map(move |(person, in_capitals, role, mut groups, with_foreign)| {
            groups.extend(foreign.filter(|_| with_foreign));
            Invitee { person, in_capitals, role, groups }
        })
        .boxed()
}
