//! Letting time pass: some of it, or just as much as something lasts.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{KEY_IS_KEPT, Outcome, RESEND_INTERVAL};
use crate::model::{
    operation::Span,
    state::{Time, World},
};

impl World {
    pub(super) fn pass(&mut self, span: Span) -> Outcome {
        let to_come: BTreeSet<_> = self.ends().filter(|end| *end > self.now).collect();
        let end = |no: usize| to_come.iter().cycle().nth(no).copied().unwrap_or(self.now);
        self.now = match span {
            Span::Minute => self.now + TimeDelta::minutes(1),
            Span::Day => self.now + TimeDelta::days(1),
            Span::EightDays => self.now + TimeDelta::days(8),
            Span::AMonth => self.now + TimeDelta::days(30),
            Span::UntilTheEnd(no) => end(no),
            Span::AlmostUntilTheEnd(no) => self.now.max(end(no) - TimeDelta::seconds(1)),
            Span::DayBack => {
                self.deliver();
                self.now - TimeDelta::days(1)
            }
        };
        Outcome::Silence
    }

    /// When something ends that an operation asks for.
    fn ends(&self) -> impl Iterator<Item = Time> {
        let of_organizations = self.organizations.values().flat_map(|organization| {
            let open = organization.invitations.iter().filter(|it| it.answer.is_none());
            let invitations = open.flat_map(|it| [it.expires_at, it.sent_at + RESEND_INTERVAL]);
            let window = TimeDelta::days(organization.settings.restore_days);
            let removals =
                organization.members.values().flat_map(move |it| it.end.as_ref().map(|end| end.at + window));
            let keys = organization.answers.values().map(|it| it.at + KEY_IS_KEPT);
            invitations.chain(removals).chain(keys)
        });
        of_organizations.chain(self.emails.iter().filter_map(|it| Some(it.sent_at? + RESEND_INTERVAL)))
    }
}
