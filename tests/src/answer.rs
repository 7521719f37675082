//! What the API answers.

use serde_json::Value;

/// A whole response: `data` and `errors`.
#[derive(Clone, Debug)]
pub struct Answer(pub Value);

impl Answer {
    /// The data, of a response without errors.
    #[track_caller]
    pub fn data(&self) -> &Value {
        assert!(self.0.get("errors").is_none(), "{:#}", self.0);
        &self.0["data"]
    }

    /// The value at a JSON pointer into the data, of a response without errors.
    #[track_caller]
    pub fn at(&self, pointer: &str) -> &Value {
        self.data().pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {:#}", self.0))
    }

    /// The text at a JSON pointer into the data.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> String {
        let value = self.at(pointer);
        value.as_str().unwrap_or_else(|| panic!("{pointer} is {value}")).to_owned()
    }

    /// What came of it, in a word: `done`, `unchanged`, or the code of the error, be it the call's or of the first item of a list.
    pub fn outcome(&self) -> &str {
        if let Some(code) = self.0["errors"][0]["extensions"]["code"].as_str() {
            return code;
        }
        let root = self.0["data"].as_object().and_then(|data| data.values().next());
        let root = root.unwrap_or_else(|| panic!("neither data nor an error in {:#}", self.0));
        let errors = [&root["errors"][0]["code"], &root["results"][0]["error"]["code"]];
        let done = if root["changed"] == false { "unchanged" } else { "done" };
        errors.into_iter().find_map(Value::as_str).unwrap_or(done)
    }

    /// The code of the only error.
    #[track_caller]
    pub fn error_code(&self) -> &str {
        let errors = self.0["errors"].as_array().unwrap_or_else(|| panic!("no errors in {:#}", self.0));
        assert_eq!(errors.len(), 1, "{:#}", self.0);
        errors[0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no code in {:#}", self.0))
    }

    /// The sentence of the only error.
    #[track_caller]
    pub fn error_message(&self) -> &str {
        self.error_code();
        self.0["errors"][0]["message"].as_str().expect("an error has a message")
    }
}

impl AsRef<Answer> for Answer {
    fn as_ref(&self) -> &Answer {
        self
    }
}

/// The response to one mutation.
#[derive(Clone, Debug)]
pub struct Payload {
    pub(crate) mutation: String,
    /// The whole response.
    pub answer: Answer,
}

impl AsRef<Answer> for Payload {
    fn as_ref(&self) -> &Answer {
        &self.answer
    }
}

impl Payload {
    /// What came of it, as [`Answer::outcome`] says it.
    pub fn outcome(&self) -> &str {
        self.answer.outcome()
    }

    /// The payload.
    #[track_caller]
    pub fn payload(&self) -> &Value {
        &self.answer.data()[&self.mutation]
    }

    /// The payload, which must say that something was changed, and no errors.
    #[track_caller]
    pub fn succeeds(&self) -> &Value {
        let payload = self.payload();
        assert_eq!(payload["errors"], serde_json::json!([]), "{payload:#}");
        assert_ne!(payload["changed"], false, "{payload:#}");
        payload
    }

    /// The payload, which must say that everything was so before.
    #[track_caller]
    pub fn changes_nothing(&self) -> &Value {
        let payload = self.payload();
        assert_eq!(payload["errors"], serde_json::json!([]), "{payload:#}");
        assert_eq!(payload["changed"], false, "{payload:#}");
        payload
    }

    /// The sentence to show.
    #[track_caller]
    pub fn message(&self) -> &str {
        self.payload()["message"].as_str().unwrap_or_else(|| panic!("no message in {:#}", self.answer.0))
    }

    /// What became of each item of a list: `done`, `unchanged`, or the code of its error.
    #[track_caller]
    pub fn outcomes(&self) -> Vec<&str> {
        let results = self.payload()["results"].as_array().expect("a list of results");
        let outcome = |item: &Value| match item["changed"].as_bool() {
            Some(true) => "done",
            Some(false) => "unchanged",
            None => panic!("not asked for what has changed: {item:#}"),
        };
        results.iter().map(|item| item["error"]["code"].as_str().unwrap_or_else(|| outcome(item))).collect()
    }

    /// The only error, which must have this code: its sentence.
    #[track_caller]
    pub fn fails_with(&self, code: &str) -> &str {
        let errors = self.payload()["errors"].as_array().expect("a list of errors");
        assert_eq!(errors.len(), 1, "{:#}", self.answer.0);
        assert_eq!(errors[0]["code"], code, "{:#}", self.answer.0);
        errors[0]["message"].as_str().expect("an error has a message")
    }

    /// The call must be refused as a whole, with this code: its sentence.
    #[track_caller]
    pub fn is_refused_with(&self, code: &str) -> &str {
        assert_eq!(self.answer.error_code(), code, "{:#}", self.answer.0);
        assert!(self.answer.0["data"][&self.mutation].is_null(), "{:#}", self.answer.0);
        self.answer.error_message()
    }
}
