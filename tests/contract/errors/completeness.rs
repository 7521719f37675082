//! No error code without a test: a new one fails here until a test of this binary reaches it.

use std::{collections::BTreeSet, fs, path::Path};

use regex::Regex;

use crate::sdl::Sdl;

/// The codes of call-wide errors, which are not in the schema: they stand in `extensions.code`.
const CALL_WIDE: [&str; 9] = [
    "UNAUTHENTICATED",
    "NOT_FOUND",
    "NOT_PERMITTED",
    "BAD_USER_INPUT",
    "TOO_MANY_ITEMS",
    "NO_ITEMS",
    "CONFLICT",
    "IDEMPOTENCY_KEY_REUSED",
    "RATE_LIMITED",
];

#[test]
fn every_error_code_is_reached_by_a_test() {
    let tested = codes_that_tests_expect();
    let promised: BTreeSet<_> = Sdl::of_repository()
        .enum_values("ErrorCode")
        .into_iter()
        .chain(CALL_WIDE.map(str::to_owned))
        .collect();
    let untested: Vec<_> = promised.difference(&tested).collect();
    assert!(untested.is_empty(), "no test in tests/contract/errors expects {untested:?}");
    let unknown: Vec<_> = tested.difference(&promised).collect();
    assert!(unknown.is_empty(), "the schema has no {unknown:?}");
}

/// The codes in `refuses_with("…")` and `is_refused("…")` in the files of this folder.
fn codes_that_tests_expect() -> BTreeSet<String> {
    let expectation = Regex::new(r#"\b(?:refuses_with|is_refused)\("([A-Z_]+)""#).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("contract/errors");
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let mut codes = BTreeSet::new();
    for text in files {
        codes.extend(expectation.captures_iter(&text).map(|found| found[1].to_owned()));
    }
    codes
}
