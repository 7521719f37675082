//! How long a text may be: as long as it says, and not a character more.

use roster_tests::{On, Payload, Roster};
use rstest::rstest;
use serde_json::json;

/// One character of four bytes.
fn long(characters: usize) -> String {
    "𝕏".repeat(characters)
}

/// The error must say how long the text may be.
fn says(payload: &Payload, code: &str, limit: &str) {
    let told = match payload.answer.0.get("errors") {
        Some(_) => payload.is_refused_with(code),
        None => payload.fails_with(code),
    };
    assert!(told.contains(limit), "{told}");
}

#[rstest]
#[tokio::test]
async fn a_name_has_at_most_a_hundred_characters(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let create = async |name: String| {
        acme.owner.mutate("createOrganization", json!({ "name": name }), "organization { name }").await
    };
    let group = async |name: String| {
        let input = json!({ "organizationId": acme.id, "name": name });
        acme.owner.mutate("createGroup", input, "group { name }").await
    };

    assert_eq!(create(long(100)).await.succeeds()["organization"]["name"], long(100));
    assert_eq!(group(long(100)).await.succeeds()["group"]["name"], long(100));
    for characters in [101, 10_000] {
        says(&create(long(characters)).await, "INVALID_NAME", "at most 100 characters");
        says(&acme.unchanged_by(group(long(characters))).await, "INVALID_NAME", "at most 100 characters");
    }
    for empty in ["", " \t", "\0", "\u{200b}\u{202e}"] {
        create(empty.to_owned()).await.fails_with("INVALID_NAME");
        acme.unchanged_by(group(empty.to_owned())).await.fails_with("INVALID_NAME");
    }
}

#[rstest]
#[tokio::test]
async fn a_note_has_at_most_a_thousand_characters(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, ira) = (acme.member("Bob").await, acme.invited("Ira").await);
    let remove = |note: String| acme.owner.remove_with(json!({ "memberId": bob.id, "note": note }));
    let revoke = |note: String| {
        let input = json!({ "invitationId": ira.invitation_id, "note": note });
        async { acme.owner.mutate("revokeInvitation", input, "changed").await }
    };

    for characters in [1_001, 10_000] {
        let refused = acme.unchanged_by(remove(long(characters))).await;
        says(&refused, "NOTE_TOO_LONG", "at most 1000 characters");
        let refused = acme.unchanged_by(revoke(long(characters))).await;
        says(&refused, "NOTE_TOO_LONG", "at most 1000 characters");
    }
    revoke(long(1_000)).await.succeeds();
    remove(long(1_000)).await.succeeds();
    assert!(roster.last_mail_to(&bob).await.text().contains(&long(1_000)));
}

#[rstest]
#[tokio::test]
async fn a_description_has_at_most_five_hundred_characters(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let describe = |text: String| acme.owner.update_group(&design, json!({ "description": text }));

    for characters in [501, 10_000] {
        let refused = acme.unchanged_by(describe(long(characters))).await;
        says(&refused, "BAD_USER_INPUT", "at most 500 characters");
    }
    describe(long(500)).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_search_has_at_most_as_many_characters_as_an_address(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let query = "query ($id: ID!, $text: String) {
        organization(id: $id) { members(filter: {search: $text}) { nodes { id } } } }";
    let search = async |text: String| acme.owner.graphql(query, json!({ "id": acme.id, "text": text })).await;

    for text in [long(254), "%".repeat(254)] {
        assert_eq!(search(text).await.at("/organization/members/nodes"), &json!([]));
    }
    for characters in [255, 10_000, 100_000] {
        let answer = search(long(characters)).await;
        assert_eq!(answer.error_code(), "BAD_USER_INPUT");
        assert!(answer.error_message().contains("at most 254 characters"));
    }
}
