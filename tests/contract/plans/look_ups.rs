//! What is found by its id, its slug or its link, and what is known of one person.

use chrono::TimeDelta;
use serde_json::json;

use super::world::large;

const EVERYTHING: &str = "... on Member { groups { id } permissions viewerCanRemove invitation { id } removedBy { id } removalNotification { id } }
    ... on Invitation { member { id } invitedBy { id } revokedBy { id } } ... on Group { name }
    ... on Activity { actor { id } member { id } apiToken { id } notification { id } }
    ... on Notification { member { id } } ... on ApiToken { member { id } } ... on User { name } ... on Organization { name }";

#[tokio::test]
async fn what_is_looked_up_is_read_alone() {
    let (world, acme) = large().await;
    let roster = world.roster.clone();
    let owner = &acme.owner;
    let group = acme.group("Design", &["MEMBERS_READ"]).await;
    let bob = acme.member_as("Bob", "ADMIN", &[&group]).await;
    let ann = acme.invited("Ann").await;
    let link = roster.link_token(&ann.address).await;
    let token = acme.api_token_of(&bob).await;
    acme.owner.remove(&acme.member("Leo").await).await.succeeds();
    let ids = "viewerMember { user { id } } activities(first: 1) { nodes { id } } notifications(first: 1) { nodes { id } }
        removed: members(first: 1, filter: { search: \"leo@\", status: [REMOVED] }) { nodes { id } }";
    let ids = acme.seen_by(owner, ids).await;
    let id = |at: &str| ids.text(&format!("/organization/{at}/id"));
    let ids = [
        acme.id.clone(),
        id("viewerMember/user"),
        bob.id.clone(),
        ann.id.clone(),
        id("removed/nodes/0"),
        ann.invitation_id.clone(),
        group,
        id("activities/nodes/0"),
        id("notifications/nodes/0"),
        token.id.clone(),
    ];
    roster.pass(TimeDelta::hours(2));

    let mut findings = world.analyzed().await;
    for id in &ids {
        let node = format!("query ($id: ID!) {{ node(id: $id) {{ __typename id {EVERYTHING} }} }}");
        let answer = findings.of(&format!("node {id}"), owner.graphql(&node, json!({ "id": id }))).await;
        assert_eq!(answer.text("/node/id"), *id);
    }
    let nodes = format!("query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ __typename id {EVERYTHING} }} }}");
    findings.of("nodes", owner.graphql(&nodes, json!({ "ids": ids }))).await.data();
    findings
        .of(
            "by slug",
            owner.query("{ organization(slug: \"acme\") { name viewerPermissions viewerMember { id } } }"),
        )
        .await
        .data();
    findings.of("by id", acme.seen_by(owner, "name groups(first: 10) { nodes { name } }")).await.data();
    findings
        .of("member", acme.member_seen_by(owner, &bob, &format!("id ...on Node {{ {EVERYTHING} }}")))
        .await;
    let preview = "removalPreview { fingerprint warnings isLastOwner groups { id } permissions { permission } email { subject }
        sentInvitations(first: 10) { nodes { id } } apiTokens(first: 10) { nodes { id member { id } } } }";
    for member in [&bob, &ann] {
        findings.of("removal preview", acme.member_seen_by(owner, member, preview)).await;
    }
    findings.of("offer", ann.offer(&link)).await.data();
    let (_, found) = findings.look("a count", acme.seen_by(owner, "undeliveredNotificationCount")).await;
    findings.take("a count", found, Some("a count reads what it counts"));
    let viewer = "{ viewer { user { id } organizations(first: 10) { nodes { name viewerPermissions groups(first: 10) { nodes { name } } } } } }";
    findings.of("viewer", owner.query(viewer)).await.data();
    findings.of("viewer, by a script", token.person.query(viewer)).await.data();
    findings.are_none();
}
