//! What a client was told in the end, person by person.

use serde_json::Value;

use super::errands::Errand;

/// An errand, and the answer to it.
pub(super) struct Told {
    pub(super) errand: Errand,
    pub(super) payload: Value,
    /// How often it was asked.
    pub(super) asked: usize,
    /// How often it may have been done without a word of it: there was no answer, or one that says that nobody knows.
    pub(super) doubts: usize,
    /// What the answers said that nobody knows.
    pub(super) excuses: Vec<String>,
}

/// What a client was told of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Removed or invited now.
    Done,
    /// That was so before.
    Before,
    /// Not done, because of others in the list.
    Nothing,
    /// Refused, with this code.
    Refused(String),
}

impl Told {
    pub(super) fn is_removal(&self) -> bool {
        self.errand.mutation != "inviteMembers"
    }

    /// Everybody in it: the id of a member who was to be removed, the address of who was to be invited.
    pub(super) fn outcomes(&self) -> Vec<(&str, Outcome)> {
        let Value::Array(results) = &self.payload["results"] else {
            let member = self.errand.input["memberId"].as_str().unwrap();
            return vec![(member, self.removal(&self.payload, &self.payload["errors"][0]))];
        };
        let outcome = |result| match self.is_removal() {
            true => (text(result, "memberId"), self.removal(result, &result["error"])),
            false => (text(result, "email"), invitation(result)),
        };
        results.iter().map(outcome).collect()
    }

    /// Those of whom it says that they are removed or invited.
    pub(super) fn settled(&self) -> impl Iterator<Item = (&str, Outcome)> {
        let is_settled = |(_, outcome): &(&str, Outcome)| matches!(outcome, Outcome::Done | Outcome::Before);
        self.outcomes().into_iter().filter(is_settled)
    }

    fn removal(&self, result: &Value, error: &Value) -> Outcome {
        match (error["code"].as_str(), result["changed"].as_bool()) {
            (Some(code), _) => Outcome::Refused(code.to_owned()),
            (None, Some(true)) => Outcome::Done,
            _ if self.errand.is_in_vain => Outcome::Nothing,
            _ => Outcome::Before,
        }
    }
}

fn invitation(result: &Value) -> Outcome {
    match (result["error"]["code"].as_str(), result["member"].is_null()) {
        (Some("ALREADY_INVITED"), _) => Outcome::Before,
        (Some(code), _) => Outcome::Refused(code.to_owned()),
        (None, false) => Outcome::Done,
        (None, true) => Outcome::Nothing,
    }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}"))
}
