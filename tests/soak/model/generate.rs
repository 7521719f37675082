//! Chance: what happens next, in the state in which things are. Most of it makes sense, some of it does not.

mod ends;
mod lists;
mod pick;
mod schemes;

use proptest::{
    prelude::*,
    sample::select,
    strategy::{Just, Union},
};
use proptest_state_machine::ReferenceStateMachine;

use self::{ends::at_ends, lists::lists, pick::Picks, schemes::schemes};
use super::{
    operation::{Call, Caller, EmailNo, GroupNo, MemberOf, Operation, Span},
    state::{Org, Permissions, Person, Role, Says, Settings, World},
};

/// The story that chance writes.
pub(super) struct Story;

impl ReferenceStateMachine for Story {
    type State = World;
    type Transition = Operation;

    fn init_state() -> BoxedStrategy<World> {
        Just(World::new()).boxed()
    }

    fn transitions(world: &World) -> BoxedStrategy<Operation> {
        let both = [(Org::Acme, 12), (Org::Globex, 1)];
        let choices = both.into_iter().flat_map(|(org, often)| {
            choices(world, org).into_iter().map(move |(weight, choice)| (weight * often, choice))
        });
        Union::new_weighted(choices.collect()).boxed()
    }

    fn apply(mut world: World, operation: &Operation) -> World {
        world.apply(operation);
        world
    }

    /// What is named must be there: what made it may have been left out while a story was made shorter.
    fn preconditions(world: &World, operation: &Operation) -> bool {
        world.has_all_of(operation)
    }
}

type Choice = (u32, BoxedStrategy<Operation>);

fn choices(world: &World, org: Org) -> Vec<Choice> {
    let picks = Picks::of(world, org);
    let mut choices = around(world, &picks);
    choices.extend(about_members(&picks));
    choices.extend(about_invitations(world, &picks));
    choices.extend(about_groups(org, &picks));
    choices.extend(about_the_rest(org, &picks));
    choices.extend(lists(world, org, &picks));
    choices.extend(at_ends(world, org, &picks));
    choices.extend(schemes(world, org));
    choices
}

/// What happens around the API.
fn around(world: &World, picks: &Picks) -> Vec<Choice> {
    let span = prop_oneof![
        5 => Just(Span::Minute),
        5 => (0..48_usize).prop_map(Span::UntilTheEnd),
        3 => (0..48_usize).prop_map(Span::AlmostUntilTheEnd),
        1 => Just(Span::Day),
        1 => Just(Span::EightDays),
        1 => Just(Span::AMonth),
        1 => Just(Span::DayBack),
    ];
    let mut choices: Vec<Choice> = vec![
        (9, span.prop_map(Operation::Pass).boxed()),
        (3, picks.caller().prop_map(Operation::Look).boxed()),
    ];
    if !world.queue.is_empty() {
        choices.push((if picks.is_young { 30 } else { 8 }, Just(Operation::Deliver).boxed()));
    }
    if let Some(review) = picks.review() {
        choices.push((5, review));
    }
    if !world.eve_is_verified {
        choices.push((2, Just(Operation::Verify).boxed()));
    }
    choices
}

fn about_members(picks: &Picks) -> Vec<Choice> {
    let role = select(&Role::ALL[..]);
    let remove = |(member, (reviewed, revoke_sent, dry))| Call::Remove { member, reviewed, revoke_sent, dry };
    let mut choices = vec![
        picks.call_on_member(7, (flag(5), flag(3), flag(1)), remove),
        picks.call_on_member(7, role, |(member, role)| Call::ChangeRole(member, role)),
        picks.call_on_member(3, flag(1), |(member, dry)| Call::Restore { member, dry }),
        picks.call_of_anybody(2, Just(Call::Leave(picks.org))),
    ];
    if let Some(removed) = picks.removed() {
        choices
            .push(picks.call(16, (removed, flag(1)).prop_map(|(member, dry)| Call::Restore { member, dry })));
    }
    choices
}

