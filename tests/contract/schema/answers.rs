//! How an answer is put together: errors beside data, nulls as far as they must go and no farther, and the order of the
//! query.

use roster_tests::{On, Person, Roster};
use rstest::rstest;
use serde_json::{Value, json};

#[rstest]
#[tokio::test]
async fn a_field_that_fails_is_null_with_an_error_at_its_path_and_its_siblings_are_there(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let fields = "name log: activities { nodes { id } } members { nodes { user { name } } } notifications { nodes { id } }";
    let answer = acme.seen_by(&bob, fields).await.0;
    let organization = &answer["data"]["organization"];
    assert_eq!(organization["name"], "Acme");
    assert_eq!(organization["members"]["nodes"][0]["user"]["name"], "Bob");
    assert_eq!(organization["log"], Value::Null);
    assert_eq!(organization["notifications"], Value::Null);
    let mut errors: Vec<_> =
        answer["errors"].as_array().unwrap().iter().map(|error| &error["path"]).collect();
    errors.sort_by_key(|path| path.to_string());
    assert_eq!(errors, [&json!(["organization", "log"]), &json!(["organization", "notifications"])]);
}

#[rstest]
#[tokio::test]
async fn a_field_that_fails_and_cannot_be_null_makes_the_next_object_null_that_can_be(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let olivia = Roster::start(on).await.person("Olivia");
    let query = "{ viewer { emailVerified organizations(first: 101) { nodes { id } } } again: viewer { emailVerified } }";
    let answer = olivia.query(query).await;
    assert_eq!(answer.error_code(), "BAD_USER_INPUT");
    assert_eq!(answer.0["errors"][0]["path"], json!(["viewer", "organizations"]));
    assert_eq!(answer.0["data"], json!({ "viewer": null, "again": { "emailVerified": true } }));

    let answer = olivia.query("{ nodes(ids: []) { id } viewer { emailVerified } }").await;
    assert_eq!(answer.error_code(), "NO_ITEMS");
    assert_eq!(answer.0.get("data"), Some(&Value::Null), "nodes cannot be null, so that nothing is left");
}

#[rstest]
#[tokio::test]
async fn a_field_that_fails_in_an_item_of_a_list_leaves_the_list_and_the_item(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    acme.group("Art", &[]).await;
    acme.group("Design", &[]).await;
    let fields = r#"groups { nodes { name members(after: "?") { nodes { id } } } }"#;
    let answer = acme.seen_by(&acme.owner, fields).await.0;
    let item = |name: &str| json!({ "name": name, "members": null });
    assert_eq!(answer["data"]["organization"]["groups"]["nodes"], json!([item("Art"), item("Design")]));
    let paths: Vec<_> = answer["errors"].as_array().unwrap().iter().map(|error| &error["path"]).collect();
    let path = |index: u8| json!(["organization", "groups", "nodes", index, "members"]);
    assert_eq!(paths, [&path(0), &path(1)]);
}

#[rstest]
#[tokio::test]
async fn what_is_missing_from_a_list_of_nodes_does_not_take_the_others_with_it(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let unknown = roster_entity::GroupId::generate(acme.owner.roster.now()).to_string();
    let ids = json!({ "ids": [acme.owner.id, unknown, acme.id] });
    let answer = acme.owner.graphql("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids).await;
    assert_eq!(answer.error_code(), "NOT_FOUND");
    assert_eq!(answer.0["errors"][0]["path"], json!(["nodes", 1]));
    assert_eq!(answer.0["data"]["nodes"], json!([{ "id": acme.owner.id }, null, { "id": acme.id }]));
}

#[rstest]
#[tokio::test]
async fn the_fields_of_an_answer_stand_in_the_order_of_the_query(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let text = text_of(
        &bob,
        &format!(
            "{{ z: viewer {{ emailVerified user {{ name email }} }}
                organization(id: \"{}\") {{ slug activities {{ nodes {{ id }} }} name ...more }}
                a: viewer {{ emailVerified }} }}
            fragment more on Organization {{ id contactEmail }}",
            acme.id
        ),
    )
    .await;
    let expected = format!(
        r#""data":{{"z":{{"emailVerified":true,"user":{{"name":"Bob","email":"bob@example.com"}}}},"organization":{{"slug":"acme","activities":null,"name":"Acme","id":"{}","contactEmail":null}},"a":{{"emailVerified":true}}}}"#,
        acme.id
    );
    assert!(text.contains(&expected), "{text}");
}

#[rstest]
#[tokio::test]
async fn a_mutation_that_is_refused_does_not_stop_the_next_one_in_the_document(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let acme = Roster::start(on).await.organization("Acme").await;
    let (bob, carol) = (acme.member("Bob").await, acme.member("Carol").await);
    let unknown = roster_entity::MemberId::generate(acme.owner.roster.now()).to_string();
    let remove = |alias: &str, member: &str| {
        format!(
            "{alias}: removeMember(input: {{ memberId: \"{member}\" }}) {{ changed errors {{ code }} member {{ status }} }}\n"
        )
    };
    let document = format!(
        "mutation {{ {} {} {} {} }}",
        remove("missing", &unknown),
        remove("bob", &bob.id),
        remove("self", &acme.owner.id),
        remove("carol", &carol.id)
    );
    let answer = acme.owner.query(&document).await;
    assert_eq!(answer.error_code(), "NOT_FOUND");
    assert_eq!(answer.0["errors"][0]["path"], json!(["missing"]));
    let removed = json!({ "changed": true, "errors": [], "member": { "status": "REMOVED" } });
    let refused = json!({ "changed": false, "errors": [{ "code": "CANNOT_REMOVE_SELF" }], "member": null });
    let expected = json!({ "missing": null, "bob": removed, "self": refused, "carol": removed });
    assert_eq!(answer.0["data"], expected);
    assert_eq!(acme.members(json!({ "status": ["REMOVED"] })).await, ["Bob: REMOVED", "Carol: REMOVED"]);
}

/// The text of an answer, since `Value` sorts what it parses.
pub(super) async fn text_of(person: &Person, query: &str) -> String {
    let request = person.roster.http().post(format!("{}/graphql", person.roster.url()));
    let request = request.bearer_auth(person.token.as_ref().unwrap()).json(&json!({ "query": query }));
    request.send().await.unwrap().text().await.unwrap()
}
