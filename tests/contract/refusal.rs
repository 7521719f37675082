//! The errors of an answer, and what a test asks of them.

use roster_tests::{Member, Payload};
use serde_json::{Value, json};

/// A typed error in a payload.
pub(crate) struct Refusal<'a>(&'a Value);

pub(crate) trait Refused {
    /// The payload's only error, which must have this code: nothing was done.
    fn refuses_with(&self, code: &str) -> Refusal<'_>;

    /// The typed errors, in the order of the input.
    fn refusals(&self) -> Vec<Refusal<'_>>;

    /// The call-wide error must have this code, stand at the mutation, and be a sentence with these words.
    fn is_refused(&self, code: &str, words: &[&str]);
}

impl Refused for Payload {
    #[track_caller]
    fn refuses_with(&self, code: &str) -> Refusal<'_> {
        let payload = self.payload();
        let errors = self.refusals();
        assert_eq!(errors.len(), 1, "{payload:#}");
        assert_eq!(errors[0].0["code"], code, "{payload:#}");
        assert_ne!(payload["changed"], true, "{payload:#}");
        if payload.get("results").is_none() {
            assert_eq!(payload["message"], Value::Null, "the message says what was done: {payload:#}");
        }
        errors.into_iter().next().unwrap()
    }

    #[track_caller]
    fn refusals(&self) -> Vec<Refusal<'_>> {
        let payload = self.payload();
        let errors = payload["errors"].as_array().unwrap();
        let results = payload["results"].as_array().filter(|results| !results.is_empty());
        if let Some(results) = results {
            let of_items = results.iter().map(|item| &item["error"]).filter(|error| !error.is_null());
            assert!(errors.iter().eq(of_items), "the same errors, in the same order: {payload:#}");
        }
        errors.iter().map(Refusal).collect()
    }

    #[track_caller]
    fn is_refused(&self, code: &str, words: &[&str]) {
        says(self.is_refused_with(code), words);
        let error = &self.answer.0["errors"][0];
        let path = error["path"].as_array().unwrap_or_else(|| panic!("no path in {error:#}"));
        assert_eq!(path.len(), 1, "{error:#}");
        assert_eq!(self.answer.0["data"].get(path[0].as_str().unwrap()), Some(&Value::Null), "{error:#}");
    }
}

impl Refusal<'_> {
    /// The code.
    pub(crate) fn code(&self) -> &str {
        self.0["code"].as_str().unwrap()
    }

    /// It is a sentence that has these words.
    #[track_caller]
    pub(crate) fn says(&self, words: &[&str]) -> &Self {
        says(self.message(), words);
        self
    }

    /// The sentence.
    pub(crate) fn message(&self) -> &str {
        self.0["message"].as_str().unwrap()
    }

    /// It points to this part of the arguments: `input.people.1.email`.
    #[track_caller]
    pub(crate) fn at(&self, path: &str) -> &Self {
        let expected: Vec<_> = path.split('.').collect();
        assert_eq!(self.0["path"], json!(expected), "{:#}", self.0);
        self
    }

    /// It names this member.
    #[track_caller]
    pub(crate) fn about(&self, member: &Member) -> &Self {
        assert_eq!(self.0["memberId"], member.id.as_str(), "{:#}", self.0);
        self
    }

    /// It names no member.
    #[track_caller]
    pub(crate) fn about_nobody(&self) -> &Self {
        assert_eq!(self.0["memberId"], Value::Null, "{:#}", self.0);
        self
    }
}

/// Whole sentences for people, with these words.
#[track_caller]
pub(crate) fn says(message: &str, words: &[&str]) {
    assert!(message.ends_with('.'), "{message}");
    for word in words {
        assert!(message.contains(word), "\"{word}\" is missing: {message}");
    }
}
