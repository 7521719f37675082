//! The three requests, and what is true of their answers.

use roster_tests::Answer;
use serde_json::{Value, json};

use super::scene::Scene;

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Story {
    /// Removing Bob, and revoking the invitation that he has sent.
    Removal,
    /// Inviting two people.
    Invitations,
    /// Removing Bob, Dora, who is invited, and Carla in one list, under an idempotency key.
    MixedList,
}

impl Story {
    /// The document and its input.
    pub(super) fn request(self, scene: &Scene) -> (String, Value) {
        let Scene { organization, bob, carla, dora, groups, .. } = scene;
        let (mutation, fields, input) = match self {
            Story::Removal => {
                ("removeMember", "changed message", json!({ "memberId": bob, "revokeSentInvitations": true }))
            }
            Story::Invitations => {
                let people = json!([{ "email": "eve@example.com", "groupIds": [groups[0]] }, { "email": "finn@example.com" }]);
                let input = json!({ "organizationId": organization, "people": people });
                ("inviteMembers", "changed results { email changed error { code } }", input)
            }
            Story::MixedList => {
                let members = [bob, dora, carla].map(|id| json!({ "memberId": id }));
                let input = json!({ "organizationId": organization, "members": members, "idempotencyKey": "tuesday" });
                let fields = "changed replayed message results { memberId changed message error { code } }";
                ("removeMembers", fields, input)
            }
        };
        let capital = mutation[..1].to_uppercase() + &mutation[1..];
        let document = format!(
            "mutation ($input: {capital}Input!) {{ payload: {mutation}(input: $input) {{ {fields} errors {{ code message }} }} }}"
        );
        (document, input)
    }

    /// The answer says that all that was asked for has been done, and was not so before.
    pub(super) fn was_done_now(self, answer: &Answer) {
        let mut expected = match self {
            Story::Removal => json!({ "message": "Bob was removed from Globex." }),
            Story::Invitations => {
                let result = |email: &str| json!({ "email": email, "changed": true, "error": null });
                json!({ "results": [result("eve@example.com"), result("finn@example.com")] })
            }
            Story::MixedList => {
                let payload = answer.at("/payload");
                let results = payload["results"].as_array().unwrap();
                assert!(results.iter().all(|result| result["changed"] == true), "{payload:#}");
                json!({ "results": results, "message": "3 people were removed from Globex.", "replayed": false })
            }
        };
        expected["changed"] = true.into();
        expected["errors"] = json!([]);
        assert_eq!(answer.at("/payload"), &expected);
    }

    /// The answer says that it had been done before, by the request that was answered like this.
    pub(super) fn was_done_before(self, answer: &Answer, first: &Answer) {
        let payload = answer.at("/payload");
        match self {
            Story::Removal => {
                assert_eq!((&payload["changed"], &payload["errors"]), (&json!(false), &json!([])));
            }
            Story::Invitations => {
                let codes =
                    payload["results"].as_array().unwrap().iter().map(|result| &result["error"]["code"]);
                assert_eq!(codes.collect::<Vec<_>>(), ["ALREADY_INVITED"; 2], "{payload:#}");
            }
            Story::MixedList => {
                let mut replay = first.at("/payload").clone();
                replay["replayed"] = true.into();
                assert_eq!(payload, &replay);
            }
        }
    }

    /// Who is told what, in the order of the addresses.
    pub(super) fn told(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Story::Removal => &[("bob@example.com", "REMOVED"), ("ida@example.com", "INVITATION_REVOKED")],
            Story::Invitations => &[("eve@example.com", "INVITATION"), ("finn@example.com", "INVITATION")],
            Story::MixedList => &[
                ("bob@example.com", "REMOVED"),
                ("carla@example.com", "REMOVED"),
                ("dora@example.com", "INVITATION_REVOKED"),
            ],
        }
    }
}