fn about_invitations(world: &World, picks: &Picks) -> Vec<Choice> {
    let mut choices = Vec::new();
    if let Some(invitation) = picks.invitation() {
        choices.push(picks.call(7, invitation.clone().prop_map(Call::Resend)));
        choices.push(picks.call(4, invitation.prop_map(Call::Revoke)));
    }
    if let Some((waiting, any)) = picks.links(world) {
        let weight = if waiting.is_empty() { 3 } else { picks.weight_of_accepting() };
        let link = || match waiting.is_empty() {
            true => select(any.clone()).boxed(),
            false => prop_oneof![5 => select(waiting.clone()), 1 => select(any.clone())].boxed(),
        };
        for (weight, answer) in [(weight, Call::Accept as fn(EmailNo) -> Call), (2, Call::Decline)] {
            let answered = (link(), picks.caller(), proptest::bool::weighted(0.06));
            let answered = answered.prop_map(move |((link, to), stranger, is_stranger)| {
                let caller = if is_stranger { stranger } else { Caller::Signed(to) };
                Operation::Call(caller, answer(link))
            });
            choices.push((weight, answered.boxed()));
        }
    }
    choices
}

fn about_groups(org: Org, picks: &Picks) -> Vec<Choice> {
    let name = || select(&GROUP_NAMES[..]);
    let grants = || select(grants());
    let mut choices = vec![picks.call(
        if picks.has_groups { 1 } else { 5 },
        (name(), grants()).prop_map(move |(name, grants)| Call::CreateGroup(org, name, grants)),
    )];
    if let Some(group) = picks.group() {
        choices.push(
            picks.call(1, (group.clone(), name()).prop_map(|(group, name)| Call::RenameGroup(group, name))),
        );
        choices.push(
            picks.call(
                2,
                (group.clone(), grants()).prop_map(|(group, grants)| Call::ChangeGroup(group, grants)),
            ),
        );
        choices.push(picks.call(2, group.prop_map(Call::DeleteGroup)));
    }
    choices
}

fn about_the_rest(org: Org, picks: &Picks) -> Vec<Choice> {
    let settings = (flag(5), select(&[7_i64, 1, 30][..]), select(&[30_i64, 1, 8, 0][..]))
        .prop_map(|it| Settings { revocation_email: !it.0, invitation_days: it.1, restore_days: it.2 });
    let scope = select(vec![
        Role::Owner.permissions(),
        Role::Admin.permissions(),
        Role::Member.permissions(),
        ["MEMBERS_READ", "MEMBERS_REMOVE", "MEMBERS_INVITE"].into(),
    ]);
    let mut choices = vec![
        picks.call(2, settings.prop_map(move |settings| Call::ChangeSettings(org, settings))),
        picks.call(3, scope.prop_map(move |scope| Call::CreateToken(org, scope))),
    ];
    if let Some(token) = picks.token() {
        choices.push(picks.call(2, token.prop_map(Call::RevokeToken)));
    }
    if let Some(email) = picks.email() {
        choices.push(picks.call(4, email.prop_map(Call::ResendEmail)));
    }
    choices
}

const GROUP_NAMES: [&str; 3] = ["Design", "Board", "Crew"];

/// What groups grant.
fn grants() -> Vec<Permissions> {
    vec![
        ["OWNERS_MANAGE"].into(),
        ["OWNERS_MANAGE", "GROUPS_MANAGE"].into(),
        [].into(),
        ["MEMBERS_INVITE"].into(),
        ["MEMBERS_INVITE", "MEMBERS_REMOVE"].into(),
        ["ROLES_MANAGE", "GROUPS_MANAGE"].into(),
        ["API_TOKENS_MANAGE", "NOTIFICATIONS_RESEND"].into(),
    ]
}

/// True so often in ten.
fn flag(tenths: u32) -> impl Strategy<Value = bool> + Clone {
    proptest::bool::weighted(f64::from(tenths) / 10.0)
}
