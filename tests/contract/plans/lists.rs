//! The lists of what is not a member.

use super::{
    pages::{PICKED, Pages},
    world::large,
};

const ENTRY: &str =
    "action actor { displayName } member { id } apiToken { name member { id } } notification { status }";

const TOKENS: Option<&str> = Some("an organization has few tokens: they are picked from among all");
const UNSENT: Option<&str> =
    Some("while the mail server is away the newest emails are not sent: they are passed over");
const UNDELIVERED: Option<&str> =
    Some("what is not delivered is little, or the mail server is away: all of it is sorted");

#[tokio::test]
async fn a_page_of_a_list_reads_little_more_than_it_shows() {
    let (world, acme) = large().await;
    let globex = world.globex.clone();
    let mut findings = world.analyzed().await;
    let invitations =
        Pages::new(&acme, "invitations", "email member { id } invitedBy { id } revokedBy { id }");
    for (status, known) in [
        ("PENDING, EXPIRED, ACCEPTED, DECLINED, REVOKED", None),
        ("PENDING", None),
        ("EXPIRED", PICKED),
        ("ACCEPTED", None),
        ("DECLINED", None),
        ("REVOKED", None),
        ("PENDING, EXPIRED", None),
        ("PENDING, ACCEPTED", None),
        ("DECLINED, REVOKED", PICKED),
    ] {
        invitations.of(&mut findings, &format!("status: [{status}]"), known).await;
    }
    let notifications = Pages::new(&acme, "notifications", "recipient member { id }");
    let in_outage = Pages::new(&globex, "notifications", "recipient member { id }");
    for (status, known, known_in_outage) in [
        ("QUEUED, SENT, FAILED, CANCELED", None, None),
        ("QUEUED", None, None),
        ("SENT", None, UNSENT),
        ("FAILED", None, None),
        ("CANCELED", None, None),
        ("QUEUED, FAILED", None, UNDELIVERED),
    ] {
        notifications.of(&mut findings, &format!("status: [{status}]"), known).await;
        in_outage.of(&mut findings, &format!("status: [{status}]"), known_in_outage).await;
    }
    let tokens = Pages::new(&acme, "apiTokens", "name member { id }");
    for (status, known) in
        [("ACTIVE, EXPIRED, REVOKED", None), ("ACTIVE", None), ("EXPIRED", TOKENS), ("REVOKED", TOKENS)]
    {
        tokens.of(&mut findings, &format!("status: [{status}]"), known).await;
    }
    for list in ["invitations", "notifications", "apiTokens", "groups"] {
        Pages::new(&acme, list, "id").of(&mut findings, "", None).await;
    }
    findings.are_none();
}

#[tokio::test]
async fn a_page_of_the_log_reads_little_more_than_it_shows() {
    let (world, acme) = large().await;
    let roster = world.roster.clone();
    let change = "activities(first: 1, filter: { actions: [MEMBER_ROLE_CHANGED] }) { nodes { actor { id } member { id user { id } } apiTokenId } }";
    let change = acme.seen_by(&acme.owner, change).await;
    let id = |at: &str| change.text(&format!("/organization/activities/nodes/0/{at}"));
    let (actor, other, member, token) =
        (id("actor/id"), id("member/user/id"), id("member/id"), id("apiTokenId"));
    let group = acme
        .seen_by(&acme.owner, "groups(first: 1) { nodes { id } }")
        .await
        .text("/organization/groups/nodes/0/id");
    let mut findings = world.analyzed().await;
    // What depends on the values is read as in production, after enough of the common ones.
    let owner = acme.owner.through(&roster.choosing_plans().await);
    let log = Pages::new(&acme, "activities", ENTRY);
    let log_by_values = Pages { reader: &owner, ..Pages::new(&acme, "activities", ENTRY) };
    let (since, until) = (r#"since: "2026-11-20T00:00:00Z""#, r#"until: "2026-11-20T12:00:00Z""#);
    for filter in [
        "",
        since,
        until,
        &format!("{since}, {until}"),
        "actions: [GROUP_MEMBER_ADDED]",
        "actions: [MEMBER_ROLE_CHANGED]",
        "actions: [MEMBER_LEFT]",
        &format!("actions: [GROUP_MEMBER_ADDED], {since}, {until}"),
        &format!("actorIds: [\"{actor}\"]"),
        &format!("memberIds: [\"{member}\"]"),
        &format!("groupIds: [\"{group}\"]"),
        &format!("apiTokenIds: [\"{token}\"]"),
    ] {
        log.of(&mut findings, &format!("filter: {{ {filter} }}"), None).await;
    }
    let common = "filter: { actions: [INVITATION_ACCEPTED, GROUP_MEMBER_ADDED] }";
    for _ in 0..6 {
        log_by_values.of(&mut findings, common, None).await;
    }
    for filter in [
        "actions: [MEMBER_LEFT, MEMBER_ROLE_CHANGED]",
        &format!("actorIds: [\"{actor}\", \"{other}\"]"),
        &format!("actorIds: [\"{actor}\"], actions: [INVITATION_ACCEPTED]"),
        &format!("groupIds: [\"{group}\"], actions: [MEMBER_ROLE_CHANGED]"),
    ] {
        log_by_values.of(&mut findings, &format!("filter: {{ {filter} }}"), None).await;
    }
    findings.are_none();
}
