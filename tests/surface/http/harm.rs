//! All kinds of hostile requests in all sizes, alone and as batches: each is answered as GraphQL wants it, and shortly.

use roster_tests::{Door, hostile};
use serde_json::Value;

/// What is refused is not answered with more than twenty times fifty errors: in bytes, this.
const SHORT: usize = 512 * 1024;

/// What was executed answers no more than `limits.answer_fields` and `limits.introspection_fields` allow: in bytes, this.
const EXECUTED: usize = 2 * 1024 * 1024;

#[tokio::test]
async fn what_is_made_to_do_harm_is_answered_well_formed_and_shortly() {
    let door = Door::open().await;

    let (mut sent, mut refused) = (0, 0);
    for kind in hostile::kinds() {
        for size in hostile::SIZES {
            for body in [kind.at_most(size), kind.batch(size)] {
                let answered = door.post(body).await;
                let answers = answered.well_formed();
                let longest = if answers.iter().any(is_executed) { EXECUTED } else { SHORT };
                let length = answered.body.len();
                assert!(length <= longest, "{} of size {size}: {length} bytes", kind.name);
                sent += answers.len();
                refused += answers.iter().filter(|answer| !is_executed(answer)).count();
            }
        }
    }

    assert!(refused * 2 > sent, "most of it does harm: {refused} refused of {sent}");
    let hello = door.post(br#"{"query":"{ viewer { user { name } } }"}"#.to_vec()).await;
    assert_eq!(hello.well_formed()[0]["data"]["viewer"]["user"]["name"], "Bob");
}

fn is_executed(answer: &Value) -> bool {
    answer.get("data").is_some_and(|data| !data.is_null())
}
