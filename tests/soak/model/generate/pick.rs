//! Whom and what chance picks: mostly who can do something, and what something can be done about.

use proptest::{
    prelude::*,
    sample::{Select, select},
    strategy::Union,
};

use super::{Call, Caller, Choice, EmailNo, GroupNo, MemberOf, Operation, Org, Person, Says, World, flag};
use crate::model::{
    operation::{InvitationNo, TokenNo},
    state::Status,
};

/// What there is to pick from, in one organization.
pub(super) struct Picks {
    pub(super) org: Org,
    /// Who can do a lot.
    powerful: Vec<Caller>,
    active: Vec<Caller>,
    reviewers: Vec<Caller>,
    scripts: Vec<Caller>,
    everybody: Vec<Caller>,
    members: Vec<MemberOf>,
    removed: Vec<MemberOf>,
    foreign: Vec<MemberOf>,
    /// Not deleted.
    living: Vec<GroupNo>,
    groups: Vec<GroupNo>,
    /// The newest ones first.
    invitations: Vec<InvitationNo>,
    tokens: Vec<TokenNo>,
    emails: Vec<EmailNo>,
    /// Whether somebody is invited.
    /// Whether there are few people so far.
    pub(super) is_young: bool,
    pub(super) has_groups: bool,
}

impl Picks {
    pub(super) fn of(world: &World, org: Org) -> Self {
        let here = world.of(org);
        let all_of = |status: Status| {
            here.members.iter().filter(move |(_, it)| it.status == status).map(|(person, _)| *person)
        };
        let was_removed =
            |person: &Person| here.members[person].end.as_ref().is_some_and(|end| end.reason == "REMOVED");
        let tokens: Vec<_> = (0..here.tokens.len()).map(|no| TokenNo(org, no)).collect();
        let can = |person: &Person| world.granted(MemberOf(org, *person)).len() > 4;
        let owner = here.owners()[0];
        let signed = Person::ALL.into_iter().map(Caller::Signed);
        Self {
            org,
            powerful: all_of(Status::Active).filter(can).map(Caller::Signed).collect(),
            active: all_of(Status::Active).map(Caller::Signed).collect(),
            reviewers: all_of(Status::Active)
                .map(Caller::Signed)
                .filter(|it| world.can_review(*it, MemberOf(org, owner)))
                .collect(),
            scripts: tokens
                .iter()
                .filter(|no| !here.tokens[no.1].is_revoked)
                .copied()
                .map(Caller::Script)
                .collect(),
            everybody: signed.chain(tokens.iter().copied().map(Caller::Script)).collect(),
            members: here.members.keys().map(|person| MemberOf(org, *person)).collect(),
            removed: all_of(Status::Removed)
                .filter(was_removed)
                .map(|person| MemberOf(org, person))
                .collect(),
            foreign: world
                .organizations
                .iter()
                .filter(|(it, _)| **it != org)
                .flat_map(|(it, other)| other.members.keys().map(|person| MemberOf(*it, *person)))
                .collect(),
            living: (0..here.groups.len())
                .filter(|no| !here.groups[*no].is_deleted)
                .map(|no| GroupNo(org, no))
                .collect(),
            groups: (0..here.groups.len()).map(|no| GroupNo(org, no)).collect(),
            invitations: (0..here.invitations.len()).rev().map(|no| InvitationNo(org, no)).collect(),
            tokens,
            emails: (0..world.emails.len())
                .rev()
                .filter(|no| world.emails[*no].org == org)
                .map(EmailNo)
                .collect(),
            is_young: all_of(Status::Active).count() < 4,
            has_groups: here.groups.iter().any(|group| !group.is_deleted),
        }
    }

    /// Somebody calls, mostly who can do something.
    pub(super) fn caller(&self) -> BoxedStrategy<Caller> {
        let tiers = [(20, &self.powerful), (4, &self.active), (4, &self.scripts), (1, &self.everybody)];
        let tiers = tiers.into_iter().filter(|(_, callers)| !callers.is_empty());
        Union::new_weighted(
            tiers.map(|(weight, callers)| (weight, select(callers.clone()).boxed())).collect(),
        )
        .boxed()
    }

    pub(super) fn call(&self, weight: u32, call: impl Strategy<Value = Call> + 'static) -> Choice {
        (weight, (self.caller(), call).prop_map(|(caller, call)| Operation::Call(caller, call)).boxed())
    }

