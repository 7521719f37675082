//! Names in every script: they come back as they were given, wherever they are shown.

use roster_tests::{On, Organization, Roster};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[case::emoji("Zoë 👩‍👩‍👧 🏳️‍🌈", "🚀 Rocket & Söhne", "✏️ Design")]
#[case::right_to_left("מרים כהן", "شركة الأمل", "עיצוב")]
#[case::many_bytes("李小龍 𠜎", "株式会社テスト", "デザイン部")]
#[case::markup("<b>Bob</b> & \"Co\"", "{{ acme }} <script>", "a, b; c=d")]
#[case::combined_marks("Z̸a̴l̵g̷o̶", "Ǻ̧cme", "क्षत्रिय")]
#[tokio::test]
async fn names_survive_in_lists_searches_the_log_and_emails(
    #[case] person: &str,
    #[case] organization: &str,
    #[case] group: &str,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let owner = roster.person("Olivia");
    let input = json!({ "name": organization, "slug": "acme" });
    let acme = Organization::create_with(owner, input).await;
    let group_id = acme.group(group, &[]).await;
    let bob = roster.person_with_address(person, "bob@example.com");
    acme.invite_by(&acme.owner, &bob.address, "MEMBER", &[&group_id]).await.succeeds();

    let invitation = roster.last_mail_to(&bob).await;
    assert!(invitation.subject().contains(organization), "{}", invitation.subject());
    assert!(invitation.text().contains(organization) && invitation.text().contains(group));
    let joined = bob.accept(&roster.link_token(&bob.address).await).await;
    assert_eq!(joined.succeeds()["organization"]["name"], organization);

    assert_eq!(
        acme.members(json!({ "status": ["ACTIVE"], "role": ["MEMBER"] })).await,
        [format!("{person}: ACTIVE")]
    );
    let part: String = person.chars().skip(1).take(3).collect();
    assert_eq!(acme.members(json!({ "search": part })).await, [format!("{person}: ACTIVE")]);
    let log = acme.activities().await;
    assert!(log[0].contains(person), "{log:#?}");

    let id = json!({ "email": bob.address });
    let found = acme
        .seen_by(&acme.owner, "name groups { nodes { name } } members { nodes { id user { email } } }")
        .await;
    assert_eq!(found.text("/organization/name"), organization);
    assert_eq!(found.text("/organization/groups/nodes/0/name"), group);
    let members = found.at("/organization/members/nodes").as_array().unwrap();
    let member = members.iter().find(|member| member["user"] == id).unwrap();
    let note = format!("{person} → {group}");
    let removed = acme.owner.remove_with(json!({ "memberId": member["id"], "note": note })).await;
    let message = removed.succeeds()["message"].as_str().unwrap();
    assert!(message.contains(person) && message.contains(organization), "{message}");

    let goodbye = roster.last_mail_to(&bob).await;
    assert!(goodbye.subject().contains(organization), "{}", goodbye.subject());
    for part in [organization, group, &note] {
        assert!(goodbye.text().contains(part), "{}", goodbye.text());
        assert!(unescaped(&goodbye.html()).contains(part), "{}", goodbye.html());
    }
    for mail in [invitation, goodbye] {
        assert!(!mail.html().contains("<script>") && !mail.html().contains("<b>"), "{}", mail.html());
    }
}

fn unescaped(html: &str) -> String {
    let characters =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")];
    characters.iter().fold(html.to_owned(), |html, (escape, character)| html.replace(escape, character))
}
