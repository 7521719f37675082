//! Lists of people to invite: who cannot be invited is told, the others are.

use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::{Value, json};

#[rstest]
#[tokio::test]
async fn an_address_that_cannot_be_mailed_to_is_told_and_the_others_are_invited(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let wrong = [
        "",
        " ",
        "bob",
        "bob@",
        "@example.com",
        "bob@localhost",
        "bob@example..com",
        "bob@@example.com",
        "bob@exa mple.com",
        "Bob <bob@example.com>",
        "bob@example.com, eve@example.com",
        "bob@example.com\r\nBcc: eve@example.com",
        "bob@example.com\nBcc: eve@example.com",
        "bob\r\n@example.com",
        "bob@example.com\0",
        "bo\0b@example.com",
        "bob@exam\u{7}ple.com",
        "\"bob\\\r\n\"@example.com",
        "\"bob builder\"@example.com",
        "bob@[127.0.0.1]",
        "bob@\u{ad}.com",
        "bøb@example.com",
        "👩‍💻@example.com",
        "bob@\u{202e}example.com",
        "bob@xn--a.com",
        &format!("{}@example.com", "b".repeat(10_000)),
        &format!("bob@{}.com", "x".repeat(70)),
    ];
    let people = wrong.iter().chain(&["good@example.com"]);
    let people: Vec<_> = people.map(|email| json!({ "email": email })).collect();

    let invited = acme.invite_people(&acme.owner, json!(people)).await;

    let results = invited.payload()["results"].as_array().unwrap();
    for (index, email) in wrong.iter().enumerate() {
        let error = &results[index]["error"];
        assert_eq!(error["code"], "INVALID_EMAIL", "{email:?}");
        assert_eq!(error["path"], json!(["input", "people", index.to_string(), "email"]));
        assert!(error["message"].as_str().unwrap().ends_with('.'), "{error}");
        assert_eq!(results[index]["email"], *email);
    }
    assert!(results[wrong.len()]["error"].is_null());
    assert_eq!(acme.members(json!({})).await, ["good@example.com: INVITED", "Olivia: ACTIVE"]);
    assert_eq!(acme.notifications().await, ["INVITATION good@example.com QUEUED"]);
}

#[rstest]
#[tokio::test]
async fn unusual_addresses_are_addresses(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let unusual = [
        "o'brien@example.com",
        "bob+tag@example.com",
        "a.b_c-d=e!f#g$h%i&j*k/l?m^n`o{p|q}r~s@example.com",
        "bob@bücher.example",
        "bob@例え.テスト",
        "x@y.zz",
        &format!("{}@example.com", "b".repeat(64)),
    ];
    let people: Vec<_> = unusual.iter().map(|email| json!({ "email": email })).collect();

    acme.invite_people(&acme.owner, json!(people)).await.succeeds();

    roster.deliver().await;
    for email in unusual {
        let filter = json!({ "search": email });
        assert_eq!(acme.members(filter).await, [format!("{email}: INVITED")]);
    }
    let sent = acme.notifications().await;
    assert!(sent.iter().all(|line| line.ends_with(" SENT")), "{sent:#?}");
}

#[rstest]
#[tokio::test]
async fn one_address_written_in_several_ways_is_one_person(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ways = ["Bob@Example.com", "bob@example.com", " BOB@EXAMPLE.COM ", "bob@example.com\n"];
    let domains = ["eve@bücher.example", "eve@BÜCHER.example", "eve@xn--bcher-kva.example"];
    let people: Vec<_> = ways.iter().chain(&domains).map(|email| json!({ "email": email })).collect();

    let invited = acme.invite_people(&acme.owner, json!(people)).await;

    let results = invited.payload()["results"].as_array().unwrap();
    let codes: Vec<_> = results.iter().map(|result| &result["error"]["code"]).collect();
    let twice = json!("DUPLICATE_IN_REQUEST");
    let ok = Value::Null;
    assert_eq!(codes, [&ok, &twice, &twice, &twice, &ok, &twice, &twice]);
    assert_eq!(acme.members(json!({ "status": ["INVITED"] })).await.len(), 2);
}

#[rstest]
#[tokio::test]
async fn a_list_has_one_to_five_hundred_people(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let people = |count: usize| {
        json!((0..count).map(|i| json!({ "email": format!("p{i}@example.com") })).collect::<Vec<_>>())
    };

    for (count, code) in [(0, "NO_ITEMS"), (501, "TOO_MANY_ITEMS"), (5_000, "TOO_MANY_ITEMS")] {
        let refused = acme.unchanged_by(acme.invite_people(&acme.owner, people(count))).await;
        refused.is_refused_with(code);
    }
    let invited = acme.invite_people(&acme.owner, people(500)).await;
    assert_eq!(invited.succeeds()["message"], "500 people were invited to Acme.");
}

#[rstest]
#[tokio::test]
async fn a_group_that_is_no_group_is_told(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let foreign = roster.organization_of("Zed", "Zeta").await.group("Design", &[]).await;
    let invite = |group: &str| {
        let people = json!([{ "email": "bob@example.com", "groupIds": [group] }]);
        let acme = acme.clone();
        async move { acme.unchanged_by(acme.invite_people(&acme.owner, people)).await }
    };

    for malformed in ["", "group_x", "x\0", acme.id.as_str()] {
        invite(malformed).await.is_refused_with("BAD_USER_INPUT");
    }
    invite(&foreign).await.fails_with("GROUP_NOT_FOUND");
}
