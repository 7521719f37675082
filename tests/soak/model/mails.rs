//! The emails that have arrived: to whom, in which order, what they say; and the links in them.

use roster_tests::smtp_server::ReceivedMail;

use super::{
    operation::EmailNo,
    stage::Stage,
    state::{Email, Says, World},
};

const GROUPS: [&str; 3] = ["Design", "Board", "Crew"];

impl Stage {
    /// Compares what the mail server was given since the beginning with what the model has sent.
    pub(super) fn compare_mails(&mut self, world: &World) -> Result<(), String> {
        let mails = self.roster.smtp().mails();
        let mails = &mails[self.mails_before..];
        let got: Vec<_> = mails.iter().map(|mail| self.got(mail)).collect();
        let expected: Vec<_> = world.arrived.iter().map(|no| self.expected(&world.emails[no.0])).collect();
        if got != expected {
            return Err(difference("the emails that arrived", &expected, &got));
        }
        for (EmailNo(no), mail) in world.arrived.iter().zip(mails) {
            if matches!(world.emails[*no].says, Says::Invitation { .. }) {
                let link = mail.first_link();
                let token = link.split_once("#token=").expect("a link has a token").1;
                // Each email has a link of its own, so that the newest can be the only one that works.
                if let Some(other) = self.links.iter().find(|(other, known)| *other != no && *known == token)
                {
                    return Err(format!("the link in email {no} is that of email {}", other.0));
                }
                self.links.insert(*no, token.to_owned());
            }
        }
        Ok(())
    }

    fn got(&self, mail: &ReceivedMail) -> String {
        let says_groups = GROUPS.into_iter().filter(|name| mail.text().contains(name));
        let groups = match mail.subject() {
            subject if subject.starts_with("You have been removed") => Some(says_groups.collect::<Vec<_>>()),
            _ => None,
        };
        let to = mail.to.join(", ").to_lowercase();
        let subject = match mail.subject().split_once(" invited ") {
            Some((_, invited)) => format!("somebody invited {invited}"),
            None => mail.subject(),
        };
        format!("{to}: {subject} {groups:?}")
    }

    fn expected(&self, email: &Email) -> String {
        let (to, org) = (self.address_of(email.to, false), self.name_of(email.org));
        let (subject, groups) = match &email.says {
            Says::Invitation { .. } => (format!("somebody invited you to join {org}"), None),
            Says::InvitationRevoked => (format!("Your invitation to {org} was withdrawn"), None),
            Says::Removed(names) => {
                let named = GROUPS.into_iter().filter(|name| names.contains(name));
                (format!("You have been removed from {org}"), Some(named.collect::<Vec<_>>()))
            }
            Says::Restored => (format!("You are a member of {org} again"), None),
            Says::RoleChanged(role) => {
                (format!("Your role in {org} is now {}", role.name().to_lowercase()), None)
            }
        };
        format!("{to}: {subject} {groups:?}")
    }
}

/// The lines that differ.
pub(super) fn difference(what: &str, expected: &[String], got: &[String]) -> String {
    let missing =
        expected.iter().filter(|line| !got.contains(line)).map(|line| format!("\n  expected: {line}"));
    let surplus =
        got.iter().filter(|line| !expected.contains(line)).map(|line| format!("\n  got:      {line}"));
    let lines: String = missing.chain(surplus).collect();
    match lines.is_empty() {
        true => format!("{what}, in another order:\n  expected: {expected:#?}\n  got: {got:#?}"),
        false => format!("{what}:{lines}"),
    }
}
