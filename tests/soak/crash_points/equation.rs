//! The equation that holds at the end of each story, seen from outside: what was answered as done is what the rows say,
//! what the log says, and what the people were told.

use std::{collections::BTreeMap, time::Duration};

use roster_tests::{Installation, redis_list, redis_url, smtp_server::SmtpServer};
use tokio::time::{sleep, timeout};

use super::{
    running::{Form, Running},
    scene::Scene,
    state,
    story::Story,
};

/// Longer than anything takes here.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many mails there are of each email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copies {
    /// One.
    One,
    /// Two of one email, which was taken by the mail server when its sender died; one of the others.
    TwoOfOne,
    /// One of these two: the worker was somewhere when the API ended both.
    OneOrTwoOfOne,
}

/// Each person who is concerned has changed once, stands in the log once and is told once; nobody else is or does.
pub(super) fn equation_holds(story: Story, before: &str, after: &str) {
    let new: Vec<_> = after.lines().filter(|line| !before.lines().any(|old| old == *line)).collect();
    let count = |list: &str, parts: &[&str]| {
        let is_meant = |line: &&&str| line.starts_with(list) && parts.iter().all(|part| line.contains(part));
        new.iter().filter(is_meant).count()
    };
    for (recipient, kind) in story.told() {
        let (change, entry) = match *kind {
            "REMOVED" => ("\"removalReason\":\"REMOVED\"", "MEMBER_REMOVED"),
            "INVITATION_REVOKED" => ("\"removalReason\":\"INVITATION_REVOKED\"", "INVITATION_REVOKED"),
            _ => ("\"status\":\"INVITED\"", "MEMBER_INVITED"),
        };
        assert_eq!(count("members", &[recipient, change]), 1, "{new:#?}");
        assert_eq!(count("activities", &[recipient, entry]), 1, "{new:#?}");
        assert_eq!(count("notifications", &[recipient, &format!("\"kind\":\"{kind}\"")]), 1, "{new:#?}");
    }
    for list in ["members", "activities", "notifications"] {
        assert_eq!(count(list, &[]), story.told().len(), "{new:#?}");
    }
}

/// Waits until no email is left to be sent, nobody has a lease on one, and the queue is empty.
pub(super) async fn everything_is_sent(scene: &Scene, running: &Running, installation: &Installation) {
    for notification in state::unsent(&running.api, &scene.owner, &scene.organization).await {
        running.has_sent(&notification).await;
    }
    assert_eq!(state::unsent(&running.api, &scene.owner, &scene.organization).await, [""; 0]);
    if scene.form == Form::Production {
        let key = installation.setting("ROSTER_QUEUE__KEY").unwrap();
        let is_empty = async {
            while redis_list(&redis_url(), key).await != "*0\r\n" {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, is_empty).await.expect("ids are left in the queue");
    }
}

/// Everybody has their mail, and nobody another one. Copies have the same Message-ID, and say the same.
pub(super) fn everybody_has_mail(story: Story, smtp: &SmtpServer, copies: Copies) {
    let mails = smtp.mails();
    let mut recipients: Vec<_> = mails.iter().flat_map(|mail| mail.to.clone()).collect();
    recipients.sort();
    recipients.dedup();
    assert_eq!(recipients, story.told().iter().map(|(recipient, _)| *recipient).collect::<Vec<_>>());

    let mut by_id = BTreeMap::new();
    for mail in &mails {
        let first = by_id.entry(mail.message_id()).or_insert(mail);
        assert_eq!((&first.to, first.subject(), first.text()), (&mail.to, mail.subject(), mail.text()));
    }
    assert_eq!(by_id.len(), recipients.len(), "two Message-IDs for one email: {mails:#?}");
    let more = mails.len() - by_id.len();
    match copies {
        Copies::One => assert_eq!(more, 0, "{mails:#?}"),
        Copies::TwoOfOne => assert_eq!(more, 1, "{mails:#?}"),
        Copies::OneOrTwoOfOne => assert!(more <= 1, "{mails:#?}"),
    }
}
