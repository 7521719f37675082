//! What administrators do besides inviting, removing one member and managing groups.

use serde_json::{Value, json};

use crate::{ApiToken, Member, Organization, Payload, Person};

impl Person {
    /// Changes settings of an organization.
    pub async fn update_organization(&self, organization: &Organization, settings: Value) -> Payload {
        let mut input = settings;
        input["organizationId"] = organization.id.as_str().into();
        let fields = "changed message organization { name slug contactEmail replyToEmail brandingLine \
            revocationEmail invitationLifetimeDays restoreWindowDays allowedEmailDomains }";
        self.mutate("updateOrganization", input, fields).await
    }

    /// Removes a list of members of an organization.
    pub async fn remove_all(&self, organization: &Organization, members: &[&Member]) -> Payload {
        let items: Vec<_> = members.iter().map(|member| json!({ "memberId": member.id })).collect();
        self.remove_all_with(organization, json!({ "members": items })).await
    }

    /// The same, with an input that may have more than the list.
    pub async fn remove_all_with(&self, organization: &Organization, input: Value) -> Payload {
        let mut input = input;
        input["organizationId"] = organization.id.as_str().into();
        let fields = "changed replayed message revokedSentInvitations { id status } results {
            memberId changed message member { id status } revokedInvitation { id status }
            error { code message path memberId } }";
        self.mutate("removeMembers", input, fields).await
    }

    /// The fingerprint of a member's removal preview, as this person reviews it.
    pub async fn review(&self, organization: &Organization, member: &Member) -> String {
        let seen = organization.member_seen_by(self, member, "removalPreview { fingerprint }").await;
        seen["removalPreview"]["fingerprint"].as_str().expect("a fingerprint").to_owned()
    }

    /// Undoes the removal of a member.
    pub async fn restore(&self, member: &Member) -> Payload {
        let fields = "changed message warnings member { id status role restoredAt groups { name } }";
        self.mutate("restoreMember", json!({ "memberId": member.id }), fields).await
    }

    /// Sends an email again, which the id names.
    pub async fn resend_notification(&self, id: &str) -> Payload {
        let fields = "changed message notification { id status attempts resends lastError sentAt }";
        self.mutate("resendNotification", json!({ "notificationId": id }), fields).await
    }

    /// Revokes an API token.
    pub async fn revoke_token(&self, token: &ApiToken) -> Payload {
        let fields = "changed message apiToken { id status revokedAt }";
        self.mutate("revokeApiToken", json!({ "apiTokenId": token.id }), fields).await
    }
}
