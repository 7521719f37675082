//! What is told of an organization: ids, and never an address or a name. Who is told reads the rest with their own permissions.

use chrono::{DateTime, Utc};
use roster_entity::{ActivityId, InvitationId, MemberId, NotificationId, OrganizationId};
use serde::{Deserialize, Serialize};

/// The most events in one message: about 20 KB.
const EVENTS: usize = 100;

/// What has happened in one organization with one commit, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Where.
    pub organization: OrganizationId,
    /// When.
    pub at: DateTime<Utc>,
    /// What. It may be nothing to be shown: then it only says that somebody's access may have changed.
    pub events: Vec<Event>,
}

/// One thing that has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What.
    pub kind: Kind,
    /// To which member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// To which invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<InvitationId>,
    /// To which email.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification: Option<NotificationId>,
    /// The entry of the activity log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<ActivityId>,
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// A person was invited.
    MemberInvited,
    /// A person has accepted their invitation.
    MemberJoined,
    /// A member has another role or other groups, or was restored; without a member, a group of members was changed.
    MemberChanged,
    /// A member was removed or has left, or an invitation came to nothing.
    MemberRemoved,
    /// An invitation was resent, revoked, accepted or declined.
    InvitationChanged,
    /// The mail server has taken an email.
    NotificationDelivered,
    /// An email was given up.
    NotificationFailed,
    /// What only a newer version of Roster knows, while both run.
    #[serde(other)]
    Unknown,
}

impl Event {
    /// An event about nothing in particular yet.
    pub fn new(kind: Kind) -> Self {
        Self { kind, member: None, invitation: None, notification: None, activity: None }
    }
}

impl Message {
    /// What has happened in one organization, in messages that are not too long: at least one.
    pub fn all(organization: OrganizationId, at: DateTime<Utc>, events: Vec<Event>) -> Vec<Self> {
        let message = |events: &[Event]| Self { organization, at, events: events.to_vec() };
        match events.is_empty() {
            true => vec![message(&[])],
            false => events.chunks(EVENTS).map(message).collect(),
        }
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a message is plain data")
    }

    pub(super) fn from_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json)
    }
}

#[cfg(test)]
mod tests {
    use roster_entity::Clock;

    use super::*;

    fn message(count: usize) -> Vec<Message> {
        let now = Clock::system().now();
        let member = MemberId::generate(now);
        let event = Event { member: Some(member), ..Event::new(Kind::MemberRemoved) };
        Message::all(OrganizationId::generate(now), now, vec![event; count])
    }

    #[test]
    fn a_message_survives_the_way_to_another_process() {
        let message = &message(2)[0];
        assert_eq!(Message::from_json(&message.to_json()).unwrap(), *message);
    }

    #[test]
    fn a_long_list_is_several_messages() {
        let sizes = |count| message(count).iter().map(|message| message.events.len()).collect::<Vec<_>>();
        assert_eq!(sizes(0), [0]);
        assert_eq!(sizes(100), [100]);
        assert_eq!(sizes(250), [100, 100, 50]);
        assert!(message(100)[0].to_json().len() < 20_000);
    }

    #[test]
    fn what_a_newer_version_says_can_be_read() {
        let json = String::from_utf8(message(1)[0].to_json()).unwrap();
        let newer = json.replace("MEMBER_REMOVED", "MEMBER_PRAISED").replace("\"at\"", "\"by\":1,\"at\"");
        assert_eq!(Message::from_json(newer.as_bytes()).unwrap().events[0].kind, Kind::Unknown);
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for garbage in
            ["", "{}", "[]", "null", "💥", "{\"organization\":\"member_x\",\"at\":0,\"events\":[]}"]
        {
            assert!(Message::from_json(garbage.as_bytes()).is_err(), "{garbage}");
        }
    }
}
