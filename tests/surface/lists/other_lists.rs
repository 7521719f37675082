//! The other lists: invitations, groups, activities, notifications, and one's own organizations.

use chrono::TimeDelta;
use roster_tests::{On, Organization, Roster};
use rstest::rstest;

use crate::list::List;

#[rstest]
#[tokio::test]
async fn invitations_come_newest_first_and_can_be_asked_for_by_where_they_stand(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.invited("expired").await;
    roster.pass(TimeDelta::days(7));
    acme.member("accepted").await;
    let declined = acme.invited("declined").await;
    declined.decline(&roster.link_token(&declined.address).await).await.succeeds();
    acme.owner.revoke_invitation_of(&acme.invited("revoked").await).await.succeeds();
    acme.invited("pending").await;

    let all = ["pending", "revoked", "declined", "accepted", "expired"];
    invitations(&acme, "").is(&with_address(&all)).await;
    for (status, expected) in [
        ("status: [PENDING]", &["pending"][..]),
        ("status: [EXPIRED]", &["expired"]),
        ("status: [ACCEPTED]", &["accepted"]),
        ("status: [DECLINED]", &["declined"]),
        ("status: [REVOKED]", &["revoked"]),
        ("status: [EXPIRED, PENDING]", &["pending", "expired"]),
        ("status: [EXPIRED, DECLINED, REVOKED]", &["revoked", "declined", "expired"]),
        ("status: []", &[]),
    ] {
        invitations(&acme, status).is(&with_address(expected)).await;
    }
}

fn invitations(acme: &Organization, arguments: &'static str) -> List {
    List::of(acme, "invitations", arguments, "email status")
}

fn with_address(statuses: &[&str]) -> Vec<String> {
    statuses.iter().map(|status| format!("{status}@example.com {}", status.to_uppercase())).collect()
}

#[rstest]
#[tokio::test]
async fn groups_come_by_name(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let sorted = ["2026-11-21", "_", "alpha", "Beta", "gamma", "Änderungen", "Ωmega", "中村", "🚀"];
    for name in ["🚀", "gamma", "Beta", "2026-11-21", "中村", "alpha", "Ωmega", "_", "Änderungen"] {
        acme.group(name, &[]).await;
    }

    List::of(&acme, "groups", "", "name").is(&sorted).await;
}

#[rstest]
#[tokio::test]
async fn activities_come_newest_first_also_those_of_one_moment(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    roster.pass(TimeDelta::days(1));
    acme.group("Design", &[]).await;
    acme.owner.change_role(&bob, "ADMIN").await.succeeds();
    acme.owner.remove(&bob).await.succeeds();

    let newest_first = [
        "MEMBER_REMOVED",
        "MEMBER_ROLE_CHANGED",
        "GROUP_CREATED",
        "INVITATION_ACCEPTED",
        "MEMBER_INVITED",
        "ORGANIZATION_CREATED",
    ];
    List::of(&acme, "activities", "", "action").is(&newest_first).await;
}

#[rstest]
#[tokio::test]
async fn notifications_come_newest_first_and_can_be_asked_for_by_where_they_stand(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let carol = acme.invited("Carol").await;
    acme.owner.revoke_invitation_of(&carol).await.succeeds();
    acme.owner.remove(&bob).await.succeeds();

    let list = |arguments| List::of(&acme, "notifications", arguments, "kind status");
    let (removed, revoked) = ("REMOVED QUEUED", "INVITATION_REVOKED QUEUED");
    let (canceled, sent) = ("INVITATION CANCELED", "INVITATION SENT");
    list("").is(&[removed, revoked, canceled, sent]).await;
    list("status: [QUEUED]").is(&[removed, revoked]).await;
    list("status: [SENT, CANCELED]").is(&[canceled, sent]).await;
    list("status: [FAILED]").is(&[""; 0]).await;
}

#[rstest]
#[tokio::test]
async fn api_tokens_come_newest_first_and_can_be_asked_for_by_where_they_stand(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let expires_at = roster.now() + TimeDelta::days(1);
    for name in ["a", "b", "c", "d", "e"] {
        let mut input = serde_json::json!({ "organizationId": acme.id, "name": name, "permissions": [] });
        if matches!(name, "b" | "d") {
            input["expiresAt"] = serde_json::json!(expires_at);
        }
        let created = acme.owner.mutate("createApiToken", input, "apiToken { id }").await;
        if name == "c" {
            let id = &created.succeeds()["apiToken"]["id"];
            let input = serde_json::json!({ "apiTokenId": id });
            acme.owner.mutate("revokeApiToken", input, "changed").await.succeeds();
        }
    }
    roster.pass(TimeDelta::days(1));

    let list = |arguments: &str| List::of(&acme, "apiTokens", arguments, "name status");
    list("").is(&["e ACTIVE", "d EXPIRED", "c REVOKED", "b EXPIRED", "a ACTIVE"]).await;
    list("status: [ACTIVE]").is(&["e ACTIVE", "a ACTIVE"]).await;
    list("status: [REVOKED, EXPIRED]").is(&["d EXPIRED", "c REVOKED", "b EXPIRED"]).await;
    list("status: []").is(&[""; 0]).await;
}

#[rstest]
#[tokio::test]
async fn the_organizations_of_somebody_come_in_the_order_in_which_they_came_to_them(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let bob = roster.person("Bob");
    for name in ["Zeta", "Acme"] {
        Organization::create_with(bob.clone(), serde_json::json!({ "name": name })).await;
    }
    let removed_from = roster.organization_of("Rita", "Removed").await;
    removed_from.owner.remove(&removed_from.member("Bob").await).await.succeeds();
    roster.organization_of("Ira", "Invited").await.invited("Bob").await;
    roster.organization_of("Mona", "Mona's").await.member("Bob").await;

    List::organizations(&bob).is(&["Zeta", "Acme", "Mona's"]).await;
}
