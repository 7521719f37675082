//! Idempotency keys: a request that is sent again is answered with the first answer, and nothing is done twice.

mod keys;
mod replays;

use roster_tests::{Member, Organization, Payload, Person};
use serde_json::{Value, json};

/// Removes members under a key.
async fn remove(acme: &Organization, caller: &Person, members: &[&Member], key: &str) -> Payload {
    let items: Vec<_> = members.iter().map(|member| json!({ "memberId": member.id })).collect();
    caller.remove_all_with(acme, json!({ "members": items, "idempotencyKey": key })).await
}

fn is_replayed(answer: &Payload) -> bool {
    answer.payload()["replayed"].as_bool().unwrap()
}

/// All of an answer but what it shows of members and invitations, which is as they are now.
fn said(answer: &Payload) -> Value {
    let mut payload = answer.payload().clone();
    payload.as_object_mut().unwrap().remove("replayed");
    for result in payload["results"].as_array_mut().unwrap() {
        for shown in ["member", "invitation", "revokedInvitation"] {
            result.as_object_mut().unwrap().remove(shown);
        }
    }
    payload
}
