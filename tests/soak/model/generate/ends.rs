//! When something is just about to end, or has just ended, chance mostly asks for it: that is where one can be off by one.

use chrono::TimeDelta;
use proptest::{prelude::*, sample::select};

use super::{Call, Caller, Choice, EmailNo, MemberOf, Operation, Org, Picks, World};
use crate::model::{
    operation::InvitationNo,
    rules::{KEY_IS_KEPT, RESEND_INTERVAL},
    state::{Says, Time},
};

pub(super) fn at_ends(world: &World, org: Org, picks: &Picks) -> Vec<Choice> {
    let here = world.of(org);
    let is_now = |end: Time| (TimeDelta::zero()..=TimeDelta::seconds(1)).contains(&(end - world.now));
    let window = TimeDelta::days(here.settings.restore_days);
    let mut calls = Vec::new();
    for (person, member) in &here.members {
        if member.end.as_ref().is_some_and(|end| is_now(end.at + window)) {
            calls.push(Call::Restore { member: MemberOf(org, *person), dry: false });
        }
    }
    let open = |no: &InvitationNo| here.invitations[no.1].answer.is_none();
    for no in (0..here.invitations.len()).map(|no| InvitationNo(org, no)).filter(open) {
        if is_now(here.invitations[no.1].sent_at + RESEND_INTERVAL) {
            calls.push(Call::Resend(no));
        }
    }
    for (no, email) in world.emails.iter().enumerate().filter(|(_, email)| email.org == org) {
        if email.sent_at.is_some_and(|at| is_now(at + RESEND_INTERVAL)) {
            calls.push(Call::ResendEmail(EmailNo(no)));
        }
    }
    let answers = world.arrived.iter().filter_map(|no| match &world.emails[no.0] {
        it if it.org != org => None,
        it => match it.says {
            Says::Invitation { expires_at, .. } if is_now(expires_at) => {
                Some(Operation::Call(Caller::Signed(it.to), Call::Accept(*no)))
            }
            _ => None,
        },
    });
    let again = here.answers.iter().filter(|(_, known)| is_now(known.at + KEY_IS_KEPT));
    let again =
        again.map(|((person, _), known)| Operation::Call(Caller::Signed(*person), known.call.clone()));
    let by_themselves: Vec<_> = answers.chain(again).collect();

    let mut choices = Vec::new();
    if !calls.is_empty() {
        choices.push(picks.call(60, select(calls)));
    }
    if !by_themselves.is_empty() {
        choices.push((90, select(by_themselves).boxed()));
    }
    choices
}
