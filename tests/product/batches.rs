//! Lists of hundreds in one call, as scripts send them.

mod group_members;
mod invitations;
mod owners;
mod removals;
mod sent_invitations;
mod statements;

use roster_tests::{Member, Roster};
use serde_json::{Value, json};

/// Members as the input of a removal names them.
fn named<'a>(members: impl IntoIterator<Item = &'a Member>) -> Value {
    members.into_iter().map(|member| json!({ "memberId": member.id })).collect()
}

/// The subjects of the mails that each of these people has got, where all have got the same.
fn subjects_to_each(roster: &Roster, people: &[Member]) -> Vec<String> {
    let mails = roster.smtp().mails();
    let to = |person: &Member| {
        let theirs = mails.iter().filter(|mail| mail.to == [person.address.as_str()]);
        theirs.map(|mail| mail.subject()).collect::<Vec<_>>()
    };
    let first = to(&people[0]);
    for person in people {
        assert_eq!(to(person), first, "{}", person.address);
    }
    first
}