    /// A call about one member, seldom about oneself.
    pub(super) fn call_on_member<T: std::fmt::Debug + 'static>(
        &self,
        weight: u32,
        more: impl Strategy<Value = T> + 'static,
        call: fn((MemberOf, T)) -> Call,
    ) -> Choice {
        let others = self.members.clone();
        let on_member =
            (self.caller(), self.member(), more, flag(1)).prop_map(move |(caller, member, more, on_self)| {
                let is_self = caller == Caller::Signed(member.1);
                let other = others.iter().find(|other| other.1 != member.1);
                let member = other.filter(|_| is_self && !on_self).copied().unwrap_or(member);
                Operation::Call(caller, call((member, more)))
            });
        (weight, on_member.boxed())
    }

    /// Somebody who can do a lot reviews somebody who is active.
    pub(super) fn review(&self) -> Option<BoxedStrategy<Operation>> {
        let members: Vec<_> = self
            .active
            .iter()
            .filter_map(|it| match it {
                Caller::Signed(person) => Some(MemberOf(self.org, *person)),
                Caller::Script(_) => None,
            })
            .collect();
        let caller = some(&self.reviewers)?;
        Some((caller, select(members)).prop_map(|(caller, member)| Operation::Review(caller, member)).boxed())
    }

    /// Who waits to be let in should not wait for long.
    pub(super) fn weight_of_accepting(&self) -> u32 {
        if self.is_young { 60 } else { 14 }
    }

    pub(super) fn call_of_anybody(&self, weight: u32, call: impl Strategy<Value = Call> + 'static) -> Choice {
        let anybody = select(self.active.clone()).prop_union(select(self.everybody.clone()));
        (weight, (anybody, call).prop_map(|(caller, call)| Operation::Call(caller, call)).boxed())
    }

    /// Somebody who was ever invited, rarely to the other organization.
    pub(super) fn member(&self) -> BoxedStrategy<MemberOf> {
        prop_oneof![19 => select(self.members.clone()), 1 => select(self.foreign.clone())].boxed()
    }

    /// Mostly somebody who was removed.
    pub(super) fn removed(&self) -> Option<BoxedStrategy<MemberOf>> {
        let removed = some(&self.removed)?;
        Some(prop_oneof![6 => removed, 1 => select(self.members.clone())].boxed())
    }

    /// Mostly one that is there.
    pub(super) fn group(&self) -> Option<BoxedStrategy<GroupNo>> {
        let any = some(&self.groups)?;
        Some(match some(&self.living) {
            Some(living) => prop_oneof![9 => living, 1 => any].boxed(),
            None => any.boxed(),
        })
    }

    /// Mostly one of the newest.
    pub(super) fn invitation(&self) -> Option<BoxedStrategy<InvitationNo>> {
        newest(&self.invitations)
    }

    pub(super) fn token(&self) -> Option<Select<TokenNo>> {
        some(&self.tokens)
    }

    pub(super) fn email(&self) -> Option<BoxedStrategy<EmailNo>> {
        newest(&self.emails)
    }

    /// The links that have arrived, each with the person: those that can be accepted, and all, the newest first.
    pub(super) fn links(&self, world: &World) -> Option<(Vec<Link>, Vec<Link>)> {
        let (mut waiting, mut all) = (Vec::new(), Vec::new());
        for no in world.arrived.iter().rev().filter(|no| world.emails[no.0].org == self.org) {
            let Says::Invitation { invitation, link, .. } = world.emails[no.0].says else { continue };
            let it = &world.of(self.org).invitations[invitation.1];
            all.push((*no, it.to));
            if it.answer.is_none() && it.link == link && (it.to != Person::Eve || world.eve_is_verified) {
                waiting.push((*no, it.to));
            }
        }
        (!all.is_empty()).then_some((waiting, all))
    }
}

/// An email with a link, and to whom it went.
type Link = (EmailNo, Person);

fn some<T: Clone + std::fmt::Debug + 'static>(things: &[T]) -> Option<Select<T>> {
    (!things.is_empty()).then(|| select(things.to_vec()))
}

fn newest<T: Clone + std::fmt::Debug + 'static>(newest_first: &[T]) -> Option<BoxedStrategy<T>> {
    let any = some(newest_first)?;
    let some_newest = select(newest_first[..newest_first.len().min(4)].to_vec());
    Some(prop_oneof![3 => some_newest, 1 => any].boxed())
}
