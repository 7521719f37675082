//! What must hold when the storm is over. Each equation names what is wrong; nothing, if it holds.

mod mails;

use std::collections::{BTreeMap, BTreeSet};

use roster_entity::{
    activity::Action,
    member,
    notification::{Kind, Status},
};

use super::{
    books::Books,
    told::{Outcome, Told},
};

type Equation = fn(&Books) -> Vec<String>;

const EQUATIONS: [(&str, Equation); 12] = [
    ("removals answered = removed members = emails = log entries", removals_agree),
    ("invitations answered = invited members = emails = log entries", invitations_agree),
    ("who is removed is in no group", removed_members_are_in_no_group),
    ("who can be reached has the mail", mails::who_can_be_reached_has_the_mail),
    ("nobody else has a mail", mails::nobody_else_has_a_mail),
    ("mails come twice only where an answer was lost", mails::mails_come_twice_only_where_an_answer_was_lost),
    ("copies are the same", mails::copies_are_the_same),
    ("each mail was an attempt", mails::each_mail_was_an_attempt),
    ("what is refused for good has failed, and says why", what_is_refused_for_good_has_failed),
    ("nothing is left to do", nothing_is_left_to_do),
    ("clients were told the truth", clients_were_told_the_truth),
    ("a key is answered the same again", a_key_is_answered_the_same_again),
];

/// The most that is shown of what is wrong with one equation.
const SHOWN: usize = 4;

impl Books {
    /// All equations must hold.
    pub(super) fn balance(&self) {
        let mut wrong = String::new();
        for (name, equation) in EQUATIONS {
            let found = equation(self);
            if !found.is_empty() {
                let some = found.iter().take(SHOWN).fold(String::new(), |all, one| all + "\n    " + one);
                wrong += &format!("\n{name}: {} times wrong{some}", found.len());
            }
        }
        assert!(wrong.is_empty(), "{wrong}\n\n{self}");
    }
}

fn removals_agree(books: &Books) -> Vec<String> {
    let removed = books.members.iter().filter(|(member, _)| member.status == member::Status::Removed);
    sides(
        settled(books, true),
        [
            ("removed", removed.map(|(member, _)| member.id.to_string()).collect()),
            ("emails", books.of_kind(Kind::Removed).map(|row| row.member_id.to_string()).collect()),
            ("in the log", logged(books, Action::MemberRemoved)),
        ],
    )
}

fn invitations_agree(books: &Books) -> Vec<String> {
    let address: BTreeMap<_, _> =
        books.members.iter().map(|(member, address)| (member.id.to_string(), address.clone())).collect();
    let invited = books.members.iter().filter(|(member, _)| member.status == member::Status::Invited);
    let emails = books.of_kind(Kind::Invitation).map(|row| row.recipient_email.as_str().to_owned());
    let log = logged(books, Action::MemberInvited);
    sides(
        settled(books, false),
        [
            ("invited", invited.map(|(_, address)| address.clone()).collect()),
            ("emails", emails.collect()),
            ("in the log", log.iter().map(|id| address[id].clone()).collect()),
        ],
    )
}

/// Those of whom clients were told that they are removed or invited.
fn settled(books: &Books, removals: bool) -> BTreeSet<String> {
    let told = books.told.iter().filter(|told| told.is_removal() == removals);
    told.flat_map(Told::settled).map(|(person, _)| person.to_owned()).collect()
}

fn logged(books: &Books, action: Action) -> Vec<String> {
    let entries = books.activities.iter().filter(|entry| entry.action == action);
    entries.map(|entry| entry.member_id.unwrap().to_string()).collect()
}

/// Each side must have those that were answered, each once.
fn sides(answered: BTreeSet<String>, sides: [(&str, Vec<String>); 3]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, all) in sides {
        let side: BTreeSet<_> = all.iter().cloned().collect();
        if side.len() < all.len() {
            wrong.push(format!(
                "{name}: {} of {} are there more than once",
                all.len() - side.len(),
                all.len()
            ));
        }
        let difference = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
            one.difference(other).take(SHOWN).cloned().collect::<Vec<_>>().join(" ")
        };
        if side != answered {
            let (missing, extra) = (difference(&answered, &side), difference(&side, &answered));
            let (count, of) = (side.len(), answered.len());
            wrong
                .push(format!("{name}: {count} for {of} answers; missing: {missing}; not answered: {extra}"));
        }
    }
    wrong
}

