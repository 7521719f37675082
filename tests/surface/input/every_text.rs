//! Every text that a call can hold, filled with what nobody expects there. The arguments come from the schema, so that
//! one that is added later is tried, too.

use std::collections::HashMap;

use roster_tests::{Answer, On, Organization, Roster};
use rstest::rstest;
use serde_json::{Map, Value, json};

/// The input types of the schema, and what a call gives where it must give something.
struct Inputs {
    mutations: Vec<String>,
    fields: HashMap<String, Vec<Value>>,
    values: HashMap<&'static str, Value>,
}

/// A call: a document and its variables.
type Call = (String, Value);

#[rstest]
// PostgreSQL refuses NUL in a text.
#[case::nul("\0")]
#[case::nul_in_a_word("a\0b")]
#[case::line_break("a\r\nBcc: eve@example.com")]
#[case::control_characters("\u{1}\u{7}\u{1b}[31m\u{7f}\u{85}")]
#[case::text_that_is_turned_around("\u{202e}nimda\u{2066}")]
#[case::nothing_that_shows(" \u{200b}\t")]
#[case::no_character("\u{ffff}\u{fdd0}")]
#[case::ten_thousand_letters(&"x".repeat(10_000))]
#[case::many_emoji(&"👩‍💻".repeat(5_000))]
#[case::sql("'); DROP TABLE members; --")]
#[case::pattern("%_\\")]
#[case::template("{{ 7 * 7 }}{% raw %}<script>alert(1)</script>")]
#[case::like_an_id("member_01h455vb4pex5vsknk084sn02q\0")]
#[tokio::test]
async fn a_text_is_refused_clearly_or_cleaned_wherever_it_stands(
    #[case] text: &str,
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let inputs = Inputs::load(&acme).await;
    let mut before = acme.fingerprint().await;

    let calls: Vec<Call> = queries(&acme, text).into_iter().chain(inputs.mutations(text)).collect();
    assert!(calls.len() >= 60, "the schema has many texts: {}", calls.len());
    for (document, variables) in calls {
        let answer = acme.owner.graphql(&document, variables).await;
        let was_refused = was_refused_clearly(&document, &answer);
        let after = acme.fingerprint().await;
        assert!(!was_refused || before == after, "half written by {document}");
        before = after;
    }
}

/// Whether the call was refused; by an error of the API or of the payload, with a code and a sentence.
fn was_refused_clearly(document: &str, answer: &Answer) -> bool {
    let errors = answer.0["errors"].as_array().cloned().unwrap_or_default();
    for error in &errors {
        let code =
            error["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no code: {document} {error}"));
        let message = error["message"].as_str().unwrap();
        assert_ne!(code, "INTERNAL_SERVER_ERROR", "{document}");
        assert!(message.len() > 10 && message.len() < 500, "{document}: {message}");
    }
    let payloads = answer.0["data"].as_object().into_iter().flat_map(Map::values);
    let mut problems = payloads.filter_map(|payload| payload["errors"].as_array()).flatten();
    !errors.is_empty() || problems.any(|problem| problem["message"].as_str().unwrap().len() > 10)
}

/// Every argument of a query that holds a text.
fn queries(acme: &Organization, text: &str) -> Vec<Call> {
    let root = [
        "organization(id: $text) { id }",
        "organization(slug: $text) { id }",
        "node(id: $text) { id }",
        "nodes(ids: [$text]) { id }",
        "invitation(token: $text) { organizationName }",
    ];
    let inside = [
        "member(id: $text) { id }",
        "members(filter: {search: $text}) { nodes { id } }",
        "members(filter: {emails: [$text]}) { nodes { id } }",
        "members(filter: {groupIds: [$text]}) { nodes { id } }",
        "members(after: $text) { nodes { id } }",
        "members(before: $text, orderBy: {field: JOINED_AT}) { nodes { id } }",
        "invitations(after: $text) { nodes { id } }",
        "groups(before: $text) { nodes { id } }",
        "activities(after: $text) { nodes { id } }",
        "activities(filter: {actorIds: [$text]}) { nodes { id } }",
        "activities(filter: {memberIds: [$text]}) { nodes { id } }",
        "activities(filter: {groupIds: [$text]}) { nodes { id } }",
        "activities(filter: {apiTokenIds: [$text]}) { nodes { id } }",
        "notifications(before: $text) { nodes { id } }",
        "apiTokens(after: $text) { nodes { id } }",
        "members(first: 9) { nodes { removalPreview(note: $text) { email { subject text html } } } }",
        "viewerMember { removalPreview { sentInvitations(after: $text) { nodes { id } } } }",
        "viewerMember { removalPreview { apiTokens(before: $text) { nodes { id } } } }",
    ];
    let inside = inside.map(|field| format!("organization(id: \"{}\") {{ {field} }}", acme.id));
    let fields = root.map(str::to_owned).into_iter().chain(inside);
    let of_type = |field: &str| match field {
        _ if field.contains("(id: $") || field.contains("ds: [$text]") => "ID!",
        _ => "String!",
    };
    fields
        .map(|field| (format!("query ($text: {}) {{ {field} }}", of_type(&field)), json!({ "text": text })))
        .collect()
}

