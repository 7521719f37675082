//! An organization with everything in it, and everybody who could try to get at it.

use roster_entity::{
    ActivityId, ApiTokenId, GroupId, InvitationId, MemberId, NotificationId, OrganizationId, Permission,
    Permissions, UserId,
};
use roster_tests::{Member, On, Organization, Person, Roster, noon};
use serde_json::Value;

/// Acme, and another organization.
pub(crate) struct World {
    pub(crate) acme: Organization,
    /// What is in Acme.
    pub(crate) ids: Ids,
    /// Who has no access to Acme, and from what they differ.
    pub(crate) strangers: Vec<(&'static str, Person)>,
    /// A plain member of Acme.
    pub(crate) plain: Member,
    /// A script of another organization, whose owner is a plain member of Acme besides.
    pub(crate) foreign_script: Person,
}

/// A thing of each kind.
pub(crate) struct Ids {
    pub(crate) organization: String,
    pub(crate) slug: String,
    pub(crate) user: String,
    pub(crate) member: String,
    /// An owner who was removed.
    pub(crate) removed: String,
    pub(crate) invitation: String,
    pub(crate) group: String,
    pub(crate) activity: String,
    /// The email of the removal, which was sent.
    pub(crate) notification: String,
    pub(crate) api_token: String,
    /// The secret of the link of the invitation.
    pub(crate) link: String,
}

impl Ids {
    /// Ids of which nothing is known. The link is the same: whoever has its secret knows of the invitation.
    pub(crate) fn unknown(&self) -> Self {
        Self {
            organization: OrganizationId::generate(noon()).to_string(),
            slug: "unknown".to_owned(),
            user: UserId::generate(noon()).to_string(),
            member: MemberId::generate(noon()).to_string(),
            removed: MemberId::generate(noon()).to_string(),
            invitation: InvitationId::generate(noon()).to_string(),
            group: GroupId::generate(noon()).to_string(),
            activity: ActivityId::generate(noon()).to_string(),
            notification: NotificationId::generate(noon()).to_string(),
            api_token: ApiTokenId::generate(noon()).to_string(),
            link: self.link.clone(),
        }
    }

    /// What is no id of anything.
    pub(crate) fn malformed() -> Self {
        let text = || "?".to_owned();
        Self {
            organization: text(),
            slug: text(),
            user: text(),
            member: text(),
            removed: text(),
            invitation: text(),
            group: text(),
            activity: text(),
            notification: text(),
            api_token: text(),
            link: text(),
        }
    }
}

impl World {
    pub(crate) async fn new(on: On) -> Self {
        let roster = Roster::start(on).await;
        let acme = roster.organization("Acme").await;
        let globex = roster.organization_of("Gwen", "Globex").await;

        let group = acme.group("Design", &[]).await;
        let member = acme.member_as("Bob", "MEMBER", &[&group]).await;
        let plain = acme.member("Paul").await;
        let removed = acme.member_as("Ruth", "OWNER", &[]).await;
        acme.owner.remove(&removed).await.succeeds();
        let (invited, recipient) =
            (acme.invited_as("Ivan", "OWNER", &[]).await, acme.invited_as("Rita", "MEMBER", &[&group]).await);
        let link = roster.link_token(&recipient.address).await;

        // Gwen's script is Globex's, though Gwen herself belongs to Acme too.
        let mut strangers = vec![("an outsider", roster.person("Mallory"))];
        strangers.push((
            "the owner of another organization",
            roster.organization_of("Hank", "Hooli").await.owner.person,
        ));
        strangers.push(("somebody who is invited as an owner", invited.person.clone()));
        strangers.push(("an owner who was removed", removed.person.clone()));
        acme.member("Gwen").await;
        let foreign_script = globex.api_token_of(&globex.owner).await.person;
        strangers.push(("a script of another organization", foreign_script.clone()));
        // Everybody has signed in, so that nothing is new about them.
        for (_, stranger) in &strangers {
            stranger.query("{ viewer { emailVerified } }").await.data();
        }

        let seen = acme.seen_by(&acme.owner, "activities { nodes { id } }").await;
        let user = acme.member_seen_by(&acme.owner, &member, "user { id }").await;
        let email = acme.member_seen_by(&acme.owner, &removed, "removalNotification { id status }").await;
        assert_eq!(email["removalNotification"]["status"], "SENT");
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let manage_tokens = [Permission::ApiTokensManage].into_iter().collect();
        let api_token = acme.api_token_with(&acme.owner, Some(manage_tokens)).await.id;
        let ids = Ids {
            organization: acme.id.clone(),
            slug: acme.slug.clone(),
            user: id(&user["user"]),
            member: member.id,
            removed: removed.id,
            invitation: recipient.invitation_id,
            group,
            activity: seen.text("/organization/activities/nodes/0/id"),
            notification: id(&email["removalNotification"]),
            api_token,
            link,
        };
        Self { acme, ids, strangers, plain, foreign_script }
    }

    /// A plain member of a group that grants this.
    pub(crate) async fn person_with(&self, permission: &str) -> Person {
        let group = self.acme.group(permission, &[permission]).await;
        self.acme.member_as("Pia", "MEMBER", &[&group]).await.person
    }

    /// A script of the owner that may do only this.
    pub(crate) async fn script_with_only(&self, permission: &str) -> Person {
        self.script_with(&[permission]).await
    }

    /// A script of the owner that may do only these.
    pub(crate) async fn script_with(&self, permissions: &[&str]) -> Person {
        self.script(|p| permissions.contains(&p.to_string().as_str())).await
    }

    /// A script of the owner that may do everything but this.
    pub(crate) async fn script_without(&self, permission: &str) -> Person {
        self.script(|p| p.to_string() != permission).await
    }

    async fn script(&self, may: impl Fn(&Permission) -> bool) -> Person {
        let permissions: Permissions = Permission::ALL.into_iter().filter(may).collect();
        self.acme.api_token_with(&self.acme.owner, Some(permissions)).await.person
    }
}
