//! GraphQL over HTTP as the specification says: the audits of the npm package `graphql-http`, MUST, SHOULD and MAY.

use std::{path::Path, process::Command};

use roster_tests::{On, Roster, run};
use serde_json::Value;

/// Where `npm ci` was run, by `tests/with-services`.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/audits");

#[tokio::test]
async fn all_audits_of_graphql_over_http_pass() {
    let roster = Roster::start(On::Sqlite).await;
    assert!(Path::new(FOLDER).join("node_modules").is_dir(), "npm ci --prefix tests/audits has not been run");
    let mut node = Command::new("node");
    node.current_dir(FOLDER).args(["run.js", &format!("{}/graphql", roster.url())]);

    let audited = run(node.into()).await;

    let results: Vec<Value> = serde_json::from_str(audited.succeeds()).unwrap();
    let failed: Vec<_> = results.iter().filter(|result| result["status"] != "ok").collect();
    assert!(failed.is_empty(), "{failed:#?}");
    // As many as there are in the version of the lock file: none was left out.
    assert!(results.len() >= 61, "{} audits", results.len());
}
