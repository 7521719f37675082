//! The export of a person.

use roster_api::person::{COLUMNS, Holds};
use roster_tests::On;
use rstest::rstest;
use serde_json::Value;

use super::world::{ADDRESS, NEEDLES, World};

fn names_bob(text: &str) -> bool {
    NEEDLES.iter().any(|needle| text.to_lowercase().contains(needle))
}

/// Whether a value stands in a document, by itself or as what a JSON text says.
fn stands_in(document: &Value, value: &Value) -> bool {
    document == value
        || match document {
            Value::Array(items) => items.iter().any(|item| stands_in(item, value)),
            Value::Object(fields) => fields.values().any(|field| stands_in(field, value)),
            _ => false,
        }
}

#[rstest]
#[tokio::test]
async fn all_that_any_column_says_about_somebody_is_exported(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::build(on).await;
    let export = world.roster.people().export(world.roster.id_of(ADDRESS).await).await.unwrap();
    let document = serde_json::to_value(&export).unwrap();

    for column in COLUMNS {
        let held = world.roster.column(column.table, column.name).await;
        let held: Vec<_> = held.into_iter().filter(|text| names_bob(text)).collect();
        if let Holds::Nothing(_) = column.holds {
            assert!(held.is_empty(), "{}.{} is said to hold nothing: {held:?}", column.table, column.name);
            continue;
        }
        // The issuer is no name of his, but stands there.
        let held = if column.name == "issuer" { vec!["roster".to_owned()] } else { held };
        assert!(!held.is_empty(), "the world lacks Bob in {}.{}", column.table, column.name);
        for text in held {
            let value = match text.starts_with(['{', '[']) {
                true => serde_json::from_str(&text).unwrap(),
                false => Value::String(text),
            };
            let named = format!("{}.{}: {value:#}", column.table, column.name);
            assert!(stands_in(&document, &value), "{named}\nis not in\n{document:#}");
        }
    }
    assert_eq!(document["format"], 1);
    let files = document["mailFiles"].as_array().unwrap();
    assert!(files.len() > 4, "{files:?}");
}

#[rstest]
#[tokio::test]
async fn nobody_can_act_with_an_export(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::build(on).await;
    let export = world.roster.people().export(world.roster.id_of(ADDRESS).await).await.unwrap();
    let text = serde_json::to_string(&export).unwrap();
    let hex = if on == On::Sqlite { "lower(hex(secret_hash))" } else { "encode(secret_hash, 'hex')" };
    for hash in world.roster.column("api_tokens", hex).await {
        assert!(!text.contains(&hash));
    }
    assert!(!text.to_lowercase().contains("hash") && !text.contains(&world.carols_link), "{text}");
    // The same again is the same, but for the time.
    let again = world.roster.people().export(world.roster.id_of(ADDRESS).await).await.unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
}
