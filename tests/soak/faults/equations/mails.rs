//! Who has which mail, and how often.

use std::collections::BTreeSet;

use roster_entity::notification::Status;
use roster_tests::smtp_server::ReceivedMail;

use super::super::{
    books::{Books, message_id},
    world::CONCURRENCY,
};

pub(super) fn who_can_be_reached_has_the_mail(books: &Books) -> Vec<String> {
    let mut wrong = Vec::new();
    for row in books.notifications.iter().filter(|row| !books.unknown.contains(row.recipient_email.as_str()))
    {
        let of_recipient = |mail: &ReceivedMail| mail.to == [row.recipient_email.as_str()];
        let arrived = books
            .mails
            .get(&message_id(row))
            .is_some_and(|all| all.iter().all(|taken| of_recipient(&taken.mail)));
        if row.status != Status::Sent || !arrived {
            let arrived = if arrived { "the mail has arrived" } else { "no mail has arrived" };
            wrong.push(format!("{}: {:?}, {arrived} ({:?})", row.id, row.status, row.last_error));
        }
    }
    wrong
}

/// Of refused lists, of whom a client was told nothing, and of what was rolled back.
pub(super) fn nobody_else_has_a_mail(books: &Books) -> Vec<String> {
    let known: BTreeSet<_> = books.notifications.iter().map(message_id).collect();
    let others = books.mails.iter().filter(|(id, _)| !known.contains(*id));
    others.map(|(id, copies)| format!("{:?} has a mail that no row knows: {id}", copies[0].mail.to)).collect()
}

pub(super) fn mails_come_twice_only_where_an_answer_was_lost(books: &Books) -> Vec<String> {
    let certain = books.repeated().into_iter().filter(|taken| !taken.receipt.is_doubtful());
    let (by_killed, others): (Vec<_>, Vec<_>) =
        certain.partition(|taken| books.killed.contains(&taken.client));
    let copy =
        |why: &str, mail: &ReceivedMail| format!("{:?} has {} again, {why}", mail.to, mail.message_id());
    let mut wrong: Vec<_> = others
        .iter()
        .map(|taken| copy(&format!("though {} was told that it was taken", taken.client), &taken.mail))
        .collect();
    // What a killed worker knew and had not written down: one for each email that it was working on.
    if by_killed.len() > books.killed.len() * CONCURRENCY {
        wrong.extend(by_killed.iter().map(|taken| copy("from a worker that was killed", &taken.mail)));
    }
    wrong
}

pub(super) fn copies_are_the_same(books: &Books) -> Vec<String> {
    // All but the boundary between the parts, which is drawn for each copy.
    let content = |mail: &ReceivedMail| {
        let header = ["Date", "From", "To", "Reply-To"].map(|name| mail.header(name));
        (mail.from.clone(), mail.to.clone(), header, mail.subject(), mail.text(), mail.html())
    };
    let differ = books
        .mails
        .iter()
        .filter(|(_, copies)| copies.windows(2).any(|pair| content(&pair[0].mail) != content(&pair[1].mail)));
    differ.map(|(id, copies)| format!("{} copies of {id} differ", copies.len())).collect()
}

pub(super) fn each_mail_was_an_attempt(books: &Books) -> Vec<String> {
    let copies = |row| books.mails.get(&message_id(row)).map_or(0, Vec::len) as i32;
    let too_many = books.notifications.iter().filter(|row| copies(row) > row.attempts);
    too_many.map(|row| format!("{}: {} mails, {} attempts", row.id, copies(row), row.attempts)).collect()
}
