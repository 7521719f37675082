//! Calls on lists: with people twice, from elsewhere, and under keys that are used again.

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{select, subsequence},
    strategy::Just,
};

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
            (people(world, org), list()).prop_map(move |(people, list)| Call::Invite(org, people, list)),
        ),
        picks.call(if picks.is_young { 2 } else { 9 }, remove),
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
    (flag(3), flag(1), key).prop_map(|(atomic, dry, key)| List { atomic, dry, key })
}

/// A call under a key once more, by the same person.
fn again(world: &World, org: Org) -> Option<BoxedStrategy<Operation>> {
    let known = world.of(org).answers.iter();
    let calls: Vec<_> =
        known.map(|((person, _), it)| Operation::Call(Caller::Signed(*person), it.call.clone())).collect();
    (!calls.is_empty()).then(|| select(calls).boxed())
}

/// Mostly some who are not here, rarely somebody twice.
fn people(world: &World, org: Org) -> BoxedStrategy<Vec<Invitee>> {
    let is_here =
        |person: &Person| world.of(org).members.get(person).is_some_and(|it| it.status != Status::Removed);
    let new: Vec<_> = Person::ALL.into_iter().filter(|person| !is_here(person)).map(Some).collect();
    let anybody = select(&Person::ALL[..]).prop_map(Some);
    let any = vec(prop_oneof![9 => anybody, 1 => Just(None)], 1..=3);
    let people = match new.len() {
        0 => any.boxed(),
        n => prop_oneof![4 => subsequence(new, 1..=n.min(3)), 1 => any].boxed(),
    };
    (people, vec(offer(world, org), 3))
        .prop_map(|(people, offers)| {
            let invitee =
                |(person, (in_capitals, role, groups))| Invitee { person, in_capitals, role, groups };
            people.into_iter().zip(offers).map(invitee).collect()
        })
        .boxed()
}

/// As what, and into which groups.
fn offer(world: &World, org: Org) -> BoxedStrategy<(bool, Role, Vec<GroupNo>)> {
    let role = prop_oneof![3 => Just(Role::Member), 3 => Just(Role::Admin), 2 => Just(Role::Owner)];
    let groups = match Picks::of(world, org).group() {
        Some(group) => vec(group, 0..=2).boxed(),
        None => Just(Vec::new()).boxed(),
    };
    let foreign = if org == Org::Acme { Org::Globex } else { Org::Acme };
    let foreign = (!world.of(foreign).groups.is_empty()).then_some(GroupNo(foreign, 0));
    (flag(2), role, groups, proptest::bool::weighted(0.04))
        .prop_map(move |(in_capitals, role, mut groups, with_foreign)| {
            groups.extend(foreign.filter(|_| with_foreign));
            (in_capitals, role, groups)
        })
        .boxed()
}
