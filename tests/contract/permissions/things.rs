//! One thing of each kind in an organization.

use roster_entity::{
    ActivityId, ApiTokenId, GroupId, InvitationId, MemberId, NotificationId, OrganizationId, Permission,
    UserId,
};
use roster_tests::{Member, Organization, noon};
use serde_json::{Value, json};

/// Their ids, and the like.
#[derive(Clone, Default)]
pub(crate) struct Things {
    pub(crate) organization: String,
    pub(crate) slug: String,
    pub(crate) user: String,
    /// An active member in a group, who has invited somebody and has an API token.
    pub(crate) member: String,
    /// Somebody invited, by `invitation`.
    pub(crate) invited: String,
    /// An owner who was removed by a script, with a note.
    pub(crate) removed: String,
    pub(crate) invitation: String,
    pub(crate) group: String,
    /// A group that grants everything, which only an owner can delete.
    pub(crate) keys: String,
    /// The entry of the removal.
    pub(crate) activity: String,
    /// The email of the removal, which was sent.
    pub(crate) notification: String,
    pub(crate) api_token: String,
    /// The secret of the link of the invitation.
    pub(crate) link: String,
}

/// One of the ids, by its name.
type Slot = (&'static str, fn(&mut Things) -> &mut String);

/// The ids one by one, so that one can be exchanged for another.
pub(crate) const SLOTS: [Slot; 12] = [
    ("organization", |things| &mut things.organization),
    ("slug", |things| &mut things.slug),
    ("user", |things| &mut things.user),
    ("member", |things| &mut things.member),
    ("invited", |things| &mut things.invited),
    ("removed", |things| &mut things.removed),
    ("invitation", |things| &mut things.invitation),
    ("group", |things| &mut things.group),
    ("keys", |things| &mut things.keys),
    ("activity", |things| &mut things.activity),
    ("notification", |things| &mut things.notification),
    ("api_token", |things| &mut things.api_token),
];

impl Things {
    /// Makes them: with somebody who belongs to the organization, somebody who is invited, and somebody who was removed.
    pub(crate) async fn of(
        organization: &Organization,
        [belongs, invited, removed]: [&str; 3],
    ) -> (Self, Member) {
        let owner = &organization.owner;
        let roster = &owner.roster;
        let group = organization.group("Design", &["MEMBERS_INVITE", "API_TOKENS_MANAGE"]).await;
        let all = Permission::ALL.map(|permission| permission.to_string());
        let keys = organization.group("Keys", &all.each_ref().map(String::as_str)).await;
        let member = organization.member_as(belongs, "MEMBER", &[&group]).await;
        let friend = format!("friend.of.{}", member.address);
        organization.invite_by(&member, &friend, "MEMBER", &[]).await.succeeds();
        organization.api_token_of(&member).await;
        let mistake = organization.invited(&format!("{invited} {invited}")).await;
        owner.revoke_invitation_of(&mistake).await.succeeds();
        let recipient = organization.invited_as(invited, "MEMBER", &[&group]).await;
        let removed = organization.member_as(removed, "OWNER", &[]).await;
        let script = organization.api_token_of(owner).await;
        let input = json!({ "memberId": removed.id, "note": "Thank you." });
        script.remove_with(input).await.succeeds();
        let link = roster.link_token(&recipient.address).await;

        let activities = "activities(first: 1, filter: { actions: [MEMBER_REMOVED] }) { nodes { id } }";
        let seen = organization.seen_by(owner, activities).await;
        let user = organization.member_seen_by(owner, &member, "user { id }").await;
        let email = organization.member_seen_by(owner, &removed, "removalNotification { id status }").await;
        assert_eq!(email["removalNotification"]["status"], "SENT");
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let manage_tokens = [Permission::ApiTokensManage].into_iter().collect();
        let things = Self {
            organization: organization.id.clone(),
            slug: organization.slug.clone(),
            user: id(&user["user"]),
            member: member.id.clone(),
            invited: recipient.id.clone(),
            removed: removed.id,
            invitation: recipient.invitation_id.clone(),
            group,
            keys,
            activity: seen.text("/organization/activities/nodes/0/id"),
            notification: id(&email["removalNotification"]),
            api_token: organization.api_token_with(owner, Some(manage_tokens)).await.id,
            link,
        };
        (things, recipient)
    }

    /// Of which nothing is known. The link is the same: whoever has its secret knows of the invitation.
    pub(crate) fn unknown(&self) -> Self {
        let member = || MemberId::generate(noon()).to_string();
        let group = || GroupId::generate(noon()).to_string();
        Self {
            organization: OrganizationId::generate(noon()).to_string(),
            slug: "unknown".to_owned(),
            user: UserId::generate(noon()).to_string(),
            member: member(),
            invited: member(),
            removed: member(),
            invitation: InvitationId::generate(noon()).to_string(),
            group: group(),
            keys: group(),
            activity: ActivityId::generate(noon()).to_string(),
            notification: NotificationId::generate(noon()).to_string(),
            api_token: ApiTokenId::generate(noon()).to_string(),
            link: self.link.clone(),
        }
    }

    /// What is no id of anything.
    pub(crate) fn malformed(&self) -> Self {
        let mut malformed = self.clone();
        for (_, slot) in SLOTS {
            *slot(&mut malformed) = "?".to_owned();
        }
        malformed
    }

    /// The text with the ids of these things made alike.
    pub(crate) fn hidden_in(&self, text: &str) -> String {
        let mut things = self.clone();
        SLOTS
            .iter()
            .fold(text.to_owned(), |text, (name, slot)| text.replace(slot(&mut things).as_str(), name))
    }
}
