//! Who gets an export.

use roster_entity::{GroupId, OrganizationId, Permission, Permissions};
use roster_tests::{On, Person, Roster, noon};
use rstest::rstest;

use super::{export, exported};
use crate::reply::Reply;

const TABLES: [(&str, Permission); 2] =
    [("members", Permission::MembersRead), ("activities", Permission::ActivitiesRead)];

async fn refused(person: &Person, table: &str, organization: &str, status: u16, code: &str) -> String {
    let request = export(person, table, &[("organization", organization)]);
    let reply = Reply::to(request).await;
    assert_eq!(reply.header("content-disposition"), "");
    reply.is_refused_with(status, code)
}

#[rstest]
#[tokio::test]
async fn nobody_gets_one_who_is_not_signed_in(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let expired = roster.person_with_claims("Olivia", |claims| claims.exp = noon().timestamp() - 3_600);
    let forged = acme.owner.with_token("roster_guessed");

    for (table, _) in TABLES {
        for nobody in [&roster.anonymous(), &expired, &forged] {
            for organization in [acme.slug.as_str(), "unknown"] {
                refused(nobody, table, organization, 401, "UNAUTHENTICATED").await;
            }
        }
        let anonymous = Reply::to(export(&roster.anonymous(), table, &[("organization", &acme.slug)])).await;
        assert!(anonymous.header("www-authenticate").starts_with("Bearer"), "{anonymous:?}");
        let basic =
            export(&roster.anonymous(), table, &[("organization", &acme.slug)]).basic_auth("x", Some("y"));
        Reply::to(basic).await.is_refused_with(401, "UNAUTHENTICATED");
    }
}

/// The answer to whoever has no access is the same as for an organization that does not exist.
#[rstest]
#[tokio::test]
async fn a_foreign_organization_is_like_one_that_does_not_exist(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let globex = roster.organization_of("Gwen", "Globex").await;
    let (invited, removed) =
        (acme.invited_as("Ivan", "OWNER", &[]).await, acme.member_as("Ruth", "OWNER", &[]).await);
    acme.owner.remove(&removed).await.succeeds();
    acme.member_as("Gwen", "OWNER", &[]).await;
    let foreign_script = globex.api_token_of(&globex.owner).await;
    let unknown = OrganizationId::generate(noon()).to_string();

    let strangers = [&roster.person("Mallory"), &invited.person, &removed.person, &foreign_script.person];
    for (table, _) in TABLES {
        for stranger in strangers {
            let answer = refused(stranger, table, "unknown", 404, "NOT_FOUND").await;
            for organization in [acme.id.as_str(), &acme.slug, &unknown] {
                assert_eq!(refused(stranger, table, organization, 404, "NOT_FOUND").await, answer);
            }
        }
    }
}

#[rstest]
#[tokio::test]
async fn the_permission_is_needed_and_enough(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let plain = acme.member("Paul").await;
    let auditors = acme.group("Auditors", &["ACTIVITIES_READ"]).await;
    let auditor = acme.member_as("Audrey", "MEMBER", &[&auditors]).await;
    let parameters = [("organization", acme.slug.as_str())];

    exported(&plain, "members", &parameters).await;
    let told = refused(&plain, "activities", &acme.id, 403, "NOT_PERMITTED").await;
    assert_eq!(told, "You need the ACTIVITIES_READ permission in Acme. Ask an owner.");
    exported(&auditor, "activities", &parameters).await;

    for (table, permission) in TABLES {
        let only = acme.api_token_with(&acme.owner, Some(Permissions::from_iter([permission]))).await;
        exported(&only, table, &parameters).await;
        let others = Permission::ALL.into_iter().filter(|p| *p != permission).collect();
        let without = acme.api_token_with(&acme.owner, Some(others)).await;
        refused(&without, table, &acme.slug, 403, "NOT_PERMITTED").await;
    }
}

#[rstest]
#[tokio::test]
async fn what_is_wrong_with_the_organization_is_told(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let group = GroupId::generate(noon()).to_string();

    for (table, _) in TABLES {
        refused(&acme.owner, table, "", 400, "BAD_USER_INPUT").await;
        let told = refused(&acme.owner, table, &group, 400, "BAD_USER_INPUT").await;
        assert!(told.contains("organization_"), "{told}");
        for name in ["%00", "\0", "../acme", "ACME", "acme "] {
            refused(&acme.owner, table, name, 404, "NOT_FOUND").await;
        }
    }
}
