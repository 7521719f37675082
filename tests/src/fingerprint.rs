//! All of an organization that a call could change, to compare it before and after.

use std::future::Future;

use serde_json::json;

use crate::Organization;

/// The lists that must fit on one page. Of the log, the newest entries are enough: it is only ever added to.
const LISTS: [&str; 5] = ["members", "invitations", "groups", "notifications", "apiTokens"];

const QUERY: &str = "query ($id: ID!) { organization(id: $id) {
    name slug contactEmail replyToEmail brandingLine allowedEmailDomains
    revocationEmail invitationLifetimeDays restoreWindowDays
    members(first: 100, filter: { status: [INVITED, ACTIVE, REMOVED] }, orderBy: { field: JOINED_AT }) {
        nodes {
            id status role invitedAt joinedAt removedAt removalReason removalNote restoredAt
            user { email } removedBy { id } groups { id }
        }
        pageInfo { hasNextPage }
    }
    invitations(first: 100) {
        nodes { id status email expiresAt sentAt answeredAt revokedBy { id } }
        pageInfo { hasNextPage }
    }
    groups(first: 100) { nodes { id name description permissions } pageInfo { hasNextPage } }
    activities(first: 100) { nodes { id action } }
    notifications(first: 100) { nodes { id kind recipient status attempts resends } pageInfo { hasNextPage } }
    apiTokens(first: 100) { nodes { id name status } pageInfo { hasNextPage } }
} }";

impl Organization {
    /// Its settings, members, invitations, groups, activities, notifications and API tokens, as the owner sees them. People's names
    /// are not of the organization: they come when somebody signs in for the first time.
    pub async fn fingerprint(&self) -> String {
        let answer = self.owner.graphql(QUERY, json!({ "id": self.id })).await;
        for list in LISTS {
            let has_more = answer.at(&format!("/organization/{list}/pageInfo/hasNextPage"));
            assert_eq!(has_more, false, "the fingerprint has only the first page of the {list}");
        }
        format!("{:#}", answer.at("/organization"))
    }

    /// Makes a call, which must change nothing here; its answer.
    pub async fn unchanged_by<T>(&self, call: impl Future<Output = T>) -> T {
        let before = self.fingerprint().await;
        let answer = call.await;
        similar_asserts::assert_eq!(before: before, after: self.fingerprint().await);
        answer
    }
}
