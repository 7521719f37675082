//! The commands that print something and end.

use roster_tests::{Installation, smtp_server::SmtpServer};
use serde_json::json;

/// It needs no settings, not even right ones.
#[tokio::test]
async fn the_schema_is_printed() {
    let roster = Installation::bare().with("ROSTER_HTTP__LISTEN", "nowhere");
    similar_asserts::assert_eq!(
        roster.run(&["schema"]).await.succeeds(),
        include_str!("../../../schema.graphql").trim_end()
    );
    assert_eq!(roster.files(), [""; 0]);
}

#[tokio::test]
async fn an_api_token_for_a_script_is_made_and_acts_as_its_person_in_one_organization() {
    let smtp = SmtpServer::start().await;
    let roster = Installation::migrated(&smtp).await;
    let (_serve, api) = roster.serve().await;
    let olivia = roster.token("olivia@acme.example", "Olivia").await;
    api.create_acme(&olivia).await;

    let script =
        ["token", "--api-token", "nightly", "--email", "Olivia@ACME.example", "--organization", "acme"];
    let token = roster.run(&script).await;
    let query =
        "{ organization(slug: \"acme\") { name viewerPermissions viewerMember { user { displayName } } } }";
    let seen = api.graphql(token.succeeds(), query, json!({})).await;
    assert_eq!(seen.text("/organization/name"), "Acme");
    assert_eq!(seen.text("/organization/viewerMember/user/displayName"), "Olivia");
}

#[tokio::test]
async fn an_api_token_for_nobody_or_nowhere_says_what_is_wrong() {
    let smtp = SmtpServer::start().await;
    let roster = Installation::migrated(&smtp).await;
    let (_serve, api) = roster.serve().await;
    let olivia = roster.token("olivia@acme.example", "Olivia").await;
    api.create_acme(&olivia).await;
    let greta = roster.token("greta@example.com", "Greta").await;
    api.graphql(&greta, "{ viewer { emailVerified } }", json!({})).await.data();

    for (email, slug, problem) in [
        ("olivia@acme.example", "globex", "There is no organization with the slug globex."),
        ("bob@example.com", "acme", "There is no person with the address bob@example.com."),
        ("greta@example.com", "acme", "greta@example.com is not an active member of Acme."),
    ] {
        let arguments = ["token", "--api-token", "nightly", "--email", email, "--organization", slug];
        assert_eq!(roster.run(&arguments).await.fails(), format!("roster: {problem}\n"));
    }
}

#[tokio::test]
async fn a_token_without_a_secret_to_sign_it_with_says_what_is_missing() {
    let roster = Installation::bare();
    let finished = roster.run(&["token", "--email", "olivia@acme.example"]).await;
    assert!(finished.fails().contains("auth.hs256_secret"), "{finished:?}");
    assert_eq!(roster.files(), [""; 0]);
}
