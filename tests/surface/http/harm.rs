//! All kinds of hostile requests in all sizes, alone and as batches: each is answered as GraphQL wants it, and shortly.

use roster_tests::{Door, hostile};
use serde_json::Value;

/// No answer to harm is longer, in bytes, but those about the schema: twenty answers with fifty errors each.
const SHORT: usize = 256 * 1024;

/// The schema in all its detail, as tools ask for it, is shorter than this.
const SCHEMA: usize = 2 * 1024 * 1024;

#[tokio::test]
async fn what_is_made_to_do_harm_is_answered_well_formed_and_shortly() {
    let door = Door::open().await;

    let (mut sent, mut refused) = (0, 0);
    for kind in hostile::kinds() {
        for size in hostile::SIZES {
            for body in [kind.at_most(size), kind.batch(size)] {
                let answered = door.post(body).await;
                let answers = answered.well_formed();
                let longest = if asks_for_the_schema(&answers) { SCHEMA } else { SHORT };
                let length = answered.body.len();
                assert!(length <= longest, "{} of size {size}: {length} bytes", kind.name);
                sent += answers.len();
                refused += answers.iter().filter(|answer| answer.get("data").is_none()).count();
            }
        }
    }

    assert!(refused * 2 > sent, "most of it does harm: {refused} refused of {sent}");
    let hello = door.post(br#"{"query":"{ viewer { user { name } } }"}"#.to_vec()).await;
    assert_eq!(hello.well_formed()[0]["data"]["viewer"]["user"]["name"], "Bob");
}

fn asks_for_the_schema(answers: &[Value]) -> bool {
    let of_schema = |data: &Value| {
        data.as_object().is_some_and(|data| {
            data.values().any(|value| value.get("types").is_some() || value.get("fields").is_some())
        })
    };
    answers.iter().any(|answer| of_schema(&answer["data"]))
}
