//! Stories that are told and not left to chance, because they once went wrong.

use roster_tests::{On, Roster};

use super::{
    operation::{
        Call, Caller, EmailNo, GroupNo, Invitee, List, MemberOf,
        Operation::{self, Deliver, Pass},
        Span,
    },
    play::play,
    state::{
        Org::Acme,
        Person::{Ada, Olivia},
        Role,
    },
    tally::Tally,
};

const ADA: MemberOf = MemberOf(Acme, Ada);
const DESIGN: GroupNo = GroupNo(Acme, 0);

async fn tell(story: &[Operation]) {
    let roster = Roster::start(On::Sqlite).await;
    if let Err(problem) = play(&roster, 1, story, None, &Tally::default()).await {
        panic!("{problem}");
    }
}

fn by_olivia(call: Call) -> Operation {
    Operation::Call(Caller::Signed(Olivia), call)
}

/// Olivia invites Ada, who accepts, and puts her into a group.
fn ada_is_in_design() -> Vec<Operation> {
    let ada = Invitee { person: Some(Ada), in_capitals: false, role: Role::Member, groups: Vec::new() };
    vec![
        by_olivia(Call::Invite(Acme, vec![ada], List::default())),
        Deliver,
        Operation::Call(Caller::Signed(Ada), Call::Accept(EmailNo(0))),
        by_olivia(Call::CreateGroup(Acme, "Design", [].into())),
        by_olivia(Call::AddToGroup(DESIGN, vec![ADA], List::default())),
    ]
}

#[tokio::test]
async fn a_restored_member_has_the_groups_of_the_last_removal_although_the_clock_was_put_back() {
    let remove = || by_olivia(Call::Remove { member: ADA, reviewed: false, revoke_sent: false, dry: false });
    let restore = || by_olivia(Call::Restore { member: ADA, dry: false });
    let take_out = by_olivia(Call::TakeOutOfGroup(DESIGN, vec![ADA], List::default()));
    let later = [remove(), restore(), take_out, Pass(Span::DayBack), remove(), restore()];
    tell(&[ada_is_in_design(), later.to_vec()].concat()).await;
}
