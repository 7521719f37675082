//! `[limits]`: how much one request may ask for.

use std::ops::RangeInclusive;

use async_graphql::ServerError;
use serde::Deserialize;

use super::request_error;

/// `[limits]`. What is counted over all requests of a batch is marked so there.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in roster.example.toml")]
pub struct Limits {
    pub bytes: usize,
    pub tokens: usize,
    pub name_bytes: usize,
    pub nesting: usize,
    pub operations: usize,
    pub fragments: usize,
    pub variables: usize,
    pub arguments: usize,
    pub fields: u64,
    pub depth: u64,
    pub aliases: u64,
    pub directives: u64,
    pub root_fields: u64,
    pub mutations: u64,
    pub mutation_items: u64,
    pub answer_fields: u64,
    pub introspection_fields: u64,
    pub values: u64,
    pub list_items: usize,
    pub batch: usize,
}

/// More brackets in brackets the library's parser does not take.
const MOST_NESTING: usize = 60;

/// Chained fragments are walked recursively: so many fit on the stack by far.
const MOST_FRAGMENTS: usize = 500;

impl Limits {
    /// What is wrong with them, each with its name.
    pub fn problems(&self) -> Vec<String> {
        const ANY: RangeInclusive<u64> = 1..=u64::MAX;
        let limits = [
            ("bytes", self.bytes as u64, ANY),
            ("tokens", self.tokens as u64, ANY),
            ("name_bytes", self.name_bytes as u64, ANY),
            ("nesting", self.nesting as u64, 1..=MOST_NESTING as u64),
            ("operations", self.operations as u64, ANY),
            ("fragments", self.fragments as u64, 1..=MOST_FRAGMENTS as u64),
            ("variables", self.variables as u64, ANY),
            ("arguments", self.arguments as u64, ANY),
            ("fields", self.fields, ANY),
            ("depth", self.depth, 1..=MOST_NESTING as u64),
            ("aliases", self.aliases, ANY),
            ("directives", self.directives, ANY),
            ("root_fields", self.root_fields, ANY),
            ("mutations", self.mutations, ANY),
            ("mutation_items", self.mutation_items, ANY),
            ("answer_fields", self.answer_fields, ANY),
            ("introspection_fields", self.introspection_fields, ANY),
            ("values", self.values, ANY),
            ("list_items", self.list_items as u64, ANY),
            ("batch", self.batch as u64, ANY),
        ];
        let problem = |(name, value, range): (&str, u64, RangeInclusive<u64>)| {
            let should = match *range.end() {
                u64::MAX => format!("at least {}", range.start()),
                most => format!("from {} to {most}", range.start()),
            };
            (!range.contains(&value)).then(|| format!("limits.{name} should be {should}."))
        };
        limits.into_iter().filter_map(problem).collect()
    }
}

/// The refusal of what is over a limit: its code, the setting's name, and a sentence.
pub(in super::super) fn over(code: &str, limit: &str, message: impl Into<String>) -> ServerError {
    let mut error = request_error(code, message);
    error.extensions.get_or_insert_default().set("limit", limit);
    error
}