impl Inputs {
    async fn load(acme: &Organization) -> Self {
        let query = "{ __schema { mutationType { fields { name } }
            types { name kind inputFields { name defaultValue type {
                kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";
        let answer = acme.owner.query(query).await;
        let mutations = answer.at("/__schema/mutationType/fields").as_array().unwrap().iter();
        let mutations = mutations.map(|field| field["name"].as_str().unwrap().to_owned());
        let types = answer.at("/__schema/types").as_array().unwrap().iter();
        let fields = types
            .filter_map(|t| Some((t["name"].as_str()?.to_owned(), t["inputFields"].as_array()?.clone())));
        let group = acme.group("Design", &[]).await;
        let (bob, ira) = (acme.member("Bob").await, acme.invited("Ira").await);
        let script = acme.api_token_of(&acme.owner).await;
        let values = HashMap::from([
            ("organizationId", json!(acme.id)),
            ("memberId", json!(bob.id)),
            ("memberIds", json!([bob.id])),
            ("groupId", json!(group)),
            ("invitationId", json!(ira.invitation_id)),
            ("email", json!("new@example.com")),
            ("name", json!("New")),
            ("role", json!("MEMBER")),
            ("token", json!("x")),
            ("permissions", json!(["MEMBERS_READ"])),
            ("apiTokenId", json!(script.id)),
            ("notificationId", acme.last_notification().await["id"].clone()),
        ]);
        Self { mutations: mutations.collect(), fields: fields.collect(), values }
    }

    /// For every text in the input of every mutation, a call with this text there.
    fn mutations(&self, text: &str) -> Vec<Call> {
        let mut calls = Vec::new();
        for mutation in &self.mutations {
            let input = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
            let document = format!(
                "mutation ($input: {input}!) {{ {mutation}(input: $input) {{ errors {{ code message }} }} }}"
            );
            let inputs = self.with_text(&input, text);
            calls.extend(inputs.into_iter().map(|input| (document.clone(), json!({ "input": input }))));
        }
        calls
    }

    /// Objects of an input type, each with the text in another place.
    fn with_text(&self, input: &str, text: &str) -> Vec<Value> {
        let mut objects = Vec::new();
        for field in &self.fields[input] {
            let (named, is_list) = named_type(&field["type"]);
            let values = match named {
                "String" | "ID" => vec![json!(text)],
                named if self.fields.contains_key(named) => self.with_text(named, text),
                _ => Vec::new(),
            };
            for value in values {
                let mut object = self.required(input);
                object[field["name"].as_str().unwrap()] = if is_list { json!([value]) } else { value };
                objects.push(object);
            }
        }
        objects
    }

    /// An object of an input type with what it must have.
    fn required(&self, input: &str) -> Value {
        let must = |field: &&Value| field["type"]["kind"] == "NON_NULL" && field["defaultValue"].is_null();
        let value = |field: &Value| {
            let name = field["name"].as_str().unwrap();
            let (named, is_list) = named_type(&field["type"]);
            let value = match self.values.get(name) {
                Some(value) => value.clone(),
                None if self.fields.contains_key(named) && is_list => json!([self.required(named)]),
                None => panic!("what should {input}.{name} be? Add it to the values."),
            };
            (name.to_owned(), value)
        };
        Value::Object(self.fields[input].iter().filter(must).map(value).collect())
    }
}

/// The name of a type without its wrappers, and whether there is a list among them.
fn named_type(wrapped: &Value) -> (&str, bool) {
    let (mut inner, mut is_list) = (wrapped, false);
    while inner["ofType"].is_object() {
        is_list |= inner["kind"] == "LIST";
        inner = &inner["ofType"];
    }
    (inner["name"].as_str().unwrap(), is_list)
}

/// In a document a text can be written with escapes.
#[rstest]
#[tokio::test]
async fn an_escape_in_a_document_is_read_or_refused(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;

    for (text, code) in [
        (r"\u0000", "NOT_FOUND"),
        (r"a\u0000b", "NOT_FOUND"),
        (r"\ud83d\ude00", "GRAPHQL_PARSE_FAILED"),
        (r"\ud800", "GRAPHQL_PARSE_FAILED"),
        (r"\udfff", "GRAPHQL_PARSE_FAILED"),
        (r"\u12", "GRAPHQL_PARSE_FAILED"),
        (r"\x", "GRAPHQL_PARSE_FAILED"),
        ("\0", "NOT_FOUND"),
    ] {
        let answer = acme.owner.query(&format!("{{ organization(slug: \"{text}\") {{ id }} }}")).await;
        assert_eq!(answer.error_code(), code, "{text:?}");
    }
    let block = "{ organization(slug: \"\"\"\n    a\n  é\n \u{2028}\0\"\"\") { id } }";
    assert_eq!(acme.owner.query(block).await.error_code(), "NOT_FOUND");
}
