//! What chance alone would seldom come upon: people who deal with those who can do more, and owners who are overthrown.

use proptest::{prelude::*, sample::select};

use super::{
    Call, Caller, Choice, GroupNo, MemberOf, Operation, Org, Permissions, Person, Role, Says, World,
};
use crate::model::{
    operation::{InvitationNo, List},
    state::{Member, Status},
};

pub(super) fn schemes(world: &World, org: Org) -> Vec<Choice> {
    let here = world.of(org);
    let active = here.members.keys().copied().filter(|person| here.is_active(*person));
    let people: Vec<_> = active.map(|person| (person, world.granted(MemberOf(org, person)))).collect();
    let weighted = [
        (9, above(world, org, &people)),
        (24, senders(world, org, &people)),
        (40, overthrown(world, org, &people)),
        (12, risen(world, org)),
        (12, outdated(world, org)),
        (12, stale(world, org, &people)),
        (6, grasping(org, &people, here.groups.len())),
    ];
    let weighted = weighted.into_iter().filter(|(_, all)| !all.is_empty());
    weighted.map(|(weight, all)| (weight, select(all).boxed())).collect()
}

/// Somebody who may remove people deals with somebody who has, had or will have more.
fn above(world: &World, org: Org, people: &[(Person, Permissions)]) -> Vec<Operation> {
    let mut all = Vec::new();
    for (caller, has) in people.iter().filter(|(_, has)| has.contains("MEMBERS_REMOVE")) {
        for (person, member) in &world.of(org).members {
            if person == caller || has.is_superset(&would_have(world, member)) {
                continue;
            }
            let no = MemberOf(org, *person);
            let remove = Call::Remove { member: no, reviewed: false, revoke_sent: false, dry: false };
            let calls = match member.status {
                Status::Removed => vec![Call::Restore { member: no, dry: false }],
                Status::Active => vec![remove, Call::ChangeRole(no, Role::Member)],
                Status::Invited => {
                    let open = world
                        .of(org)
                        .invitations
                        .iter()
                        .position(|it| it.to == *person && it.answer.is_none());
                    vec![remove, Call::Revoke(InvitationNo(org, open.unwrap()))]
                }
            };
            all.extend(calls.into_iter().map(|call| Operation::Call(Caller::Signed(*caller), call)));
        }
    }
    all
}

/// Somebody goes, with the invitations that they have sent, when they could still do more; or can no longer.
fn senders(world: &World, org: Org, people: &[(Person, Permissions)]) -> Vec<Operation> {
    let mut all = Vec::new();
    let open =
        world.of(org).invitations.iter().filter(|it| it.answer.is_none() && world.of(org).is_active(it.by));
    for sent in open {
        let (sender, gets) = (MemberOf(org, sent.by), world.granted(MemberOf(org, sent.to)));
        let may =
            |(person, has): &&(Person, Permissions)| *person != sent.by && has.contains("MEMBERS_REMOVE");
        for (person, has) in people.iter().filter(may) {
            let is_covered = has.is_superset(&world.granted(sender));
            let call = match has.is_superset(&gets) {
                true if world.of(org).owners().contains(&sent.by) => Call::ChangeRole(sender, Role::Member),
                false if is_covered => {
                    Call::Remove { member: sender, reviewed: false, revoke_sent: true, dry: false }
                }
                _ => continue,
            };
            all.push(Operation::Call(Caller::Signed(*person), call));
        }
    }
    all
}

/// What a member has; or would have again, if restored.
fn would_have(world: &World, member: &Member) -> Permissions {
    let groups = member.end.as_ref().map_or(&member.groups, |end| &end.groups);
    let here = groups.iter().map(|GroupNo(org, no)| &world.of(*org).groups[*no]);
    let granted = here.filter(|group| !group.is_deleted).flat_map(|group| group.permissions.iter().copied());
    member.role.permissions().into_iter().chain(granted).collect()
}