fn removed_members_are_in_no_group(books: &Books) -> Vec<String> {
    let removed = books.members.iter().filter(|(member, _)| member.status == member::Status::Removed);
    let removed: BTreeSet<_> = removed.map(|(member, _)| member.id).collect();
    let still = books.group_members.iter().filter(|row| removed.contains(&row.member_id));
    still.map(|row| format!("{} is in {}", row.member_id, row.group_id)).collect()
}

fn what_is_refused_for_good_has_failed(books: &Books) -> Vec<String> {
    let mut wrong = Vec::new();
    for row in &books.notifications {
        let is_refused = books.unknown.contains(row.recipient_email.as_str());
        let words = row.last_error.as_deref().unwrap_or_default();
        let has_failed = row.status == Status::Failed && words.contains("550 5.1.1 No such mailbox");
        if is_refused != has_failed || (row.status == Status::Failed) != is_refused {
            wrong.push(format!("{}: {:?} {words}, mailbox: {}", row.id, row.status, !is_refused));
        }
        let shown = books.shown.get(&row.id.to_string());
        let status = if is_refused { "FAILED" } else { "SENT" };
        if !shown.is_some_and(|shown| {
            shown["status"] == status && shown["lastError"].as_str() == row.last_error.as_deref()
        }) {
            wrong.push(format!("{} is shown as {shown:?}, and not as {status} {words}", row.id));
        }
    }
    wrong
}

fn nothing_is_left_to_do(books: &Books) -> Vec<String> {
    let ended = [Status::Sent, Status::Failed];
    let left = books.notifications.iter().filter(|row| !ended.contains(&row.status));
    let left = left.map(|row| format!("{}: {:?} until {}", row.id, row.status, row.available_at));
    let ids = (books.ids_in_redis > 0).then(|| format!("{} ids in Redis", books.ids_in_redis));
    left.chain(ids).collect()
}

/// Who was told `Before` was told nothing the first time; one client was told of each removal and invitation, unless the
/// answer was lost; and what was not to be done was refused, all of it.
fn clients_were_told_the_truth(books: &Books) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut dones = BTreeMap::<_, (usize, usize)>::new();
    for told in &books.told {
        for (person, outcome) in told.outcomes() {
            let (done, doubts) = dones.entry(person).or_default();
            *done += usize::from(outcome == Outcome::Done);
            *doubts += told.doubts;
            let is_in_vain = matches!(outcome, Outcome::Nothing | Outcome::Refused(_));
            if is_in_vain != told.errand.is_in_vain {
                wrong.push(format!("{} {person}: {outcome:?}", told.errand.mutation));
            }
        }
        // Who does not know does not say that nothing happened.
        let claims = told.excuses.iter().filter(|excuse| excuse.contains("Nothing was changed"));
        wrong.extend(claims.map(|excuse| format!("{}: {excuse}", told.errand.mutation)));
        let is_refused = |(_, outcome): &(&str, Outcome)| matches!(outcome, Outcome::Refused(_));
        if told.errand.is_in_vain != told.outcomes().iter().any(is_refused) {
            wrong.push(format!("{}: {}", told.errand.mutation, told.payload));
        }
    }
    for (person, told) in settled(books, true).union(&settled(books, false)).map(|p| (p, dones[p.as_str()])) {
        match told {
            (1, _) => {}
            (0, 1..) => {}
            (0, 0) => {
                wrong.push(format!("{person}: that was so before, though nobody was without an answer"))
            }
            (many, _) => wrong.push(format!("{person}: done {many} times")),
        }
    }
    wrong
}

fn a_key_is_answered_the_same_again(books: &Books) -> Vec<String> {
    let mut wrong = Vec::new();
    for (number, again) in &books.told_again {
        let first = &books.told[*number];
        let mut expected = first.payload.clone();
        expected["replayed"] = true.into();
        if *again != expected {
            wrong.push(format!("{}: {} and then {again}", first.errand.mutation, first.payload));
        }
    }
    wrong
}
