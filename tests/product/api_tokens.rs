//! API tokens: what is shown of them, and until when they can be used.

use chrono::TimeDelta;
use roster_entity::Permission;
use roster_tests::{ApiToken, On, Organization, Roster};
use rstest::rstest;
use serde_json::{Value, json};

/// The tokens that stand at this, newest first: `name STATUS`.
async fn tokens(acme: &Organization, arguments: &str) -> Vec<String> {
    let fields = format!("apiTokens{arguments} {{ nodes {{ name status }} }}");
    let answer = acme.seen_by(&acme.owner, &fields).await;
    let nodes = answer.at("/organization/apiTokens/nodes").as_array().unwrap().clone();
    let text = |node: &Value, field: &str| node[field].as_str().unwrap().to_owned();
    nodes.iter().map(|node| format!("{} {}", text(node, "name"), text(node, "status"))).collect()
}

/// A token of the owner's that can be used for some hours.
async fn token_for(acme: &Organization, name: &str, hours: i64) -> ApiToken {
    let expires_at = acme.owner.roster.now() + TimeDelta::hours(hours);
    let input = json!({
        "organizationId": acme.id, "name": name, "permissions": ["MEMBERS_READ"], "expiresAt": expires_at,
    });
    let created = acme.owner.mutate("createApiToken", input, "secret apiToken { id }").await;
    let created = created.succeeds();
    let text = |pointer: &str| created.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    ApiToken { id: text("/apiToken/id"), person: acme.owner.with_token(text("/secret")) }
}

const UNUSABLE: &str = "refused: UNAUTHENTICATED";

#[rstest]
#[tokio::test]
async fn the_secret_is_shown_once_and_stands_nowhere_else(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let input =
        json!({ "organizationId": acme.id, "name": "CI", "permissions": ["MEMBERS_READ", "MEMBERS_INVITE"] });
    let created = acme.owner.mutate("createApiToken", input, "secret message apiToken { id name }").await;
    let secret = created.succeeds()["secret"].as_str().unwrap();
    let random = secret.strip_prefix("roster_").unwrap();
    assert_eq!(
        created.message(),
        "The API token CI was created. Copy its secret now: it is not shown again."
    );
    let id = created.payload()["apiToken"]["id"].as_str().unwrap();
    let script = acme.owner.with_token(secret);
    acme.invite_by(&script, "bob@example.com", "MEMBER", &[]).await.succeeds();
    let revoked =
        acme.owner.mutate("revokeApiToken", json!({ "apiTokenId": id }), "message apiToken { name }");

    let all = format!(
        "{{ organization(id: \"{}\") {{
            apiTokens {{ edges {{ cursor node {{ id name permissions status }} }} }}
            viewerMember {{ removalPreview {{ apiTokens {{ nodes {{ id name }} }} warnings }} }}
            activities {{ nodes {{ before after reason apiTokenId }} }}
            notifications {{ nodes {{ id recipient }} }}
        }} node(id: \"{id}\") {{ id ... on ApiToken {{ name permissions expiresAt }} }} }}",
        acme.id
    );
    let shown = acme.owner.query(&all).await.data().to_string();
    assert!(shown.contains("\"CI\""), "{shown}");
    let stored = roster.everything_stored().await;
    assert!(stored.contains("CI"), "the tokens are among what was searched");
    let mail = format!("{:?}", roster.mails_to_address("bob@example.com").await);
    let revoked = revoked.await.succeeds().to_string();
    for everything in [shown, stored, mail, revoked] {
        assert!(!everything.contains(random), "{everything}");
    }
}

#[rstest]
#[tokio::test]
async fn a_token_shows_what_it_is_called_may_do_and_until_when(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let input = json!({
        "organizationId": acme.id, "name": "  Nightly\n sync ", "permissions": ["MEMBERS_INVITE", "MEMBERS_READ", "MEMBERS_READ"],
        "expiresAt": "2026-12-01T01:30:00+01:00",
    });
    let fields = "id name permissions status expiresAt lastUsedAt revokedAt createdAt member { id }";
    let created =
        acme.owner.mutate("createApiToken", input, &format!("secret apiToken {{ {fields} }}")).await;
    let token = created.succeeds()["apiToken"].clone();

    let expected = json!({
        "id": token["id"], "name": "Nightly sync", "permissions": ["MEMBERS_READ", "MEMBERS_INVITE"],
        "status": "ACTIVE", "expiresAt": "2026-12-01T00:30:00+00:00", "lastUsedAt": null, "revokedAt": null,
        "createdAt": "2026-11-21T12:00:00+00:00", "member": { "id": acme.owner.id },
    });
    assert_eq!(token, expected);
    let list = acme.seen_by(&acme.owner, &format!("apiTokens {{ nodes {{ {fields} }} }}")).await;
    assert_eq!(list.at("/organization/apiTokens/nodes"), &json!([expected]));
    let node = "query ($id: ID!) { node(id: $id) { ... on ApiToken { FIELDS } } }".replace("FIELDS", fields);
    assert_eq!(acme.owner.graphql(&node, json!({ "id": token["id"] })).await.at("/node"), &expected);
    assert_eq!(
        acme.last_entry().await,
        json!({
            "action": "API_TOKEN_CREATED", "actor": { "name": "Olivia" }, "member": { "id": acme.owner.id },
            "after": {
                "id": token["id"], "name": "Nightly sync", "permissions": ["MEMBERS_READ", "MEMBERS_INVITE"],
                "expiresAt": "2026-12-01T00:30:00Z",
            },
        })
    );
}

