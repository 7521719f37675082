//! What an export takes, and what it says of the rest.

use reqwest::Method;
use roster_tests::{On, Roster};
use rstest::rstest;

use super::export;
use crate::reply::Reply;

#[rstest]
#[case::unknown("members", &[("limit", "7")], "no parameter \"limit\"")]
#[case::of_the_other_table("members", &[("since", "2026-11-21T12:00:00Z")], "no parameter \"since\"")]
#[case::of_the_other_table("activities", &[("status", "ACTIVE")], "no parameter \"status\"")]
#[case::twice("members", &[("format", "csv"), ("format", "csv")], "more than once")]
#[case::format("members", &[("format", "xlsx")], "csv or jsonl")]
#[case::format_in_capitals("activities", &[("format", "CSV")], "csv or jsonl")]
#[case::no_format("members", &[("format", "")], "csv or jsonl")]
#[case::status("members", &[("status", "active")], "\"active\"")]
#[case::no_status("members", &[("status", "")], "INVITED, ACTIVE or REMOVED")]
#[case::half_a_list("members", &[("status", "ACTIVE,")], "INVITED, ACTIVE or REMOVED")]
#[case::a_day("activities", &[("since", "2026-11-21")], "\"since\" is not a time")]
#[case::no_time("activities", &[("until", "")], "\"until\" is not a time")]
#[case::no_such_day("activities", &[("until", "2026-02-30T12:00:00Z")], "\"until\" is not a time")]
#[case::backwards("activities", &[("since", "2026-11-22T12:00:00Z"), ("until", "2026-11-21T12:00:00Z")], "before")]
#[tokio::test]
async fn what_is_wrong_is_told(
    #[case] table: &str,
    #[case] parameters: &[(&str, &str)],
    #[case] problem: &str,
) {
    let roster = Roster::start(On::Sqlite).await;
    let acme = roster.organization("Acme").await;
    let parameters = [&[("organization", acme.slug.as_str())], parameters].concat();

    let told = Reply::to(export(&acme.owner, table, &parameters)).await;

    let told = told.is_refused_with(400, "BAD_USER_INPUT");
    assert!(told.contains(problem), "{told}");
}

#[tokio::test]
async fn a_plus_that_has_become_a_space_is_explained() {
    let roster = Roster::start(On::Sqlite).await;
    let acme = roster.organization("Acme").await;
    let url = format!("{}/export/activities?organization=acme&since=2026-11-21T12:00:00+00:00", roster.url());
    let request = roster.http().get(url).bearer_auth(acme.owner.token.clone().unwrap());
    let told = Reply::to(request).await.is_refused_with(400, "BAD_USER_INPUT");
    assert!(told.contains("%2B"), "{told}");
}

#[tokio::test]
async fn an_organization_must_be_named() {
    let roster = Roster::start(On::Sqlite).await;
    let acme = roster.organization("Acme").await;
    for table in ["members", "activities"] {
        let told = Reply::to(export(&acme.owner, table, &[])).await.is_refused_with(400, "BAD_USER_INPUT");
        assert!(told.contains("\"organization\" is missing"), "{told}");
    }
}

#[tokio::test]
async fn an_export_is_fetched_with_get_only() {
    let roster = Roster::start(On::Sqlite).await;
    let acme = roster.organization("Acme").await;
    for table in ["members", "activities"] {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let url = format!("{}/export/{table}?organization=acme", roster.url());
            let request = roster.http().request(method, url).bearer_auth(acme.owner.token.clone().unwrap());
            let reply = Reply::to(request).await;
            reply.is_refused_with(405, "METHOD_NOT_ALLOWED");
            assert_eq!(reply.header("allow"), "GET");
        }
    }
}
