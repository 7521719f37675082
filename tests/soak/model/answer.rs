//! What the API has answered, in the words of the model.

use serde_json::Value;

use super::{
    outcome::Outcome,
    stage::{Stage, key_of},
};

impl Stage {
    pub(super) fn outcome(&self, answer: &Value, payload: &Value) -> Outcome {
        let parts = parts(answer, payload);
        parts.and_then(|parts| self.said(&parts)).unwrap_or_else(|| Outcome::Muddle(format!("{answer:#}")))
    }

    fn said(&self, parts: &Parts<'_>) -> Option<Outcome> {
        let Parts { payload, refused, errors, results } = parts;
        if let Some(code) = refused {
            return payload.is_null().then(|| Outcome::Refused((*code).to_owned()));
        }
        if !results.is_empty() {
            return self.said_of_list(parts);
        }
        if let Some(code) = errors.first() {
            let is_one = errors.len() == 1 && payload["changed"] != true;
            return is_one.then(|| Outcome::Fails((*code).to_owned()));
        }
        if payload["changed"] == false {
            return Some(Outcome::Unchanged);
        }
        let revoked = payload["revokedInvitation"].is_object().then(|| "invitation revoked".to_owned());
        let warnings = payload["warnings"].as_array().filter(|warnings| !warnings.is_empty());
        let warnings = warnings.map(|warnings| format!("{} warnings", warnings.len()));
        let all = revoked.into_iter().chain(warnings).chain(self.also_revoked(payload));
        Some(Outcome::Done(all.collect()))
    }

    fn said_of_list(&self, Parts { payload, errors, results, .. }: &Parts<'_>) -> Option<Outcome> {
        let code = |item: &Value| item["error"]["code"].as_str().map(str::to_owned);
        let word = |item: &Value| match code(item) {
            Some(code) => code,
            None if item["changed"] == false => "unchanged".to_owned(),
            None if item["revokedInvitation"].is_object() => "invitation revoked".to_owned(),
            None => "done".to_owned(),
        };
        let has_changed = results.iter().any(|item| item["changed"] == true);
        let is_clear =
            results.iter().filter_map(code).eq(errors.iter().copied()) && payload["changed"] == has_changed;
        is_clear.then(|| Outcome::Items {
            items: results.iter().map(word).collect(),
            also: self.also_revoked(payload),
            replayed: payload["replayed"] == true,
        })
    }

    fn also_revoked(&self, payload: &Value) -> Vec<String> {
        let revoked = payload["revokedSentInvitations"].as_array().into_iter().flatten();
        let numbers = revoked.map(|it| key_of(&self.invitations, &it["id"]));
        numbers
            .map(|no| no.map_or("a stranger's invitation".to_owned(), |no| format!("{no:?} revoked")))
            .collect()
    }
}

struct Parts<'a> {
    payload: &'a Value,
    /// The call-wide code.
    refused: Option<&'a str>,
    errors: Vec<&'a str>,
    results: &'a [Value],
}

fn parts<'a>(answer: &'a Value, payload: &'a Value) -> Option<Parts<'a>> {
    let codes = |list: &'a Value, pointer: &str| -> Option<Vec<&'a str>> {
        let list = list.as_array().map_or(&[][..], Vec::as_slice);
        list.iter().map(|error| error.pointer(pointer)?.as_str()).collect()
    };
    let refused = codes(&answer["errors"], "/extensions/code")?;
    (refused.len() <= 1).then_some(())?;
    Some(Parts {
        payload,
        refused: refused.first().copied(),
        errors: codes(&payload["errors"], "/code")?,
        results: payload["results"].as_array().map_or(&[], Vec::as_slice),
    })
}
