//! How much the arguments hold. The library copies a variable's value wherever the document uses it, to check it and to
//! hand it over: a few kilobytes can stand for gigabytes.

use std::collections::HashMap;

use async_graphql::{Name, Positioned, ServerError, Value as Constant, Variables};
use async_graphql_value::Value;

use super::{Limits, limits::over, request_error};

/// An argument as it stands in a document.
pub(super) type Argument = (Positioned<Name>, Positioned<Value>);

/// So many bytes of a text count as one more value: copying them takes about as long.
const BYTES_A_VALUE: usize = 64;

/// Deeper the JSON parser does not go.
const DEPTH: usize = 128;

/// How many values each variable holds, with those in lists and objects.
pub(super) struct Weights(HashMap<String, u64>);

impl Weights {
    pub(super) fn new(variables: &Variables) -> Self {
        Self(variables.iter().map(|(name, value)| (name.to_string(), constant(value))).collect())
    }

    /// How many values this holds, with those of the variables in it.
    pub(super) fn of(&self, value: &Value) -> u64 {
        match value {
            Value::Variable(name) => self.0.get(name.as_str()).copied().unwrap_or(1),
            Value::List(items) => sum(items.iter().map(|item| self.of(item))),
            Value::Object(fields) => sum(fields.values().map(|field| self.of(field))),
            Value::String(text) => of_text(text),
            _ => 1,
        }
    }
}

fn constant(value: &Constant) -> u64 {
    match value {
        Constant::List(items) => sum(items.iter().map(constant)),
        Constant::Object(fields) => sum(fields.values().map(constant)),
        Constant::String(text) => of_text(text),
        _ => 1,
    }
}

fn sum(values: impl Iterator<Item = u64>) -> u64 {
    values.fold(1, u64::saturating_add)
}

fn of_text(text: &str) -> u64 {
    1 + (text.len() / BYTES_A_VALUE) as u64
}

/// Refuses a JSON text with too many values or brackets in brackets, before anything is made of them: counts what can
/// separate values.
pub(in crate::http) fn check_json(json: &[u8], limits: &Limits) -> Result<(), ServerError> {
    let (mut values, mut depth, mut in_text, mut escaped) = (1_u64, 0_usize, false, false);
    for byte in json {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b',') => values += 1,
            (false, b'[' | b'{') => {
                values += 1;
                depth += 1;
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH {
            let message = format!("The request's JSON is nested deeper than {DEPTH} brackets.");
            return Err(request_error("BAD_REQUEST", message));
        }
    }
    if values <= limits.values {
        return Ok(());
    }
    let message = format!(
        "The request holds {values} JSON values, at most {} are taken. Send less at a time.",
        limits.values
    );
    Err(over("TOO_MANY_ITEMS", "limits.values", message))
}