/// Somebody who is no owner and can do all that owners can gets rid of them.
fn overthrown(world: &World, org: Org, people: &[(Person, Permissions)]) -> Vec<Operation> {
    let owners = world.of(org).owners();
    let members: Vec<_> = owners.iter().map(|person| MemberOf(org, *person)).collect();
    let can = |(person, has): &&(Person, Permissions)| {
        !owners.contains(person) && has.is_superset(&Role::Owner.permissions())
    };
    let all = |(person, _): &(Person, Permissions)| {
        let (list, revoke_sent) = (List::default(), false);
        let first = members[0];
        [
            Call::RemoveMany { org, members: members.clone(), revoke_sent, list },
            Call::Remove { member: first, reviewed: false, revoke_sent: true, dry: false },
            Call::ChangeRole(first, Role::Admin),
        ]
        .map(|call| Operation::Call(Caller::Signed(*person), call))
    };
    let mut all: Vec<_> = people.iter().filter(can).flat_map(all).collect();
    // One after the other is another matter than one alone.
    if let (false, [owner]) = (all.is_empty(), &owners[..]) {
        let others = people.iter().filter(|(person, has)| person != owner && !has.contains("OWNERS_MANAGE"));
        let promoted = others.map(|(person, _)| Call::ChangeRole(MemberOf(org, *person), Role::Owner));
        all.extend(promoted.map(|call| Operation::Call(Caller::Signed(*owner), call)));
    }
    all
}

/// Somebody removes whom they have reviewed, and who has changed since.
fn stale(world: &World, org: Org, people: &[(Person, Permissions)]) -> Vec<Operation> {
    let is_stale = |no: &&MemberOf| {
        no.0 == org && world.of(org).is_active(no.1) && world.reviews[*no] != world.review(**no)
    };
    let stale: Vec<_> = world.reviews.keys().filter(is_stale).collect();
    let callers = people.iter().filter(|(_, has)| has.contains("MEMBERS_REMOVE"));
    let pairs = callers.flat_map(|(caller, _)| stale.iter().map(move |no| (*caller, **no)));
    let remove = |(caller, member)| {
        let call = Call::Remove { member, reviewed: true, revoke_sent: false, dry: false };
        Operation::Call(Caller::Signed(caller), call)
    };
    pairs.map(remove).collect()
}

/// Somebody uses the link that a newer one has replaced.
fn outdated(world: &World, org: Org) -> Vec<Operation> {
    let mut all = Vec::new();
    for no in world.arrived.iter().filter(|no| world.emails[no.0].org == org) {
        let Says::Invitation { invitation, link, .. } = world.emails[no.0].says else { continue };
        let it = &world.of(org).invitations[invitation.1];
        if it.link != link && it.answer.is_none() {
            all.push(Operation::Call(Caller::Signed(it.to), Call::Accept(*no)));
        }
    }
    all
}

/// Somebody who may manage groups and the like gives more than they have.
fn grasping(org: Org, people: &[(Person, Permissions)], groups: usize) -> Vec<Operation> {
    let more: Permissions = ["OWNERS_MANAGE"].into();
    let lesser = people.iter().filter(|(_, has)| has.contains("GROUPS_MANAGE") && !has.is_superset(&more));
    let all = lesser.flat_map(|(person, _)| {
        let changes = (0..groups).map(|no| Call::ChangeGroup(GroupNo(org, no), more.clone()));
        let new =
            [Call::CreateGroup(org, "Crew", more.clone()), Call::CreateToken(org, Role::Owner.permissions())];
        changes.chain(new).map(|call| Operation::Call(Caller::Signed(*person), call))
    });
    all.collect()
}

/// An owner lets an admin do all that owners can.
fn risen(world: &World, org: Org) -> Vec<Operation> {
    let here = world.of(org);
    let groups = here
        .groups
        .iter()
        .enumerate()
        .filter(|(_, it)| !it.is_deleted && it.permissions.contains("OWNERS_MANAGE"));
    let groups: Vec<_> = groups.map(|(no, _)| GroupNo(org, no)).collect();
    let admins = here.members.iter().filter(|(_, it)| it.status == Status::Active && it.role == Role::Admin);
    let admins = admins.filter(|(_, it)| groups.iter().all(|group| !it.groups.contains(group)));
    let owner = Caller::Signed(here.owners()[0]);
    let all = admins.flat_map(|(person, _)| {
        let person = MemberOf(org, *person);
        groups.iter().map(move |group| Call::AddToGroup(*group, vec![person], List::default()))
    });
    all.map(|call| Operation::Call(owner, call)).collect()
}
