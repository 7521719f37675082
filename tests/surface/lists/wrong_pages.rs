//! Pages that cannot be: each is refused with a sentence that says what to do.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use roster_tests::{On, Organization, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use crate::list::List;

fn every_list(acme: &Organization) -> [List; 9] {
    [
        List::members(acme, ""),
        List::members(acme, "orderBy: {field: JOINED_AT}"),
        List::members(acme, "filter: {search: \"o\"}"),
        List::of(acme, "invitations", "", "id"),
        List::of(acme, "groups", "", "id"),
        List::of(acme, "activities", "", "id"),
        List::of(acme, "notifications", "", "id"),
        List::of(acme, "apiTokens", "", "id"),
        List::organizations(&acme.owner),
    ]
}

async fn refused(list: &List, page: Value) -> String {
    let answer = list.ask(page.clone()).await;
    assert_eq!(answer.error_code(), "BAD_USER_INPUT", "{} {page} {:#}", list.name, answer.0);
    answer.error_message().to_owned()
}

#[rstest]
#[tokio::test]
async fn a_size_out_of_range_and_both_first_and_last_are_refused(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;

    for list in every_list(&acme) {
        for (page, sentence) in [
            (json!({ "first": -1 }), "first should be between 0 and 100."),
            (json!({ "first": 101 }), "first should be between 0 and 100."),
            (json!({ "first": i32::MAX }), "first should be between 0 and 100."),
            (json!({ "last": -1 }), "last should be between 0 and 100."),
            (json!({ "last": 101 }), "last should be between 0 and 100."),
            (json!({ "first": 1, "last": 1 }), "Give either first or last, not both."),
        ] {
            assert_eq!(refused(&list, page).await, sentence);
        }
    }
}

#[rstest]
#[tokio::test]
async fn a_cursor_of_another_list_or_order_is_refused(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.group("Design", &[]).await;
    acme.invited("Bob").await;
    acme.api_token_of(&acme.owner).await;
    let mut cursors = Vec::new();
    for list in every_list(&acme) {
        cursors.push(list.page(json!({ "first": 1 })).await.end.unwrap());
    }

    for (mine, list) in every_list(&acme).iter().enumerate() {
        for (of, cursor) in cursors.iter().enumerate() {
            // A filter is not an order: the cursor of a list fits it filtered, too.
            if [mine, of].iter().all(|list| matches!(list, 0 | 2)) || mine == of {
                list.page(json!({ "after": cursor })).await;
                continue;
            }
            for page in [json!({ "after": cursor }), json!({ "before": cursor })] {
                let sentence = refused(list, page).await;
                assert!(sentence.contains("of another list, or of another order"), "{sentence}");
            }
        }
    }
}

/// Cursors are not secret, so anybody can write one. What does not fit the list must not reach the database.
#[rstest]
#[tokio::test]
async fn garbage_and_cursors_that_somebody_made_up_are_refused(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let id = "019a0000-0000-7000-8000-000000000000";
    let made_up = |cursor: Value| BASE64_URL_SAFE_NO_PAD.encode(cursor.to_string());

    let garbage = ["", " ", "0", "null", "💥", "bm9wZQ", "W10", "\0", "a\r\nb", &"A".repeat(10_000)];
    let garbage = garbage.into_iter().map(str::to_owned);
    let by_name = [json!([id, 7]), json!(["ann", "no id"]), json!(["an\0n", id]), json!([[], {}]), json!([])];
    let by_name = by_name.map(|key| made_up(json!(["members by name", key])));
    for cursor in garbage.chain(by_name) {
        let sentence = refused(&List::members(&acme, ""), json!({ "after": cursor })).await;
        assert!(sentence.contains("not a valid cursor"), "{cursor:?}: {sentence}");
    }

    let by_date = ["yesterday", id, "-200000-01-01T00:00:00Z", "+200000-01-01T00:00:00Z"];
    for date in by_date {
        let cursor = made_up(json!(["members by join date", [date, id]]));
        refused(&List::members(&acme, "orderBy: {field: JOINED_AT}"), json!({ "before": cursor })).await;
        let cursor = made_up(json!(["activities", [date, id]]));
        refused(&List::of(&acme, "activities", "", "id"), json!({ "after": cursor })).await;
    }
}
