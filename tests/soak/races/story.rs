//! What became of one person: their status, and what the log and the emails say of them.

use roster_tests::{Member, Organization, Roster, smtp_server::ReceivedMail};
use serde_json::{Value, json};

use super::course::Course;

pub(crate) const INVITED: &str = "Olivia invited you to join …";
pub(crate) const WITHDRAWN: &str = "Your invitation to … was withdrawn";
pub(crate) const REMOVED: &str = "You have been removed from …";
pub(crate) const RESTORED: &str = "You are a member of … again";

/// Status, log and subjects, oldest first.
pub(crate) type Story = (String, Vec<String>, Vec<String>);

/// What somebody can tell who was invited, and belongs to no other organization.
pub(crate) async fn story(acme: &Organization, member: &Member) -> Story {
    let status = acme.member_seen_by(&acme.owner, member, "status").await["status"].clone();
    let entries = acme.log(json!({ "memberIds": [member.id] })).await;
    let log = entries.iter().rev().map(|entry| text(&entry["action"])).collect();
    let mails = mails_to(&acme.owner.roster, &member.address).await;
    let subjects = mails.iter().map(|mail| mail.subject().replace(&acme.name, "…")).collect();
    (text(&status), log, subjects)
}

/// All mails that somebody gets.
pub(crate) async fn mails_to(roster: &Roster, address: &str) -> Vec<ReceivedMail> {
    roster.deliver_all_to(address).await;
    roster.smtp().mails_to(address)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What [`story`] should be of somebody whom Olivia has invited.
pub(crate) fn invited_and(status: &str, later: &[&str], mails: &[&str]) -> Story {
    let all = |first: &[&str], more: &[&str]| [first, more].concat().into_iter().map(str::to_owned).collect();
    (status.to_owned(), all(&["MEMBER_INVITED"], later), all(&[INVITED], mails))
}

/// The same of somebody who has accepted.
pub(crate) fn joined_and(status: &str, later: &[&str], mails: &[&str]) -> Story {
    invited_and(status, &[&["INVITATION_ACCEPTED"], later].concat(), mails)
}

/// Somebody new, who is invited and holds the link.
pub(crate) async fn invited(acme: &Organization, round: usize) -> (Member, String) {
    let bob = acme.invited(&format!("Bob {round}")).await;
    let token = acme.owner.roster.link_token(&bob.address).await;
    (bob, token)
}

/// Somebody new, who has joined.
pub(crate) async fn joined(acme: &Organization, round: usize) -> Member {
    acme.member(&format!("Bob {round}")).await
}

/// An organization whose owners are Olivia and Ada. Ada calls the second API.
pub(crate) async fn two_owners(course: &Course, round: usize) -> (Organization, Member) {
    let acme = course.acme(round).await;
    let ada = acme.member_as("Ada", "OWNER", &[]).await.through(&course.there);
    (acme, ada)
}