#[rstest]
#[tokio::test]
async fn a_token_shows_when_it_was_last_used(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (busy, idle) = (acme.api_token_of(&acme.owner).await, acme.api_token_of(&acme.owner).await);
    roster.pass(TimeDelta::hours(2));
    busy.query("{ viewer { emailVerified } }").await.data();
    roster.pass(TimeDelta::hours(1));

    let seen = acme.seen_by(&acme.owner, "apiTokens { nodes { id lastUsedAt } }").await;
    let expected = json!([
        { "id": idle.id, "lastUsedAt": null },
        { "id": busy.id, "lastUsedAt": "2026-11-21T14:00:00+00:00" },
    ]);
    assert_eq!(seen.at("/organization/apiTokens/nodes"), &expected);
}

#[rstest]
#[tokio::test]
async fn a_token_expires_exactly_at_its_time(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let script = token_for(&acme, "CI", 2).await;

    roster.pass(TimeDelta::hours(2) - TimeDelta::microseconds(1));
    assert_eq!(acme.rights_of(&script).await, "MEMBERS_READ");
    assert_eq!(tokens(&acme, "").await, ["CI ACTIVE"]);
    roster.pass(TimeDelta::microseconds(1));
    assert_eq!(acme.rights_of(&script).await, UNUSABLE);
    assert_eq!(tokens(&acme, "").await, ["CI EXPIRED"]);
    // It can be revoked all the same, and is no less expired.
    acme.owner.revoke_token(&script).await.succeeds();
    assert_eq!(tokens(&acme, "").await, ["CI REVOKED"]);
}

#[rstest]
#[tokio::test]
async fn tokens_can_be_asked_for_by_where_they_stand(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let revoked = token_for(&acme, "one", 9).await;
    let both = token_for(&acme, "two", 1).await;
    token_for(&acme, "three", 1).await;
    token_for(&acme, "four", 9).await;
    acme.owner.revoke_token(&revoked).await.succeeds();
    acme.owner.revoke_token(&both).await.succeeds();
    roster.pass(TimeDelta::hours(1));

    for (arguments, expected) in [
        ("", &["four ACTIVE", "three EXPIRED", "two REVOKED", "one REVOKED"][..]),
        ("(status: null)", &["four ACTIVE", "three EXPIRED", "two REVOKED", "one REVOKED"]),
        ("(status: [ACTIVE])", &["four ACTIVE"]),
        ("(status: [EXPIRED])", &["three EXPIRED"]),
        ("(status: [REVOKED])", &["two REVOKED", "one REVOKED"]),
        ("(status: [EXPIRED, ACTIVE, EXPIRED])", &["four ACTIVE", "three EXPIRED"]),
        ("(status: [])", &[]),
    ] {
        assert_eq!(tokens(&acme, arguments).await, expected, "{arguments}");
    }
}

#[rstest]
#[tokio::test]
async fn a_revoked_token_stops_at_once_and_is_revoked_once(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let only_read = [Permission::MembersRead].into_iter().collect();
    let script = acme.api_token_with(&acme.owner, Some(only_read)).await;
    assert_eq!(acme.rights_of(&script).await, "MEMBERS_READ");
    roster.pass(TimeDelta::hours(1));

    let revoked = acme.owner.revoke_token(&script).await;
    let expected = json!({ "id": script.id, "status": "REVOKED", "revokedAt": "2026-11-21T13:00:00+00:00" });
    assert_eq!(revoked.succeeds()["apiToken"], expected);
    assert_eq!(revoked.message(), "The API token Olivia's script was revoked.");
    assert_eq!(acme.rights_of(&script).await, UNUSABLE);
    assert_eq!(
        acme.last_entry().await,
        json!({
            "action": "API_TOKEN_REVOKED", "actor": { "name": "Olivia" }, "member": { "id": acme.owner.id },
            "before": { "id": script.id, "name": "Olivia's script", "permissions": ["MEMBERS_READ"] },
        })
    );
    roster.pass(TimeDelta::hours(1));
    let again = acme.unchanged_by(acme.owner.revoke_token(&script)).await;
    assert_eq!(again.changes_nothing()["apiToken"], expected);
}
