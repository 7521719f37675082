//! Whether the viewer can remove the member, and if not, why: as the removal itself would answer.

use roster_entity::Permission;
use roster_tests::{Member, On, Organization, Person, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use super::preview;

/// Sees the same refusal in the preview and in the answer to the removal, which must have this code.
async fn cannot(acme: &Organization, viewer: &Person, member: &Member, code: &str) {
    let fields = "viewerCanRemove viewerCannotRemoveBecause { code message path memberId }";
    let seen = preview(acme, viewer, member, fields).await;
    assert_eq!(seen["viewerCanRemove"], false, "{seen:#}");
    let refused = acme.unchanged_by(viewer.remove(member)).await;
    refused.fails_with(code);
    assert_eq!(seen["viewerCannotRemoveBecause"], refused.payload()["errors"][0]);
}

async fn can(acme: &Organization, viewer: &Person, member: &Member) {
    let fields = "viewerCanRemove viewerCannotRemoveBecause { code }";
    let seen = preview(acme, viewer, member, fields).await;
    assert_eq!(seen, json!({ "viewerCanRemove": true, "viewerCannotRemoveBecause": null }));
    viewer.remove(member).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn the_preview_says_what_the_removal_would_answer(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let keys = acme.group("Keys", &["OWNERS_MANAGE"]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let kim = acme.member_as("Kim", "ADMIN", &[&keys]).await;
    let (bob, dana) = (acme.member_as("Bob", "MEMBER", &[&keys]).await, acme.invited("Dana").await);
    let permissions = [Permission::MembersRead, Permission::MembersRemove].into_iter().collect();
    let script = acme.api_token_with(&acme.owner, Some(permissions)).await;

    cannot(&acme, &ada, &ada, "CANNOT_REMOVE_SELF").await;
    cannot(&acme, &acme.owner, &acme.owner, "CANNOT_REMOVE_SELF").await;
    cannot(&acme, &script, &acme.owner, "CANNOT_REMOVE_SELF").await;
    cannot(&acme, &ada, &acme.owner, "ROLE_ABOVE_YOURS").await;
    cannot(&acme, &ada, &bob, "ROLE_ABOVE_YOURS").await;
    cannot(&acme, &script, &ada, "ROLE_ABOVE_YOURS").await;
    cannot(&acme, &kim, &acme.owner, "LAST_OWNER").await;

    can(&acme, &script, &dana).await;
    can(&acme, &kim, &bob).await;
    acme.member_as("Otto", "OWNER", &[]).await;
    can(&acme, &kim, &acme.owner).await;
}

#[rstest]
#[tokio::test]
async fn who_may_not_remove_members_sees_no_preview(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, carla) = (acme.member("Bob").await, acme.member("Carla").await);
    for member in [&bob, &carla] {
        let fields = format!("member(id: \"{}\") {{ role removalPreview {{ fingerprint }} }}", member.id);
        let refused = acme.seen_by(&carla, &fields).await;
        assert_eq!(refused.error_code(), "NOT_PERMITTED");
        let seen = &refused.0["data"]["organization"]["member"];
        assert_eq!(*seen, json!({ "role": "MEMBER", "removalPreview": null }));
    }
}

#[rstest]
#[tokio::test]
async fn there_is_nothing_to_review_of_somebody_who_does_not_belong_to_the_organization_any_more(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, carla, dana) =
        (acme.member("Bob").await, acme.member("Carla").await, acme.invited("Dana").await);
    acme.owner.remove(&bob).await.succeeds();
    carla.leave(&acme.id).await.succeeds();
    acme.owner.revoke_invitation_of(&dana).await.succeeds();
    for member in [&bob, &carla, &dana] {
        assert_eq!(preview(&acme, &acme.owner, member, "role").await, Value::Null);
    }
}
